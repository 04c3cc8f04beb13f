"""Every message of the contract is heard as what the domain decides about."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import jsonschema
import pytest
from msgspec.structs import replace

from consumers.cloudevents import Heard, Incoming, body, fingerprint, hear, judge
from consumers.messages import CHANNEL_OF, DATA
from consumers.schemas.__main__ import FOLDER, schema_files
from consumers.topics import CHANNELS
from consumers.translate import Message
from domain import events
from tests.support import contract
from tests.support.contract import EXAMPLE_IDS, EXAMPLES, KEY, LEAST, MOST, NOTES, NOW

Data = dict[str, Any]
Mode = Callable[[str, Data], Incoming]
HEARD = [*contract.HEARD_LEAST.items(), *contract.HEARD_MOST.items()]
each_example = pytest.mark.parametrize(("kind", "data"), EXAMPLES, ids=EXAMPLE_IDS)
each_heard = pytest.mark.parametrize(
    ("kind", "data", "message"),
    [(kind, data, message) for (kind, data), (_, message) in zip(EXAMPLES, HEARD, strict=True)],
    ids=EXAMPLE_IDS,
)
in_both_modes = pytest.mark.parametrize("mode", [contract.structured, contract.binary])


def expected(kind: str, data: Data, message: Message) -> Heard:
    note = NOTES.get(kind) if data is MOST[kind] else None
    return Heard("o-1", message, kind, "/shop", "m-1", note)


@in_both_modes
@each_heard
def test_every_message_is_heard_as_the_domain_s_own(
    mode: Mode, kind: str, data: Data, message: Message
) -> None:
    assert hear(mode(kind, data), NOW, KEY) == expected(kind, data, message)


@in_both_modes
@each_heard
def test_the_models_alone_hear_the_same(
    mode: Mode, kind: str, data: Data, message: Message
) -> None:
    assert judge(mode(kind, data), NOW, KEY) == expected(kind, data, message)


def test_there_is_an_example_of_every_message() -> None:
    facts = {fact.__name__ for fact in get_args(events.Fact)}
    requests = {"OrderPlaced", "ItemCancelRequested", "CancellationWithdrawn"}

    assert set(DATA) == set(LEAST) == set(MOST) == facts | requests


def test_every_type_comes_from_one_of_the_channels() -> None:
    assert set(CHANNEL_OF.values()) == set(CHANNELS)


@pytest.mark.parametrize("kind", LEAST)
def test_an_optional_field_may_be_null(kind: str) -> None:
    nulls: dict[str, Any] = {
        name: None for name, field in DATA[kind].model_fields.items() if not field.is_required()
    }

    heard = hear(contract.structured(kind, nulls | LEAST[kind]), NOW, KEY)

    assert heard.message == contract.HEARD_LEAST[kind]


@pytest.mark.parametrize("name", ["discount", "tax", "coming_soon"])
def test_an_optional_field_of_a_line_may_be_null(name: str) -> None:
    order = LEAST["OrderPlaced"] | {"lines": [contract.MUG | {name: None}]}

    heard = hear(contract.structured("OrderPlaced", order), NOW, KEY)

    assert heard.message == contract.HEARD_LEAST["OrderPlaced"]


def test_no_condition_of_returned_goods_means_good() -> None:
    items = [{"line_id": "L1", "quantity": 2, "condition": None}]

    heard = hear(contract.structured("ReturnedToWarehouse", {"return_id": "R1", "items": items}),
                 NOW, KEY)  # fmt: skip

    assert heard.message.items[0].condition == "good"  # type: ignore[union-attr, index]


@in_both_modes
@each_example
def test_fields_that_we_do_not_know_are_dropped(mode: Mode, kind: str, data: Data) -> None:
    newer = data | {"gift_wrap": {"paper": ["red"], "id": 7}, "loyalty": 0.5}

    assert hear(mode(kind, newer), NOW, KEY) == hear(mode(kind, data), NOW, KEY)


def test_extension_attributes_are_dropped() -> None:
    traced = contract.structured("Delivered", traceparent="00-ab-cd-01", partitionkey="o-1")

    assert hear(traced, NOW, KEY) == hear(contract.structured("Delivered"), NOW, KEY)


@pytest.mark.parametrize(
    "title",
    ["Krus, blå", "\u06a9\u062a\u0627\u0628\u200c\u0647\u0627", "👩\u200d🚀", 'The "best"', "a\\b"],
)
def test_a_title_may_be_of_any_language(title: str) -> None:
    order = LEAST["OrderPlaced"] | {"lines": [contract.MUG | {"title": title}]}
    escaped = contract.structured("OrderPlaced", order)
    plain = Incoming(json.dumps(contract.event("OrderPlaced", order), ensure_ascii=False).encode())

    titles = [hear(record, NOW, KEY).message.lines[0].title for record in (escaped, plain)]  # type: ignore[union-attr]

    assert titles == [title, title]


@pytest.mark.parametrize(
    "number",
    ["(00)340434161094000018", "urn:epc:id:sscc:0614141.1234567890", "1Z 999#AA+1", "9" * 128],
)
def test_a_parcel_has_left_whatever_its_carrier_calls_it(number: str) -> None:
    data = LEAST["ShippedFromWarehouse"] | {"tracking_number": number, "carrier": "c" * 128}

    heard = hear(contract.structured("ShippedFromWarehouse", data), NOW, KEY)

    assert isinstance(heard, Heard)
    assert isinstance(heard.message, events.ShippedFromWarehouse)
    assert (heard.message.tracking_number, heard.message.carrier) == (number, "c" * 128)


@pytest.mark.parametrize("kind", ["StopRefused", "RefundFailed"])
def test_it_has_happened_however_long_it_is_explained(kind: str) -> None:
    reason = "We are sorry. " * 142 + "So sorry."

    heard = hear(contract.structured(kind, LEAST[kind] | {"reason": reason}), NOW, KEY)

    assert isinstance(heard, Heard)
    assert heard.note == reason


@pytest.mark.parametrize(
    ("currency", "amount", "minor"),
    [("JPY", "12", 12), ("EUR", "12.9", 1290), ("KWD", "1.234", 1234), ("CLF", "0.0001", 1),
     ("EUR", "999999999999.99", 99_999_999_999_999), ("EUR", "0", 0)],
)  # fmt: skip
def test_an_amount_has_the_decimals_of_its_currency(currency: str, amount: str, minor: int) -> None:
    issued = {"refund_id": "r-1", "amount": amount, "currency": currency}

    heard = hear(contract.structured("RefundIssued", issued), NOW, KEY)

    assert heard.message.amount == minor  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("time", "microseconds"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-01T00:00:00.5Z", 500_000),
        ("1970-01-01T02:00:00+02:00", 0),
        ("1969-12-31T19:00:00-05:00", 0),
        ("1970-01-01t00:00:00z", 0),
        ("1970-01-01 00:00:00Z", 0),
        ("1970-01-01T00:00:00-00:00", 0),
        ("1970-01-01T00:00:00.0000004Z", 0),
        ("1969-12-31T23:59:59.999999Z", -1),
        ("2016-12-31T23:59:60Z", 1_483_228_800_000_000),
        ("2017-01-01T00:59:60.5+01:00", 1_483_228_800_500_000),
    ],
)
def test_a_time_has_its_offset(time: str, microseconds: int) -> None:
    for record in (contract.structured, contract.binary):
        heard = hear(record("Delivered", time=time), NOW, KEY)

        assert heard.message.occurred_at == microseconds


def test_the_key_of_a_record_need_not_be_the_subject() -> None:
    said = contract.structured("Delivered")

    for key in (None, b"o-1", b"another", b"\xff"):
        assert hear(said._replace(key=key), NOW, KEY) == hear(said, NOW, KEY)


@pytest.mark.parametrize("kind", LEAST)
def test_a_type_comes_on_its_own_topic(kind: str) -> None:
    said = contract.structured(kind)._replace(channel=CHANNEL_OF[kind])

    assert hear(said, NOW, KEY).type == kind


def test_two_thousand_lines_are_taken() -> None:
    lines = [contract.MUG | {"line_id": f"L{n}"} for n in range(2_000)]

    heard = hear(contract.structured("OrderPlaced", LEAST["OrderPlaced"] | {"lines": lines}),
                 NOW, KEY)  # fmt: skip

    assert len(heard.message.lines) == 2_000  # type: ignore[union-attr]


def test_an_empty_note_is_none() -> None:
    said = LEAST["ItemCancelRequested"] | {"note": ""}

    heard = hear(contract.structured("ItemCancelRequested", said), NOW, KEY)

    assert (heard.note, heard.message) == (None, contract.HEARD_LEAST["ItemCancelRequested"])


def test_the_same_note_has_the_same_name_and_no_other_key_makes_it() -> None:
    said = contract.structured("ItemCancelRequested", MOST["ItemCancelRequested"])

    first, again, other = (hear(said, NOW, key).message for key in (KEY, KEY, b"other"))

    assert first == again != other


@each_heard
def test_a_parked_message_is_heard_again_as_the_same(
    kind: str, data: Data, message: Message
) -> None:
    heard = expected(kind, data, message)

    assert hear(Incoming(body(heard)), NOW, KEY) == heard


@each_example
def test_the_body_of_a_message_is_valid_by_its_schema(kind: str, data: Data) -> None:
    schema = json.loads((FOLDER / f"{kind}.v1.json").read_text())
    said = json.loads(body(hear(contract.structured(kind, data), NOW, KEY)))

    for instance in (said, contract.event(kind, data)):
        jsonschema.validate(instance, schema, jsonschema.Draft202012Validator)


def test_the_schemas_are_current() -> None:
    written = {file.name: file.read_text() for file in FOLDER.glob("*.json")}

    assert written == schema_files(), "run: python -m consumers.schemas"


@each_heard
def test_a_fingerprint_knows_what_was_said_and_not_when_we_heard_it(
    kind: str, data: Data, message: Message
) -> None:
    heard = expected(kind, data, message)
    later = hear(contract.structured(kind, data), NOW + 1, KEY)
    other_time = heard._replace(message=replace(message, occurred_at=1))
    other_order = heard._replace(order_id="o-2")

    assert fingerprint(heard) == fingerprint(later)
    assert len({fingerprint(heard), fingerprint(other_time), fingerprint(other_order)}) == 3


def test_equal_amounts_and_times_have_equal_fingerprints() -> None:
    issued = LEAST["RefundIssued"]
    said = [
        contract.structured("RefundIssued", issued | {"amount": "1.5"}),
        contract.structured("RefundIssued", issued | {"amount": "1.50"}),
        contract.binary("RefundIssued", issued | {"amount": "1.5", "new_field": 1}),
        contract.structured(
            "RefundIssued", issued | {"amount": "1.5"}, time="2026-01-31T13:00:00.123456+01:00"
        ),
    ]

    assert len({fingerprint(hear(record, NOW, KEY)) for record in said}) == 1


def test_every_message_of_the_real_orders_is_heard_alike_by_both_readers() -> None:
    folder = Path(__file__).parents[1] / "data" / "online-retail"
    packed = (folder / "messages.jsonl.gz").read_bytes()
    records = [Incoming(line) for line in gzip.decompress(packed).splitlines()]

    heard = [hear(record, NOW, KEY) for record in records]

    assert len(heard) > 1_000
    assert heard == [judge(record, NOW, KEY) for record in records]


@pytest.mark.parametrize(
    ("reason", "stays"),
    [
        ("already_packed", True),
        ("bank.account-closed", True),
        ("a" * 64, True),
        ("a" * 65, False),
        ("0701234567", False),
        ("mira.berg.1984", False),
        ("a__b", False),
        ("Mira", False),
    ],
)
def test_only_letters_are_a_code_that_stays_in_an_event(
    reason: str,
    stays: bool,  # noqa: FBT001
) -> None:
    said = LEAST["StopRefused"] | {"reason": reason}

    heard = hear(contract.structured("StopRefused", said), NOW, KEY)

    assert heard.note == (None if stays else reason)
    assert (heard.message.reason == reason) is stays  # type: ignore[union-attr]
