"""A trace context travels from the record that brought it to the messages that come of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from application.event_store import Append, EventStore, process_stream_id, stream_id
from consumers.intake import Intake
from consumers.kafka import KafkaSettings
from consumers.publish import Publisher
from consumers.traces import Trace, trace_of
from domain.events import RefundRequested
from domain.items import Item
from domain.process_events import SOURCE, StopRequested
from tests.support.following import LATER
from tests.support.recorded import START
from tests.support.saying import Said, cancel, encoded, placed, record
from tests.support.streams import emptied
from tests.support.topics_out import Read, read

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
OTHER = "00-11111111111111111111111111111111-2222222222222222-00"
STATE = "vendor=opaque,other=1"
BARE = encoded(placed("A"))


def headers(parent: str, state: str | None = None) -> tuple[tuple[str, bytes], ...]:
    told = (("traceparent", parent.encode()),)
    return told if state is None else (*told, ("tracestate", state.encode()))


@pytest.fixture
def store(module_postgres_url: str) -> Iterator[EventStore]:
    with emptied(module_postgres_url) as opened:
        yield opened


def published(url: str, store: EventStore, kafka: KafkaSettings) -> dict[tuple[str, str], Any]:
    """Topic and type to the trace headers that the message has."""
    Publisher(url, store, kafka, lambda: LATER).catch_up(40)
    channels = ("orders", "warehouse-requests", "payment-requests", "buyer-notices")
    return {(one.channel, one.said["type"]): _traced(one) for one in read(kafka, *channels)}


def _traced(one: Read) -> tuple[tuple[str, bytes], ...]:
    return tuple(header for header in one.headers if header[0].startswith("trace"))


def take(store: EventStore, *said: Said, **where: Any) -> None:  # noqa: ANN401
    assert "dead" not in Intake(store).take([record(one, **where) for one in said]).outcomes


def test_headers_carry_a_context() -> None:
    assert trace_of(record(BARE, headers=headers(PARENT, STATE))) == Trace(PARENT, STATE)
    assert trace_of(record(BARE, headers=headers(PARENT))) == Trace(PARENT, None)


def test_extension_attributes_carry_a_context_in_both_modes() -> None:
    structured = encoded(placed("A") | {"traceparent": PARENT, "tracestate": STATE})
    binary = (("ce_traceparent", PARENT.encode()), ("ce_tracestate", STATE.encode()))
    assert trace_of(record(structured)) == Trace(PARENT, STATE)
    assert trace_of(record(b"{}", headers=binary)) == Trace(PARENT, STATE)


def test_a_header_of_the_transport_is_nearer_than_an_attribute() -> None:
    structured = encoded(placed("A") | {"traceparent": OTHER})
    both = (("ce_traceparent", OTHER.encode()), *headers(PARENT))
    assert trace_of(record(structured, headers=headers(PARENT))) == Trace(PARENT, None)
    assert trace_of(record(b"{}", headers=both)) == Trace(PARENT, None)


@pytest.mark.parametrize(
    "parent",
    [
        "",
        "00",
        PARENT.upper(),
        PARENT + "-more",
        PARENT + "\n",
        "ff" + PARENT[2:],
        "00-" + 32 * "0" + PARENT[35:],
        PARENT[:36] + 16 * "0" + "-01",
        PARENT.replace("-", "_"),
        "\u0660" + PARENT[1:],
        "x" * 100_000,
    ],
)
def test_a_context_that_is_not_well_formed_is_ignored(parent: str) -> None:
    assert trace_of(record(BARE, headers=headers(parent))) is None
    assert trace_of(record(encoded(placed("A") | {"traceparent": parent}))) is None


@pytest.mark.parametrize("parent", [None, 7, ["00"], {"traceparent": PARENT}])
def test_an_attribute_that_is_no_text_is_ignored_and_the_message_taken(
    store: EventStore, parent: object
) -> None:
    said = placed("A") | {"traceparent": parent}
    assert trace_of(record(said)) is None
    take(store, said)


@pytest.mark.parametrize("state", ["", "x" * 513, "vendor=\x00", "vendor=é"])
def test_a_bad_state_is_left_out_and_its_parent_kept(state: str) -> None:
    assert trace_of(record(BARE, headers=headers(PARENT, state))) == Trace(PARENT, None)


def test_the_word_inside_the_data_is_no_context() -> None:
    said = placed("A")
    said["data"]["traceparent"] = PARENT
    assert trace_of(record(said)) is None
    assert trace_of(record(b'{"traceparent" not json')) is None


def test_a_context_travels_on_with_every_message_of_its_event(
    store: EventStore, kafka: KafkaSettings, module_postgres_url: str
) -> None:
    take(store, placed("A"), headers=headers(PARENT, STATE))
    take(store, cancel("A") | {"traceparent": OTHER})

    found = published(module_postgres_url, store, kafka)

    assert found == {
        ("orders", "OrderPlaced"): headers(PARENT, STATE),
        ("orders", "ItemCancelRequested"): headers(OTHER),
        ("buyer-notices", "CancellationAccepted"): headers(OTHER),
    }


def test_messages_without_a_context_write_nothing_and_carry_nothing(
    store: EventStore, kafka: KafkaSettings, module_postgres_url: str
) -> None:
    take(store, placed("A"), cancel("A"))

    assert set(published(module_postgres_url, store, kafka).values()) == {()}
    with store.connection() as conn:
        assert conn.execute("SELECT count(*) FROM countermand.traces").fetchall() == [(0,)]


def test_a_message_that_waited_for_its_order_keeps_its_context(
    store: EventStore, kafka: KafkaSettings, module_postgres_url: str
) -> None:
    take(store, cancel("A"), headers=headers(PARENT, STATE))
    take(store, placed("A"), headers=headers(OTHER))

    found = published(module_postgres_url, store, kafka)

    assert found["orders", "OrderPlaced"] == headers(OTHER)
    assert found["orders", "ItemCancelRequested"] == headers(PARENT, STATE)


def test_what_a_process_does_carries_the_context_of_what_it_answers(
    store: EventStore, kafka: KafkaSettings, module_postgres_url: str
) -> None:
    take(store, placed("A"), headers=headers(OTHER))
    take(store, cancel("A"), headers=headers(PARENT))
    own = {"occurred_at": START, "recorded_at": START, "source": SOURCE}
    refund = RefundRequested(**own, message_id="pay:r-1:1", refund_id="r-1", amount=1_000)  # type: ignore[arg-type]
    stop = StopRequested(
        **own,  # type: ignore[arg-type]
        message_id="stop:C1:1",
        order_id="A",
        order_version=3,  # it had asked for the refund before
        cancellation_id="C1",
        items=(Item("L1", 1),),
    )
    store.append([Append(stream_id("A"), 3, [refund]), Append(process_stream_id("A"), 1, [stop])])

    found = published(module_postgres_url, store, kafka)

    assert found["orders", "RefundRequested"] == headers(PARENT)
    assert found["payment-requests", "RefundRequested"] == headers(PARENT)
    assert found["warehouse-requests", "StopRequested"] == headers(PARENT)


def test_a_message_said_twice_keeps_the_context_of_the_first_time(store: EventStore) -> None:
    said = placed("A")
    take(store, said, headers=headers(PARENT))
    take(store, json.loads(encoded(said)), headers=headers(OTHER))

    with store.connection() as conn:
        rows = conn.execute("SELECT version, traceparent FROM countermand.traces").fetchall()
    assert rows == [(1, PARENT)]
