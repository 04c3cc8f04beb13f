"""Lets writers of one order write in turns, after all of them have decided on the same version.

So the order in which they come is sure, and so is that all but the first are overtaken.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from threading import Condition
from uuid import UUID

from typing_extensions import override

from application.event_store import Append, EventStore, Statement, Step
from domain.events import Delivered

_LONGEST = 120


class Turns:
    """The turns of one order: a letter for each writer, `D` for who begins after another one."""

    def __init__(self, turns: str) -> None:
        self._left = list(turns)
        self._deciding = set(turns) - {"D"}
        self._changed = Condition()

    def wait(self, who: str) -> None:
        """Say that somebody has decided, and return when it is its turn."""
        with self._changed:
            self._deciding.discard(who)
            self._changed.notify_all()
            if not self._changed.wait_for(lambda: self._is_turn(who), _LONGEST):
                raise TimeoutError(f"{who} waited for its turn: {self._left}, {self._deciding}")

    def _is_turn(self, who: str) -> bool:
        return not self._deciding and self._left[0] == who

    def over(self, who: str) -> None:
        """Somebody has its answer: the next one may write."""
        with self._changed:
            self._left.remove(who)
            self._changed.notify_all()


class Steered(EventStore):
    """A store of one writer, who waits for its turn before each write of a steered order."""

    who: str
    turns: Mapping[UUID, Turns]
    """By the order's stream."""

    @override
    def append(
        self,
        appends: Sequence[Append],
        steps: Sequence[Step] = (),
        also: Sequence[Statement] = (),
    ) -> int | None:
        for one in appends:
            if one.stream_id in self.turns:
                is_later = any(isinstance(event, Delivered) for event in one.events)
                self.turns[one.stream_id].wait("D" if is_later else self.who)
        return super().append(appends, steps, also)


def steered(url: str, who: str, turns: Mapping[UUID, Turns]) -> Steered:
    """Open the store of one writer."""
    store = Steered.open(url)
    store.who, store.turns = who, turns
    return store
