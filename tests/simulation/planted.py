"""Faults of the service's processes, each planted by replacing one function of theirs."""

# ruff: noqa: ANN401 - a fault takes whatever the right function takes
from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from itertools import count
from typing import Any, NamedTuple

from application.deadlines import LEASE
from application.late_cancellations import LateCancellations
from application.recording import Append, StalePosition, Step, VersionTaken
from consumers import saying
from tests.simulation import actors, deadlines, store
from tests.simulation.broker import SendUnknown
from tests.walk.replacing import replaced


class Planted(NamedTuple):
    """A fault by what goes wrong: a function, and what it is replaced by."""

    fault: str
    where: object
    name: str
    wrong: Callable[[Any], Any]
    """Makes the wrong function of the right one."""

    def plant(self) -> AbstractContextManager[None]:
        """The fault, for a while."""
        return replaced(self.where, **{self.name: self.wrong(vars(self.where)[self.name])})


def _drops_position(right: Any) -> Any:
    """The runner commits its work, and not how far it read."""

    def wrong(self: Any, looks: Any, steps: Any) -> None:
        del steps
        right(self, looks, [])

    return wrong


def _position_first(right: Any) -> Any:
    """The runner commits how far it read before its work."""

    def wrong(self: Any, looks: Any, steps: Any) -> None:
        if steps:
            self._log.append([], steps)
        right(self, looks, [])

    return wrong


def _swallows_conflict(right: Any) -> Any:
    """Where somebody was faster, the rest is committed, as if the events were written."""

    def wrong(self: Any, looks: Any, steps: Any) -> None:
        try:
            right(self, looks, steps)
        except VersionTaken:
            if steps:
                self._log.append([], steps)

    return wrong


def _only_grows(right: Any) -> Any:
    """Positions need only grow, and versions are given anew: whoever is stale writes, too."""

    def wrong(self: Any, appends: list[Append], steps: list[Step]) -> None:
        del appends
        for step in steps:
            if self.stored_positions.get(step.name, -1) >= step.new:
                raise StalePosition(step)

    del right
    return wrong


def _leased_for_ever(right: Any) -> Any:
    """What a dead process had claimed stays claimed."""
    del right

    def wrong(row: Any, now: int) -> Any:
        return row._replace(leased_until=now + 10**9 * LEASE)

    return wrong


def _sends_again_as_new(right: Any) -> Any:
    """What is sent again gets an id of its own."""
    numbers = count()
    return lambda *cause: f"{right(*cause)}-{next(numbers)}"


def _skips_failed(right: Any) -> Any:
    """A send whose answer is an error is taken for done."""

    def wrong(self: Any, message: Any) -> None:
        with suppress(SendUnknown):
            right(self, message)

    return wrong


def _relay_moves_first(right: Any) -> Any:
    """The relay moves its position before it sends."""

    def wrong(self: Any, batch: Any) -> None:
        self._move(batch[-1].position)
        for message in self._said(batch):
            self._send(message)

    del right
    return wrong


PLANTED = [
    Planted("a dropped position", LateCancellations, "_write", _drops_position),
    Planted("a position before its work", LateCancellations, "_write", _position_first),
    Planted("a conflict is swallowed", LateCancellations, "_write", _swallows_conflict),
    Planted("a stale owner is accepted", store.MemoryStore, "_compare", _only_grows),
    Planted("a lease never ends", deadlines, "leased", _leased_for_ever),
    Planted("what is sent again has another id", saying, "id_of", _sends_again_as_new),
    Planted("the relay skips a send that failed", actors.Relay, "_send", _skips_failed),
    Planted("the relay moves on before it sends", actors.Relay, "_publish", _relay_moves_first),
]
