"""Records of several partitions in one order, and the newest records of one."""

from __future__ import annotations

from consumers.cloudevents import BadMessage, Incoming
from consumers.dead_limit import WINDOW, DeadLimit, Window
from consumers.polled import Item, by_place, last_offsets, merged
from consumers.record_batches import Source, Unreadable
from consumers.topics import Place, Topics

STOREFRONT, WAREHOUSE = Place("t.storefront", 0), Place("t.warehouse", 0)
BAD = BadMessage("value", "not_json", "is no JSON")


def items(place: Place, *times: int) -> list[Item]:
    return [
        (Incoming(b"", topic=place.topic, partition=0, offset=number, timestamp=time), BAD)
        for number, time in enumerate(times)
    ]


def test_records_of_several_partitions_come_in_the_order_of_their_times() -> None:
    heard = {WAREHOUSE: items(WAREHOUSE, 2, 4), STOREFRONT: items(STOREFRONT, 1, 3, 5)}
    assert [record.timestamp for record, _ in merged(heard)] == [1, 2, 3, 4, 5]


def test_a_partition_keeps_its_own_order_whatever_its_clock_says() -> None:
    late, early = items(WAREHOUSE, 9, 1, 8), items(STOREFRONT, 2, 10)
    assert merged({WAREHOUSE: late, STOREFRONT: early}) == [early[0], *late, early[1]]


def test_an_unreadable_batch_reaches_to_its_last_offset() -> None:
    bad = Unreadable(Source("t.warehouse", 0, "warehouse"), 3, 9, 0, b"", "corrupt_record", "")
    good = items(WAREHOUSE, 1)[0][0]
    assert last_offsets([good, bad]) == {WAREHOUSE: 9}
    assert by_place([good, bad], ["recorded", "dead"]) == {WAREHOUSE: ["recorded", "dead"]}


def window(limit: DeadLimit, dead: int, good: int) -> Window:
    found = Window(limit)
    for _ in range(dead):
        found.add(dead=True)
    found.add_good(good)
    return found


def test_more_than_half_and_at_least_so_many_are_too_many() -> None:
    limit = DeadLimit(share=0.5, at_least=100)
    assert not window(limit, dead=99, good=0).over
    assert window(limit, dead=100, good=0).over
    assert window(limit, dead=100, good=99).over
    assert not window(limit, dead=100, good=100).over


def test_only_the_newest_records_count() -> None:
    limit = DeadLimit(share=0.5, at_least=100)
    assert window(limit, dead=600, good=399).over
    assert not window(limit, dead=600, good=WINDOW - 500).over
    assert not window(limit, dead=5_000, good=10_000).over


def test_a_topic_gives_the_right_to_speak_by_its_whole_name() -> None:
    topics = Topics("countermand.")
    assert topics.channel("countermand.warehouse") == "warehouse"
    assert topics.channel("warehouse") is None
    assert topics.channel("countermand.orders") is None
