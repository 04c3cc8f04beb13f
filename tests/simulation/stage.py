"""Lets processes run, one inside another's wait, and breaks them where the seed says."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from application.recording import StoreUnavailable
from tests.simulation.actors import Actor
from tests.simulation.habits import Habits
from tests.simulation.store import Died

MOST_NESTED = 3


class Stage:
    """The processes of the service by name. While one waits for the store, others may run."""

    def __init__(
        self, random: Random, habits: Habits, begin: dict[str, Callable[[], Actor]]
    ) -> None:
        self.habits = habits
        self.told: list[str] = []
        """What broke, and when others ran in between, for a story."""
        self._random = random
        self._begin = begin
        self._actors: dict[str, Actor] = {}
        self._running: list[str] = []

    def calm_down(self) -> None:
        """From now on nothing breaks."""
        self.habits = self.habits.calm()

    def turn(self) -> bool:
        """Let one process, by lot, do a step; false: it had nothing to do."""
        free = [name for name in self._begin if name not in self._running]
        return self.let(self._random.choice(free))

    def let(self, name: str) -> bool:
        """Let a process do a step, and begin anew later if it dies of it."""
        self._running.append(name)
        try:
            actor = self._actors.get(name)
            if actor is None:
                actor = self._actors[name] = self._begin[name]()
            return actor.step()
        except StoreUnavailable:
            return True  # it could not even begin
        except Died:
            self.told.append(f"{name} died")
            self._actors.pop(name, None)
            return True
        finally:
            self._running.pop()

    def trouble(self, point: str) -> None:
        """What happens to the process that runs while it waits for the store."""
        if not self._running:
            return
        habits = self.habits
        while len(self._running) < MOST_NESTED and self._happens(habits.interleaved / 2):
            self.told.append(f"{self._running[-1]} waits at {point!r}")
            self.turn()
        if point == "committed":
            self._break(
                habits.unknown_commit / 2, "does not hear that it committed", habits.dies / 3
            )
        else:
            self._break(habits.unavailable / 8, f"has no database at {point!r}", habits.dies / 10)

    def _break(self, unavailable: float, what: str, dies: float) -> None:
        if self._happens(unavailable):
            self.told.append(f"{self._running[-1]} {what}")
            raise StoreUnavailable(what)
        if self._happens(dies):
            raise Died

    def fails(self, point: str) -> bool:
        """Whether a send of the process that runs is not acknowledged."""
        failed = self._happens(self.habits.send_unknown / 8)
        if failed:
            self.told.append(f"{self._running[-1]} does not know at {point!r}")
        return failed

    def _happens(self, rate: float) -> bool:
        return rate > 0 and self._random.random() < rate
