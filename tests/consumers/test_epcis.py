"""EPCIS documents in the words of the contract: goods that left, goods that came back."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest

from consumers.envelope import Cut
from consumers.epcis import translate
from consumers.outside.memory import Memory, Remembered
from tests.support.capturing import (
    DOCK_ID,
    LAMP,
    LAMP_LINE,
    MUG,
    MUG_LINE,
    PARCEL,
    PARCEL_ID,
    RULES,
    Came,
    came,
    document,
    event,
    packs,
    returns,
    ships,
    single,
    some,
    transaction,
)

NOON = "2026-03-02T11:00:00Z"
TWO_MUGS = [{"line_id": MUG_LINE, "quantity": 2}]


def capture(*events: object, memory: Memory | None = None) -> Came:
    return came(translate(document(*events), RULES.epcis, memory or Remembered()))


def test_goods_that_are_shipped() -> None:
    shipped = ships(quantityList=[some(LAMP, 3)])

    assert capture(shipped) == Came(
        [
            (
                "ShippedFromWarehouse",
                shipped["eventID"],
                NOON,
                {
                    "shipment_id": "S1",
                    "warehouse_id": DOCK_ID,
                    "items": [*TWO_MUGS, {"line_id": LAMP_LINE, "quantity": 3}],
                },
            )
        ],
        [],
        0,
    )


def test_a_single_capture_says_what_a_document_says() -> None:
    shipped = ships()
    alone = translate(json.dumps(shipped).encode(), RULES.epcis, Remembered())
    asked = {
        "type": "EPCISQueryDocument",
        "epcisBody": {"queryResults": {"resultsBody": {"eventList": [shipped]}}},
    }
    queried = translate(json.dumps(asked).encode(), RULES.epcis, Remembered())

    assert came(alone) == came(queried) == capture(shipped)


LONG = "https://ref.gs1.org/cbv/"


@pytest.mark.parametrize(
    ("step", "disposition", "kind"),
    [
        ("urn:epcglobal:cbv:bizstep:shipping", "urn:epcglobal:cbv:disp:in_transit", "po"),
        (f"{LONG}BizStep-shipping", f"{LONG}Disp-in_transit", f"{LONG}BTT-po"),
        ("cbv:BizStep-shipping", None, "urn:epcglobal:cbv:btt:po"),
        ("departing", "in_transit", "cbv:BTT-po"),
    ],
)
def test_words_of_the_vocabulary_go_by_several_names(
    step: str, disposition: str | None, kind: str
) -> None:
    documents = (transaction(kind, "O1"), transaction("desadv", "S1"))

    found = capture(event(step, disposition, *documents))

    assert [(one[0], one[3]["shipment_id"]) for one in found.said] == [
        ("ShippedFromWarehouse", "S1")
    ]


@pytest.mark.parametrize(
    ("uri", "order_id"),
    [
        ("urn:epcglobal:cbv:bt:9521141000003:O-7", "O-7"),
        ("urn:epc:id:gdti:9521141.00001.O-7", "O-7"),
        ("https://id.gs1.org/253/9521141000018O-7", "O-7"),
        ("https://shop.example/orders/O-7", "O-7"),
        ("https://shop.example/orders/O-7/?lang=de", "O-7"),
        ("urn:example:order:O%2D7", "O-7"),
    ],
)
def test_an_order_is_named_by_any_kind_of_document(uri: str, order_id: str) -> None:
    documents = [{"type": "po", "bizTransaction": uri}, transaction("desadv", "S1")]

    (said,) = translate(
        document(ships(bizTransactionList=documents)), RULES.epcis, Remembered()
    ).messages

    assert said.order_id == order_id


@pytest.mark.parametrize(
    "epcs",
    [
        single(MUG, 1, 2, 2),
        [f"https://id.gs1.org/01/{MUG_LINE}/21/{n}" for n in (1, 2)],
        [f"https://shop.example/mugs/01/9521141123454/10/L1/21/{n}?17=271231" for n in (1, 2)],
    ],
)
def test_units_are_counted_by_product_however_they_are_written(epcs: list[str]) -> None:
    ((_, _, _, data),) = capture(ships(epcList=epcs)).said

    assert data["items"] == TWO_MUGS


@pytest.mark.parametrize(
    "listed",
    [
        some(MUG, 2, uom="EA"),
        some(MUG, 2.0),
        {"epcClass": "urn:epc:class:lgtin:9521141.012345.LOT7", "quantity": 2},
        {"epcClass": f"https://id.gs1.org/01/{MUG_LINE}", "quantity": 2},
        {"epcClass": f"https://id.gs1.org/01/{MUG_LINE}/10/LOT7", "quantity": 2, "uom": "C62"},
    ],
)
def test_units_of_a_class_are_pieces(listed: dict[str, Any]) -> None:
    ((_, _, _, data),) = capture(ships(epcList=None, quantityList=[listed])).said

    assert data["items"] == TWO_MUGS


def test_a_parcel_without_despatch_advice_is_named_by_its_sscc() -> None:
    shipped = ships(epcList=[PARCEL, *single(MUG, 1, 2)])
    shipped["bizTransactionList"] = [transaction("po", "O1")]

    ((_, _, _, data),) = capture(shipped).said

    assert (data["shipment_id"], data["items"]) == (PARCEL_ID, TWO_MUGS)


def test_what_is_in_a_parcel_is_told_by_the_aggregation_of_its_packing() -> None:
    """In one document or in one before; a box in a box is opened; what was taken out is not in."""
    box = "urn:epc:id:sscc:9521141.0000000024"
    shipped = ships(epcList=[PARCEL])
    packed = [
        packs(PARCEL, [box, *single(LAMP, 1)]),
        packs(box, single(MUG, 1, 2, 3)),
        packs(box, single(MUG, 3), action="DELETE", eventTime="2026-03-02T11:00:00+01:00"),
    ]
    memory = Remembered()

    together = capture(shipped, *packed)
    before = capture(*packed, memory=memory)
    after = capture(shipped, memory=memory)

    assert before == Came([], [], 3)
    assert together == after._replace(ignored=3)
    ((_, _, _, data),) = after.said
    assert data["items"] == [{"line_id": LAMP_LINE, "quantity": 1}, *TWO_MUGS]


def test_goods_that_came_back() -> None:
    back = returns()

    assert capture(back) == Came(
        [
            (
                "ReturnedToWarehouse",
                back["eventID"],
                NOON,
                {
                    "return_id": "R1",
                    "items": [{"line_id": MUG_LINE, "quantity": 2, "condition": "good"}],
                },
            )
        ],
        [],
        0,
    )


@pytest.mark.parametrize(
    "said",
    [
        {"disposition": "damaged"},
        {"disposition": "needs_replacement"},
        {"persistentDisposition": {"set": ["damaged"]}},
        {"persistentDisposition": {"set": "urn:epcglobal:cbv:disp:non_sellable_other"}},
    ],
)
def test_goods_that_came_back_damaged(said: dict[str, Any]) -> None:
    ((_, _, _, data),) = capture(returns(**said)).said

    assert {item["condition"] for item in data["items"]} == {"damaged"}


def test_a_parcel_that_came_back_is_named() -> None:
    ((_, _, _, data),) = capture(returns(epcList=[PARCEL, *single(MUG, 1)])).said

    assert data["shipment_id"] == PARCEL_ID


@pytest.mark.parametrize(
    "other",
    [
        event("commissioning", "active"),
        event("receiving", "in_progress", transaction("po", "4711")),
        event("storing", "sellable_accessible", eventTime="nonsense is not even looked at"),
        {"type": "TransformationEvent"},
        {"type": "AssociationEvent"},
        {"type": "ObjectEvent"},
    ],
)
def test_other_events_say_nothing(other: dict[str, Any]) -> None:
    assert capture(other) == Came([], [], 1)


def test_captured_again_it_is_said_again_word_for_word() -> None:
    memory, told = Remembered(), document(ships(), returns())

    first = translate(told, RULES.epcis, memory)
    again = translate(told, RULES.epcis, memory)
    elsewhere = translate(told, RULES.epcis, Remembered())

    assert first == again == elsewhere
    assert len(first.messages) == 2


def test_an_event_without_an_id_is_named_by_what_it_says() -> None:
    shipped = ships(eventID=None)

    ((_, name, _, _),) = capture(shipped).said
    ((_, again, _, _),) = capture({**shipped, "recordTime": "2026-03-02T13:00:00Z"}).said
    ((_, other, _, _),) = capture({**shipped, "eventTime": "2026-03-02T13:00:00Z"}).said

    assert name == again != other
    assert name.startswith("sha256:")


def test_one_bad_event_does_not_lose_the_others() -> None:
    first, last = ships("O1"), ships("O2", "S2")
    bad = ships("O3", eventTime="yesterday")

    found = translate(document(first, bad, 7, last), RULES.epcis, Remembered())

    assert [message.order_id for message in found.messages] == ["O1", "O2"]
    assert [(one.field, one.rule) for one in found.bad] == [
        ("epcisBody.eventList[1].eventTime", "not_a_time"),
        ("epcisBody.eventList[2]", "not_an_object"),
    ]
    assert json.loads(found.bad[0].value or b"") == bad
    assert found.bad[0].left == (None, "/epcis", bad["eventID"], None)


BAD_EVENTS: list[tuple[dict[str, Any], str, str]] = [
    ({"eventTime": "2026-03-02T12:00:00"}, "eventTime", "not_a_time"),
    ({"eventTime": None}, "eventTime", "missing"),
    ({"type": "ShippingEvent"}, "type", "unknown_type"),
    ({"type": None}, "type", "missing"),
    ({"type": 3}, "type", "not_a_string"),
    ({"bizStep": ["shipping"]}, "bizStep", "not_a_string"),
    ({"eventID": ""}, "eventID", "empty"),
    ({"eventID": "x" * 201}, "eventID", "too_long"),
    ({"eventID": "a\nb"}, "eventID", "not_printable"),
    ({"action": None}, "action", "missing"),
    ({"action": "DELETE"}, "action", "unknown_value"),
    ({"action": "MOVE"}, "action", "unknown_value"),
    ({"disposition": "recalled"}, "disposition", "unknown_value"),
    ({"readPoint": 5}, "readPoint", "not_an_object"),
    ({"bizTransactionList": None}, "bizTransactionList", "no_order_id"),
    ({"bizTransactionList": [{"type": "po"}]}, "bizTransactionList[0].bizTransaction", "missing"),
    ({"bizTransactionList": [transaction("po", "O1")] * 101}, "bizTransactionList", "too_many"),
    (
        {"bizTransactionList": [transaction("po", "O1"), transaction("po", "O2")]},
        "bizTransactionList[0].bizTransaction",
        "ambiguous",
    ),
    (
        {"bizTransactionList": [transaction("po", "O 1")]},
        "bizTransactionList[0].bizTransaction",
        "id",
    ),
    ({"bizTransactionList": [transaction("po", "O1")]}, "bizTransactionList", "no_shipment_id"),
    ({"epcList": None}, "epcList", "missing"),
    ({"epcList": []}, "epcList", "missing"),
    ({"epcList": "urn:x " * 100}, "epcList[0]", "too_long"),
    ({"epcList": [7]}, "epcList[0]", "not_a_string"),
    ({"epcList": ["urn:epc:id:giai:9521141.77"]}, "epcList[0]", "no_line_id"),
    ({"epcList": [PARCEL]}, "epcList", "unknown_contents"),
    ({"quantityList": [some(MUG, None)]}, "quantityList[0].quantity", "missing"),
    ({"quantityList": [some(MUG, 1.5)]}, "quantityList[0].quantity", "not_an_integer"),
    ({"quantityList": [some(MUG, "2")]}, "quantityList[0].quantity", "not_an_integer"),
    ({"quantityList": [some(MUG, True)]}, "quantityList[0].quantity", "not_an_integer"),
    ({"quantityList": [some(MUG, 0)]}, "quantityList[0].quantity", "too_small"),
    ({"quantityList": [some(MUG, 10**9 + 1)]}, "quantityList[0].quantity", "too_great"),
    ({"quantityList": [some(MUG, 10**9)]}, "quantityList[0].epcClass", "too_great"),
    ({"quantityList": [some(MUG, 2, uom="KGM")]}, "quantityList[0].uom", "unit_of_measure"),
    ({"quantityList": [{"quantity": 2}]}, "quantityList[0].epcClass", "missing"),
]


@pytest.mark.parametrize(("change", "field", "rule"), BAD_EVENTS)
def test_a_bad_event_is_told_by_field_and_rule(
    change: dict[str, Any], field: str, rule: str
) -> None:
    told = ships() | change

    assert capture(told).dead == [(f"epcisBody.eventList[0].{field}", rule)]
    alone = translate(json.dumps(told).encode(), RULES.epcis, Remembered())
    assert came(alone) == Came([], [(field, rule)], 0)


@pytest.mark.parametrize(
    ("back", "field", "rule"),
    [
        (
            event("receiving", "returned", transaction("po", "O1")),
            "bizTransactionList",
            "no_return_id",
        ),
        (
            event("receiving", "returned", transaction("rma", "R1")),
            "bizTransactionList",
            "no_order_id",
        ),
        (returns(disposition="mismatch_quantity"), "disposition", "unknown_value"),
    ],
)
def test_goods_that_may_have_come_back_are_not_passed_over(
    back: dict[str, Any], field: str, rule: str
) -> None:
    assert capture(back) == Came([], [(f"epcisBody.eventList[0].{field}", rule)], 0)


def test_more_lines_than_a_message_may_have() -> None:
    many = [some(f"9521141.{n:06d}", 1) for n in range(2_001)]

    assert capture(ships(epcList=None, quantityList=many)).dead == [
        ("epcisBody.eventList[0].quantityList[2000].epcClass", "too_many")
    ]


def deep(levels: int) -> object:
    found: object = 1
    for _ in range(levels):
        found = [found]
    return found


def test_bounds_of_depth_and_duplicate_keys_are_kept_event_by_event() -> None:
    good = ships()
    twice = json.dumps(ships())[:-1] + ', "action": "ADD"}'
    told = document(good, ships() | {"x:deep": deep(80)}, "TWICE")
    told = told.replace(b'"TWICE"', twice.encode())

    found = came(translate(told, RULES.epcis, Remembered()))

    assert [name for _, name, _, _ in found.said] == [good["eventID"]]
    assert found.dead == [
        ("epcisBody.eventList[1]", "too_deep"),
        ("epcisBody.eventList[2]", "duplicate_key"),
    ]


@pytest.mark.parametrize(
    ("value", "field", "rule"),
    [
        (None, "value", "tombstone"),
        (b"", "value", "not_json"),
        (b"<EPCISDocument/>", "value", "not_json"),
        (b"\xff\xfe{}", "value", "byte_order_mark"),
        (gzip.compress(b"{}"), "value", "compressed"),
        (b"[]", "value", "not_an_object"),
        (b'{"a":' * 100_000, "value", "too_deep"),
        (b'{"type": "EPCISDocument"}', "epcisBody", "missing"),
        (b'{"type": "EPCISDocument", "epcisBody": []}', "epcisBody", "not_an_object"),
        (b'{"type": "EPCISDocument", "epcisBody": {}}', "epcisBody.eventList", "missing"),
        (
            b'{"type": "EPCISDocument", "epcisBody": {"eventList": {}}}',
            "epcisBody.eventList",
            "not_a_list",
        ),
        (
            b'{"type": "EPCISDocument", "epcisBody": {"eventList": []}, "type": "EPCISDocument"}',
            "value",
            "duplicate_key",
        ),
        (
            b'{"type": "EPCISDocument", "epcisBody": {"eventList": [%s1]}}' % (b"1," * 10_000),
            "epcisBody.eventList",
            "too_many",
        ),
        (b" " * 10_000_001, "value", "too_large"),
        (Cut.of(b"{", 20_000_000), "value", "too_large"),
    ],
)
def test_a_bad_document_is_one_letter_with_all_of_its_bytes(
    value: bytes | None, field: str, rule: str
) -> None:
    found = translate(value, RULES.epcis, Remembered())

    assert came(found) == Came([], [(field, rule)], 0)
    assert found.bad[0].value == value
