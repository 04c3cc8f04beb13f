"""What events say on our topics: the contract's words, under ids that come from the cause alone."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID, uuid5

import jsonschema
import pytest
from cloudevents.core.bindings import kafka
from cloudevents.core.formats.json import JSONFormat
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from consumers.known_orders import Known
from consumers.outgoing import _NAMES, Outgoing, id_of
from consumers.request_data import WORDS
from consumers.said import MESSAGES
from consumers.schemas.__main__ import FOLDER
from consumers.topics import SAID as CHANNELS
from domain import process_events as process
from domain.events import (
    STORED_NAMES,
    CaseDecided,
    MessageSetAside,
    OrderPlaced,
    RefundIssued,
    RefundRequested,
    StopRefused,
)
from domain.items import Covered, Item
from tests.support.said_examples import KNOWN, SAID, say
from tests.support.stored_examples import EXAMPLES

PRIVATE = {
    process.WaitStarted,
    process.WaitChanged,
    process.WaitEnded,
    process.DeadlinePassed,
    process.ExposureChanged,
}
each_said = pytest.mark.parametrize(
    ("name", "message"), SAID, ids=[f"{message.channel}-{name}" for name, message in SAID]
)


def said_by(stored: str) -> list[dict[str, Any]]:
    return [json.loads(message.value or b"") for name, message in SAID if name == stored]


def id_in(message: Outgoing) -> str:
    return str(json.loads(message.value or b"")["id"])


def data_of(event: Any, known: Known = KNOWN) -> dict[str, Any]:  # noqa: ANN401
    data: dict[str, Any] = json.loads(say(event, known=known)[0].value or b"")["data"]
    return data


@each_said
def test_every_message_is_what_its_contract_says_and_nothing_beyond(
    name: str,
    message: Outgoing,
) -> None:
    said = json.loads(message.value or b"")
    model = MESSAGES[message.channel, said["type"]]
    assert model.model_validate_json(message.value or b"").model_dump(exclude_unset=True) == said
    assert message.key == said["subject"].encode() == said["data"]["order_id"].encode(), name


@each_said
def test_the_standard_library_reads_every_message(name: str, message: Outgoing) -> None:
    headers = {header: value or b"" for header, value in message.headers}
    value = message.value or b""
    event = kafka.from_kafka(kafka.KafkaMessage(headers, None, value), JSONFormat())
    assert event.get_data() == json.loads(message.value or b"")["data"], name


@each_said
def test_every_message_fits_its_schema(name: str, message: Outgoing) -> None:
    said = json.loads(message.value or b"")
    schema = json.loads((FOLDER / f"{message.channel}.{said['type']}.v1.json").read_text())
    jsonschema.validate(said, schema, jsonschema.Draft202012Validator)
    assert schema["$id"] == said["dataschema"], name


def test_every_event_of_an_order_is_said_on_orders_under_its_own_name() -> None:
    on_orders = [json.loads(one.value or b"") for _, one in SAID if one.channel == "orders"]
    assert [one["type"] for one in on_orders] == [kind.__name__ for kind in STORED_NAMES.values()]
    assert [one["sequence"] for one in on_orders] == [f"{n:010}" for n in range(1, 23)]


def test_every_contract_is_said_and_every_topic_has_one() -> None:
    said = {(one.channel, json.loads(one.value or b"")["type"]) for _, one in SAID}
    assert said == set(MESSAGES)
    assert {channel for channel, _ in said} == set(CHANNELS) - {"dead-letters"}


def test_an_event_of_a_process_is_said_to_somebody_or_is_its_own_business() -> None:
    kinds = set(process.PROCESS_NAMES.values())
    assert kinds - WORDS.keys() == PRIVATE
    assert [message for kind in PRIVATE for message in say(EXAMPLES[f"{kind.__name__}.v1"])] == []


def test_a_stop_is_asked_of_the_warehouse() -> None:
    (said,) = said_by("StopRequested.v1")
    assert said == {
        "specversion": "1.0",
        "id": id_of(
            "warehouse-requests",
            "order-1",
            "StopRequested",
            process.SOURCE,
            "stop:c-1:1",
            "1 2",
            "2 1",
        ),
        "source": "/countermand",
        "type": "StopRequested",
        "subject": "order-1",
        "time": "2026-01-01T10:14:05Z",
        "datacontenttype": "application/json",
        "dataschema": "urn:countermand:warehouse-requests:StopRequested/v1",
        "data": {
            "order_id": "order-1",
            "cancellation_id": "c-1",
            "items": [{"line_id": "1", "quantity": 2}, {"line_id": "2", "quantity": 1}],
        },
    }


def test_a_refund_is_asked_for_again_under_its_id_and_another_message_id() -> None:
    first, again = said_by("RefundRequested.v1")[1], said_by("RefundRetried.v1")[0]
    assert first["data"] | {"attempt": 2} == again["data"]
    assert first["id"] != again["id"]


def test_the_same_event_is_the_same_bytes() -> None:
    assert [say(event) for event in EXAMPLES.values()] == [say(one) for one in EXAMPLES.values()]


def test_no_two_messages_share_an_id() -> None:
    ids = [id_in(message) for _, message in SAID]
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("event", EXAMPLES.values(), ids=list(EXAMPLES))
def test_an_id_depends_on_the_cause_not_on_when_and_where_it_was_recorded(event: Any) -> None:  # noqa: ANN401
    """After a restore the same message may be recorded later, and behind others."""
    later = replace(event, recorded_at=event.recorded_at + 7_000_000)

    assert [*map(id_in, say(event, 3))] == [*map(id_in, say(later, 9))]


def test_the_same_step_about_other_units_is_another_message() -> None:
    """After a restore a process may look once where it looked twice, and ask for more at once."""
    stop = EXAMPLES["StopRequested.v1"]
    assert isinstance(stop, process.StopRequested)
    (asked,), (more,) = say(stop), say(replace(stop, items=(Item("1", 3), Item("2", 1))))
    assert id_in(asked) != id_in(more)


def test_letters_about_one_message_have_ids_of_their_own() -> None:
    letter = EXAMPLES["MessageSetAside.v1"]
    assert isinstance(letter, MessageSetAside)
    other = replace(letter, digest="0" * 64)
    assert id_in(say(letter)[0]) != id_in(say(other)[0])


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=9), max_size=5))
def test_an_id_is_a_uuid_of_version_5(cause: list[str]) -> None:
    assert id_of(*cause) == str(uuid5(UUID(bytes=_NAMES), "\n".join(cause)))


@pytest.mark.parametrize(
    ("currency", "amount", "part"),
    [("EUR", "30.31", "4.50"), ("JPY", "3031", "450"), ("KWD", "3.031", "0.450")],
)
def test_amounts_have_the_decimals_of_the_order_s_currency(
    currency: str, amount: str, part: str
) -> None:
    known = Known("order-1", "buyer-1", currency)
    refund = EXAMPLES["RefundRequested.v1"]
    assert isinstance(refund, RefundRequested)
    data = data_of(replace(refund, covers=(Covered("1", 1, 450),)), known)
    assert (data["amount"], data["currency"]) == (amount, currency)
    assert data["covers"] == [{"line_id": "1", "quantity": 1, "amount": part}]


def test_a_refund_paid_in_another_currency_says_which_amount_is_in_which() -> None:
    paid = EXAMPLES["RefundIssued.v1"]
    assert isinstance(paid, RefundIssued)
    data = data_of(replace(paid, amount=31, currency="JPY", listed_amount=3_031))
    assert (data["amount"], data["currency"], data["listed_amount"]) == ("31", "JPY", "30.31")


def test_words_that_somebody_wrote_are_not_said() -> None:
    refused, decided = EXAMPLES["StopRefused.v1"], EXAMPLES["CaseDecided.v1"]
    assert isinstance(refused, StopRefused)
    assert isinstance(decided, CaseDecided)
    kept_apart = "note:0a1b2c3d4e5f60718293a4b5c6d7e8f9"
    assert "reason" not in data_of(replace(refused, reason=kept_apart))
    assert "reason" not in data_of(replace(decided, reason="Mrs Miller rang again"))
    assert data_of(refused)["reason"] == "already_packed"


def test_no_name_of_a_note_is_said() -> None:
    noted = [name for name, event in EXAMPLES.items() if getattr(event, "note_ref", None)]
    assert noted == ["ItemCancelRequested.v1", "CancellationRefused.v1"]
    assert not any(b"note" in (message.value or b"") for name, message in SAID if name in noted)


def test_an_order_of_the_largest_size_fits_a_message() -> None:
    placed = EXAMPLES["OrderPlaced.v1"]
    assert isinstance(placed, OrderPlaced)
    line = replace(
        placed.lines[0],
        line_id="L" * 64,
        sku="S" * 64,
        title="t" * 180,  # as much as a message of 1,000,000 bytes has room for
        quantity=10**9,
        unit_price=10**14 - 1,
        amount=10**23,
        discount=10**14 - 1,
        tax=10**14 - 1,
    )
    (message,) = say(replace(placed, lines=(line,) * 2_000))
    assert len(message.value or b"") < 2_000_000
