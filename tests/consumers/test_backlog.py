"""Across partitions the oldest records go first, and none waits for one that is not there."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from hypothesis import given
from hypothesis import strategies as st

from consumers.backlog import Backlog, Polled
from consumers.cloudevents import Incoming
from consumers.topics import Place

ORDERS, GOODS = Place("storefront", 0), Place("warehouse", 0)
Times = Mapping[Place, list[list[int]]]


class Chunks:
    """A source that gives one chunk of a partition in each poll."""

    def __init__(self, chunks: Times) -> None:
        self.chunks = {place: list(some) for place, some in chunks.items()}
        self.paused: set[Place] = set()
        self.offsets = dict.fromkeys(chunks, 0)

    def poll(self, timeout: float) -> Polled:
        del timeout
        for place, chunks in self.chunks.items():
            if chunks and place not in self.paused:
                return {place: [self._record(place, at) for at in chunks.pop(0)]}
        return {}

    def _record(self, place: Place, at: int) -> Incoming:
        offset = self.offsets[place]
        self.offsets[place] += 1
        return Incoming(b"", timestamp=at, topic=place.topic, partition=0, offset=offset)

    def pause(self, places: Collection[Place]) -> None:
        self.paused |= set(places)

    def resume(self, places: Collection[Place]) -> None:
        self.paused -= set(places)

    def has_more(self, place: Place) -> bool:
        return bool(self.chunks[place])


def taken(chunks: Times, limit: int) -> list[dict[Place, list[int]]]:
    """What each poll gives, as times, until there is nothing."""
    source, backlog = Chunks(chunks), Backlog(limit)
    found = []
    while polled := backlog.poll(source, list(chunks), 0.0):
        found.append(
            {place: [one.timestamp or 0 for one in some] for place, some in polled.items()}
        )
    assert source.paused == set()
    assert not backlog
    return found


def test_the_oldest_go_first_across_partitions() -> None:
    assert taken({ORDERS: [[1, 2, 7, 8]], GOODS: [[3, 4, 5, 6]]}, limit=4) == [
        {ORDERS: [1, 2], GOODS: [3, 4]},
        {ORDERS: [7, 8], GOODS: [5, 6]},
    ]


def test_a_partition_waits_for_older_records_of_one_that_has_more() -> None:
    assert taken({ORDERS: [[1, 2], [3, 9]], GOODS: [[4, 5, 6, 7]]}, limit=3) == [
        {ORDERS: [1, 2, 3]},
        {GOODS: [4, 5, 6]},
        {GOODS: [7], ORDERS: [9]},
    ]


def test_a_partition_that_has_no_more_is_not_waited_for() -> None:
    assert taken({ORDERS: [], GOODS: [[1, 2]]}, limit=10) == [{GOODS: [1, 2]}]


def test_records_that_do_not_come_are_not_waited_for_long() -> None:
    source, backlog = Chunks({ORDERS: [[9]], GOODS: [[1]]}), Backlog(10)
    source.pause([ORDERS])  # it has more, and gives none
    assert list(backlog.poll(source, [ORDERS, GOODS], 0.0)) == [GOODS]


def test_a_clock_that_runs_backwards_changes_no_partitions_own_order() -> None:
    assert taken({ORDERS: [[5, 1, 6]], GOODS: [[2, 3]]}, limit=3) == [
        {GOODS: [2, 3], ORDERS: [5]},
        {ORDERS: [1, 6]},
    ]


def test_what_waits_of_a_partition_can_be_dropped() -> None:
    source, backlog = Chunks({ORDERS: [[1, 5]], GOODS: [[2, 6]]}), Backlog(2)
    assert set(backlog.poll(source, [ORDERS, GOODS], 0.0)) == {ORDERS, GOODS}
    backlog.forget([ORDERS])
    left = backlog.poll(source, [ORDERS, GOODS], 0.0)
    assert {place: [one.offset for one in some] for place, some in left.items()} == {GOODS: [1]}


@given(
    st.lists(st.lists(st.integers(0, 20), min_size=1, max_size=5), max_size=4),
    st.lists(st.lists(st.integers(0, 20), min_size=1, max_size=5), max_size=4),
    st.integers(1, 8),
)
def test_every_record_comes_once_in_the_order_of_its_partition(
    orders: list[list[int]], goods: list[list[int]], limit: int
) -> None:
    found = taken({ORDERS: orders, GOODS: goods}, limit)
    assert all(sum(map(len, batch.values())) <= limit for batch in found)
    for place, chunks in ((ORDERS, orders), (GOODS, goods)):
        read = [at for batch in found for at in batch.get(place, [])]
        assert read == [at for chunk in chunks for at in chunk]
