"""The event store in memory: the checks of the real one, and named points where it breaks."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any
from uuid import UUID

from application.reading import Streams
from application.recording import (
    Append,
    Recorded,
    StalePosition,
    Statement,
    Step,
    VersionTaken,
)
from domain.events import Event

Tables = dict[str, dict[Any, Any]]
"""Tables beside the log: rows, which are never changed in place, by their keys."""

Change = Callable[[Tables], None]
"""A statement of the caller's. It may raise `Conflict`; then nothing is written."""

Trouble = Callable[[str], None]
"""Called at "read", "load", "append" (nothing is written yet) and "committed" (all of it is).

It may let others run, raise `StoreUnavailable`, or raise `Died`.
"""


class Died(BaseException):
    """The process that called is dead. Only who starts processes may catch this."""


def calm(_: str) -> None:
    """No trouble."""


def statement(change: Change, *what: object) -> Statement:
    """What the memory store does where the real one would run SQL; `what` it writes, for proofs."""
    return Statement("in memory", (change, *what))


class MemoryStore:
    """One log of many streams, positions, and tables. What is written is never lost."""

    def __init__(self, trouble: Trouble = calm) -> None:
        self.log: list[Recorded] = []
        self.streams: dict[UUID, list[Event]] = {}
        self.stored_positions: dict[str, int] = {}
        self.tables: Tables = {}
        self.trouble = trouble
        self.written: Callable[[Sequence[Append], Sequence[Statement]], None] = lambda *_: None
        """Told of each transaction before it is written: for proofs."""

    def append(
        self,
        appends: Sequence[Append],
        steps: Sequence[Step] = (),
        also: Sequence[Statement] = (),
    ) -> int | None:
        """Write all of it, or raise `Conflict` and write nothing. As `EventStore.append`."""
        self.trouble("append")
        self._compare(appends, steps)
        tables = {name: dict(rows) for name, rows in self.tables.items()} if also else self.tables
        for one in also:
            one.params[0](tables)  # type: ignore[index]
        self.written(appends, also)
        self.tables = tables
        self.stored_positions.update((step.name, step.new) for step in steps)
        position = self._write(appends)
        self.trouble("committed")
        return position

    def _compare(self, appends: Sequence[Append], steps: Sequence[Step]) -> None:
        for step in sorted(steps):
            if self.stored_positions.get(step.name) != step.expected:
                raise StalePosition(step)
        for stream, first_version, events in appends:
            version = len(self.streams.get(stream, ()))
            if events and first_version <= version:
                raise VersionTaken(f"version {first_version} of {stream}")
            assert first_version == version + 1, f"a gap before version {first_version}"

    def _write(self, appends: Sequence[Append]) -> int | None:
        for stream, first_version, events in appends:
            self.streams.setdefault(stream, []).extend(events)
            for version, event in enumerate(events, first_version):
                self.log.append(Recorded(len(self.log) + 1, stream, version, event))
        return len(self.log) if any(append.events for append in appends) else None

    def load(self, stream_ids: Collection[UUID], upto: int | None = None) -> Streams:
        """Versions and events of each stream; an unknown one has none."""
        assert upto is None, "the simulation does not look back"
        self.trouble("load")
        return {one: list(enumerate(self.streams.get(one, ()), 1)) for one in stream_ids}

    def read(self, after: int, limit: int) -> list[Recorded]:
        """Up to `limit` events behind position `after`, in the order of the log."""
        self.trouble("read")
        return self.log[after : after + limit]

    def head(self) -> int:
        """The position of the last event; 0 in an empty log."""
        return len(self.log)

    def positions(self, prefix: str = "") -> dict[str, int]:
        """Stored positions by name, of the names that begin with `prefix`."""
        self.trouble("read")
        found = self.stored_positions.items()
        return {name: place for name, place in found if name.startswith(prefix)}
