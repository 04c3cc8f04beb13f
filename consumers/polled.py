"""What a poll brought: records of several partitions, heard, in one order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate

from consumers.batch import Record, Said
from consumers.record_batches import Unreadable
from consumers.topics import Place

Item = tuple[Record, Said]


def merged(heard: Mapping[Place, list[Item]]) -> list[Item]:
    """Put the records of several partitions into one order, by time; each keeps its own.

    Close to the order in which things happened, so that few messages have to wait for their order.
    """
    if len(heard) == 1:
        return next(iter(heard.values()))
    items = [item for some in heard.values() for item in some]
    times: list[int] = []
    for some in heard.values():
        times += accumulate((record.timestamp or 0 for record, _ in some), max)
    return [items[number] for number in sorted(range(len(items)), key=times.__getitem__)]


def last_offsets(records: Sequence[Record]) -> dict[Place, int]:
    """Return how far the records of each partition reach."""
    last: dict[tuple[str, int], int] = {}
    for record in records:
        if isinstance(record, Unreadable):
            last[record.source.topic, record.source.partition] = record.last
        else:
            last[record.topic, record.partition] = record.offset  # type: ignore[index, assignment]
    return {Place(*key): offset for key, offset in last.items()}


def by_place(records: Sequence[Record], outcomes: Sequence[str]) -> dict[Place, list[str]]:
    """Sort outcomes by the partition that their records came from."""
    found: dict[Place, list[str]] = {}
    for record, outcome in zip(records, outcomes, strict=True):
        found.setdefault(_place(record), []).append(outcome)
    return found


def _place(record: Record) -> Place:
    if isinstance(record, Unreadable):
        return Place(record.source.topic, record.source.partition)
    return Place(record.topic or "", record.partition or 0)
