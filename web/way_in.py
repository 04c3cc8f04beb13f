"""The one way in for messages that come by HTTP: borrowed by one request at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from queue import Empty, LifoQueue

from consumers.intake import Intake
from web.parts import Parts

_CACHED = 1_000
"""Orders that each keeps in memory: other processes write to them, too."""


class WayIn:
    """As many intakes as are needed at once."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._idle: LifoQueue[Intake] = LifoQueue()

    @contextmanager
    def borrowed(self) -> Iterator[Intake]:
        """An intake of one's own for a while."""
        try:
            intake = self._idle.get_nowait()
        except Empty:
            intake = self._new()
        yield intake
        self._idle.put(intake)  # after an error it is not used again

    def _new(self) -> Intake:
        parts = self._parts
        return Intake(parts.store, cached_orders=_CACHED, policy=parts.policy, now=parts.clock)
