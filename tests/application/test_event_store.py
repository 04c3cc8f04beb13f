"""The store on a real PostgreSQL: what is appended is read back, in order, once."""

from __future__ import annotations

import psycopg
import pytest

from application.event_store import (
    CHANNEL,
    Append,
    Conflict,
    EventStore,
    OrderEvent,
    Recorded,
    Statement,
    Step,
    UnreadableEvent,
    VersionTaken,
    stream_id,
)
from domain.events import Delivered, Event, RefundFailed

DELIVERED = Delivered(
    occurred_at=1, recorded_at=2, source="warehouse", message_id="m1", shipment_id="S1"
)
FAILED = RefundFailed(
    occurred_at=3, recorded_at=4, source="bank", message_id="m2", refund_id="r-1", reason="closed"
)
A, B = stream_id("A"), stream_id("B")


def test_what_is_appended_is_read_back_in_order(store: EventStore) -> None:
    last = store.append([Append(A, 1, [DELIVERED, FAILED]), Append(B, 1, [FAILED])])

    assert store.read(0, 10) == [
        Recorded(1, A, 1, DELIVERED),
        Recorded(2, A, 2, FAILED),
        Recorded(3, B, 1, FAILED),
    ]
    assert last == store.head() == 3


def test_an_empty_log_ends_at_0(store: EventStore) -> None:
    assert store.head() == 0
    assert store.read(0, 10) == []
    assert list(store.scan()) == []
    assert store.positions() == {}


def test_reading_goes_on_behind_a_position(store: EventStore) -> None:
    store.append([Append(A, 1, [DELIVERED] * 5)])

    assert [one.position for one in store.read(2, 2)] == [3, 4]


def test_a_scan_gives_the_whole_log_in_pages(store: EventStore) -> None:
    store.append([Append(A, 1, [DELIVERED] * 5)])

    pages = list(store.scan(page=2))

    assert [[one.position for one in page] for page in pages] == [[1, 2], [3, 4], [5]]


def test_a_scan_ends_where_it_is_told(store: EventStore) -> None:
    store.append([Append(A, 1, [DELIVERED] * 5)])

    pages = list(store.scan(after=1, upto=4, page=2))

    assert [[one.position for one in page] for page in pages] == [[2, 3], [4]]


def test_orders_are_loaded_in_one_go_each_by_version(store: EventStore) -> None:
    store.append([Append(A, 1, [DELIVERED]), Append(B, 1, [FAILED]), Append(A, 2, [FAILED])])

    assert store.load([A, B]) == {A: [(1, DELIVERED), (2, FAILED)], B: [(1, FAILED)]}


def test_an_unknown_order_has_no_events(store: EventStore) -> None:
    assert store.load([A]) == {A: []}
    assert store.load([]) == {}


def test_an_order_is_loaded_as_of_a_position(store: EventStore) -> None:
    store.append([Append(A, 1, [DELIVERED]), Append(B, 1, [FAILED]), Append(A, 2, [FAILED])])

    assert store.load([A], upto=2) == {A: [(1, DELIVERED)]}


def test_a_version_is_written_once(store: EventStore) -> None:
    store.append([Append(A, 1, [DELIVERED])])

    with pytest.raises(VersionTaken, match=str(A)):
        store.append([Append(B, 1, [FAILED]), Append(A, 1, [FAILED])])

    assert store.read(0, 10) == [Recorded(1, A, 1, DELIVERED)]


def test_the_same_version_twice_in_one_append_is_refused(store: EventStore) -> None:
    with pytest.raises(VersionTaken):
        store.append([Append(A, 1, [DELIVERED]), Append(A, 1, [FAILED])])


def test_the_callers_rows_are_written_with_the_events(store: EventStore) -> None:
    note = Statement(
        "INSERT INTO countermand.notes VALUES (%(ref)s, 'A', 'please', 1)", {"ref": "n1"}
    )

    store.append([Append(A, 1, [DELIVERED])], [Step("kafka/x/0", None, 7)], [note])

    with store.connection() as conn:
        assert conn.execute("SELECT note_ref FROM countermand.notes").fetchall() == [("n1",)]


def test_a_verification_that_fails_rolls_everything_back(store: EventStore) -> None:
    store.append([Append(B, 1, [FAILED])])
    seen: list[list[tuple[object, ...]]] = []

    def verify(rows: list[tuple[object, ...]]) -> None:
        seen.append(rows)
        raise Conflict("an order came meanwhile")

    count = Statement("SELECT count(*) FROM countermand.orders_events", (), verify)
    with pytest.raises(Conflict, match="meanwhile"):
        store.append([Append(A, 1, [DELIVERED])], [Step("kafka/x/0", None, 7)], [count])

    assert seen == [[(2,)]]
    assert store.positions() == {}
    assert store.load([A, B]) == {A: [], B: [(1, FAILED)]}


def test_a_callers_error_rolls_everything_back(store: EventStore) -> None:
    broken = Statement("SELECT 1 / 0")

    with pytest.raises(psycopg.errors.DivisionByZero):
        store.append([Append(A, 1, [DELIVERED])], [Step("kafka/x/0", None, 7)], [broken])

    assert (store.head(), store.positions()) == (0, {})


def test_an_append_wakes_the_followers_with_its_position(
    store: EventStore, postgres_url: str
) -> None:
    with psycopg.connect(postgres_url, autocommit=True) as listener:
        listener.execute(f"LISTEN {CHANNEL}".encode())

        store.append([Append(A, 1, [DELIVERED, FAILED])])

        assert [one.payload for one in listener.notifies(timeout=90, stop_after=1)] == ["2"]


def test_changed_bytes_are_said_with_their_position(store: EventStore) -> None:
    store.append([Append(A, 1, [DELIVERED, FAILED])])
    with store.connection() as conn:
        conn.execute("UPDATE countermand.orders_events SET state = '{}' WHERE notification_id = 2")

    with pytest.raises(UnreadableEvent, match="position 2"):
        store.read(0, 10)
    with pytest.raises(UnreadableEvent, match="version 2"):
        store.load([A])


def test_the_library_itself_reads_and_writes_the_same_rows(store: EventStore) -> None:
    events: list[Event] = [DELIVERED, FAILED]
    store._log.events.put(
        [OrderEvent(A, n, event) for n, event in enumerate(events, 1)],
        steps=[Step("kafka/x/0", None, 7)],
    )

    assert list(store._log.events.get(A)) == [OrderEvent(A, 1, DELIVERED), OrderEvent(A, 2, FAILED)]
    assert store.load([A]) == {A: [(1, DELIVERED), (2, FAILED)]}
    assert store.positions() == {"kafka/x/0": 7}


def test_an_order_has_its_stream_for_ever() -> None:
    assert str(stream_id("order-1")) == "8f840371-126d-5d0e-aa8d-2c0fa3178c78"
