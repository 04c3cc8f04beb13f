"""Records that were polled and wait for their turn: across partitions, the oldest go first.

An order's messages come on several topics, a chunk of one partition at a time. Taken as they come,
one topic runs ahead of the others whenever there is much to read: facts would be parked, and
requests refused because of facts that came long after them.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Mapping
from itertools import accumulate, chain
from typing import Protocol

from consumers.batch import Record
from consumers.topics import Place

SHORT = 0.05
"""Seconds that records at hand wait for older ones of a partition that has more."""

Polled = dict[Place, list[Record]]


class Source(Protocol):
    """What the records come from: a `Member`."""

    def poll(self, timeout: float) -> Polled: ...
    def pause(self, places: Collection[Place]) -> None: ...
    def resume(self, places: Collection[Place]) -> None: ...
    def has_more(self, place: Place) -> bool: ...


class _Held:
    """Records of one partition, with times that never go back."""

    __slots__ = ("records", "times")

    def __init__(self, records: list[Record]) -> None:
        self.records = records
        self.times = list(accumulate([record.timestamp or 0 for record in records], max))

    def take(self, number: int) -> list[Record]:
        taken, self.records = self.records[:number], self.records[number:]
        self.times = self.times[number:]
        return taken


class Backlog:
    """What was polled and not taken yet: at most one poll's records of each partition.

    `limit` is how many are taken at once.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._held: dict[Place, _Held] = {}

    def __bool__(self) -> bool:
        return bool(self._held)

    def forget(self, places: Collection[Place] | None = None) -> None:
        """Drop what waits of these partitions; None: of all."""
        for place in list(self._held) if places is None else places:
            self._held.pop(place, None)

    def poll(self, source: Source, places: Collection[Place], timeout: float) -> Polled:
        """Return the next records; wait up to `timeout` seconds if there are none.

        A partition of which some wait is paused, so that it does not fill the memory.
        """
        taken: Polled = {}
        left, is_more = self._limit, True
        while left and is_more:
            is_more = self._fill(source, places, SHORT if taken else timeout)
            left -= self._take(source, left, taken)
        return taken

    def _fill(self, source: Source, places: Collection[Place], timeout: float) -> bool:
        """Poll until no partition may have older records than those that wait.

        False: nothing was polled, because there is no need to or because nothing comes.
        """
        came = False
        while self._lacks(source, places):
            polled = source.poll(SHORT if self._held else timeout)
            if not polled:
                return False
            came = True
            source.pause(polled)
            for place, records in polled.items():
                self._held[place] = _Held(records)
        return came

    def _take(self, source: Source, limit: int, taken: Polled) -> int:
        due = self._due(source, limit)
        for place, number in due.items():
            taken.setdefault(place, []).extend(self._held[place].take(number))
        empty = [place for place in due if not self._held[place].records]
        self.forget(empty)
        source.resume(empty)
        return sum(due.values())

    def _lacks(self, source: Source, places: Collection[Place]) -> bool:
        if not self._held:
            return True
        return any(place not in self._held and source.has_more(place) for place in places)

    def _due(self, source: Source, limit: int) -> dict[Place, int]:
        """How many of each partition come next: up to where all that have more are known."""
        upto = min(
            (held.times[-1] for place, held in self._held.items() if source.has_more(place)),
            default=max((held.times[-1] for held in self._held.values()), default=0),
        )
        numbers = {place: bisect_right(held.times, upto) for place, held in self._held.items()}
        if sum(numbers.values()) > limit:
            numbers = self._oldest(numbers, limit)
        return {place: number for place, number in numbers.items() if number}

    def _oldest(self, numbers: Mapping[Place, int], limit: int) -> dict[Place, int]:
        """Of the first so many of each partition, only as many as the limit allows."""
        times = {place: self._held[place].times[:number] for place, number in numbers.items()}
        last = sorted(chain.from_iterable(times.values()))[limit - 1]
        chosen = {place: bisect_left(some, last) for place, some in times.items()}
        left = limit - sum(chosen.values())
        for place, some in times.items():
            more = min(left, bisect_right(some, last) - chosen[place])
            chosen[place] += more
            left -= more
        return chosen
