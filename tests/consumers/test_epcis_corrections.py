"""What was said of goods, taken back: declarations of errors, and voided shipments."""

from __future__ import annotations

import json
from typing import Any

import pytest

from application.event_store import EventStore
from consumers.cloudevents import Incoming
from consumers.epcis import translate
from consumers.intake import Intake
from consumers.outside.memory import Memory, Remembered
from tests.support.capturing import (
    DOCK_ID,
    LAMP,
    LAMP_LINE,
    MUG,
    MUG_LINE,
    PARCEL,
    RULES,
    Came,
    Event,
    came,
    declares,
    document,
    event,
    packs,
    returns,
    ships,
    single,
    some,
    transaction,
    voids,
)

SOURCE = "/epcis"


def capture(*events: Event, memory: Memory | None = None) -> Came:
    return came(translate(document(*events), RULES.epcis, memory or Remembered()))


def mugs(quantity: int, shipment_id: str = "S1") -> dict[str, Any]:
    return {
        "shipment_id": shipment_id,
        "warehouse_id": DOCK_ID,
        "items": [{"line_id": MUG_LINE, "quantity": quantity}],
    }


def corrected(wrong: Event, data: dict[str, Any] | None = None) -> dict[str, Any]:
    """The data of a correction."""
    said: dict[str, Any] = {"corrects": {"source": SOURCE, "id": wrong["eventID"]}}
    return said if data is None else said | {"data": data}


def test_a_voided_shipment_should_not_have_been_said() -> None:
    shipped, voided = ships(), voids()
    memory = Remembered()

    together = capture(voided, shipped)
    capture(shipped, memory=memory)
    later = capture(voided, memory=memory)

    assert later == Came(
        [("FactCorrected", voided["eventID"], "2026-03-02T17:00:00Z", corrected(shipped))], [], 0
    )
    assert together.said[0] == later.said[0]


def test_a_voided_shipment_may_be_named_by_its_despatch_advice_only() -> None:
    shipped = ships()
    voided = voids(epcList=[])
    voided["bizTransactionList"] = [transaction("desadv", "S1")]

    assert capture(shipped, voided).said[1][3] == corrected(shipped)


def test_a_parcel_is_voided_by_its_container() -> None:
    shipped = ships(epcList=[PARCEL])
    voided = voids(epcList=[PARCEL])

    found = capture(packs(PARCEL, single(MUG, 1, 2)), shipped, voided)

    assert found.said[1][3] == corrected(shipped)


def test_of_a_shipment_voided_in_part_the_rest_stands() -> None:
    """Each correction says all that is left, and is later than the one before it."""
    shipped = ships(epcList=single(MUG, 1, 2, 3))
    first, second = voids(epcList=single(MUG, 1)), voids(epcList=single(MUG, 2))
    rest = voids(epcList=single(MUG, 3))

    found = capture(shipped, first, second, rest)

    assert [(time, data) for _, _, time, data in found.said[1:]] == [
        ("2026-03-02T17:00:00Z", corrected(shipped, mugs(2))),
        ("2026-03-02T17:00:00.000001Z", corrected(shipped, mugs(1))),
        ("2026-03-02T17:00:00.000002Z", corrected(shipped)),
    ]


def test_goods_shipped_again_are_not_voided_by_what_was_said_before() -> None:
    memory = Remembered()
    shipped, voided = ships(), voids()
    again = ships(eventTime="2026-03-02T19:00:00+01:00")

    capture(shipped, voided, again, memory=memory)

    assert capture(voided, memory=memory).said[0][3] == corrected(shipped)
    once_more = voids(eventTime="2026-03-02T20:00:00+01:00")
    assert capture(once_more, memory=memory).said[0][3] == corrected(again)


@pytest.mark.parametrize(
    ("before", "voided", "field", "rule"),
    [
        ([], voids(), "bizStep", "nothing_to_void"),
        ([ships("O2")], voids("O1"), "bizStep", "nothing_to_void"),
        ([ships(), voids()], voids(eventTime="2026-03-02T19:00:00Z"), "bizStep", "nothing_to_void"),
        ([ships(), ships(epcList=single(MUG, 3, 4))], voids(), "bizStep", "ambiguous"),
        ([ships()], voids(epcList=single(MUG, 1, 2, 3)), "epcList", "more_than_shipped"),
        ([ships()], voids(epcList=single(LAMP, 1)), "epcList", "more_than_shipped"),
        (
            [ships()],
            event("void_shipping", "in_progress", transaction("po", "O1")),
            "bizTransactionList",
            "no_shipment_id",
        ),
    ],
)
def test_what_is_voided_has_to_be_known(
    before: list[Event], voided: Event, field: str, rule: str
) -> None:
    memory = Remembered()
    capture(*before, memory=memory)

    found = translate(document(voided), RULES.epcis, memory)

    assert came(found) == Came([], [(f"epcisBody.eventList[0].{field}", rule)], 0)
    (bad,) = found.bad
    assert (bad.left.type, bad.left.message_id) == ("FactCorrected", voided["eventID"])


def test_of_two_events_that_ship_a_parcel_the_one_that_holds_the_units_is_voided() -> None:
    mug, lamp = ships(), ships(epcList=single(LAMP, 1))

    found = capture(mug, lamp, voids(epcList=single(LAMP, 1)))

    assert found.said[2][3] == corrected(lamp)


DECLARED = "2026-03-03T09:00:00Z"


@pytest.mark.parametrize("wrong", [ships(), returns(), ships(eventID=None)])
def test_an_event_that_is_declared_to_be_wrong_should_not_have_been_said(wrong: Event) -> None:
    """Also where nobody remembers it: the declaration repeats it."""
    memory = Remembered()
    ((_, name, _, _),) = capture(wrong, memory=memory).said

    found = capture(declares(wrong), memory=memory)

    assert found == Came(
        [
            (
                "FactCorrected",
                f"{name}#error@{DECLARED}",
                DECLARED,
                {"corrects": {"source": SOURCE, "id": name}},
            )
        ],
        [],
        0,
    )
    assert capture(declares(wrong)) == found


def test_a_corrective_event_at_hand_says_what_the_wrong_one_should_have_said() -> None:
    """It is no fact of its own then, not in a later capture either."""
    memory = Remembered()
    wrong, right = ships(), ships(epcList=single(MUG, 1))
    capture(wrong, memory=memory)

    found = capture(right, declares(wrong, right["eventID"]), memory=memory)
    again = capture(right, memory=memory)

    assert [one[3] for one in found.said] == [corrected(wrong, mugs(1))]
    assert again == Came([], [], 1)


def test_a_corrective_event_that_comes_later_is_a_fact_of_its_own() -> None:
    memory = Remembered()
    wrong, right = ships(), ships(epcList=single(MUG, 1))
    declared = declares(wrong, right["eventID"])
    capture(wrong, memory=memory)

    first = capture(declared, memory=memory)
    later = capture(right, memory=memory)
    both = capture(declared, right, memory=memory)

    assert [one[3] for one in first.said] == [corrected(wrong)]
    assert [(one[0], one[1], one[3]) for one in later.said] == [
        ("ShippedFromWarehouse", right["eventID"], mugs(1))
    ]
    assert both.said == first.said + later.said


@pytest.mark.parametrize(
    "right", [ships("O2"), returns(), ships(epcList=["urn:x:y"]), ships(eventTime="?")]
)
def test_a_corrective_event_that_does_not_fit_is_no_correction(right: Event) -> None:
    wrong = ships()

    found = capture(wrong, right, declares(wrong, right["eventID"]))

    assert ("FactCorrected", corrected(wrong)) in [(one[0], one[3]) for one in found.said]
    assert len(found.said) + len(found.dead) == 3


def test_several_corrective_events_are_facts_of_their_own() -> None:
    wrong, one, two = ships(), ships(epcList=single(MUG, 1)), ships(epcList=single(MUG, 2))

    found = capture(wrong, declares(wrong, one["eventID"], two["eventID"]), one, two)

    assert [said[0] for said in found.said] == [
        "ShippedFromWarehouse",
        "FactCorrected",
        "ShippedFromWarehouse",
        "ShippedFromWarehouse",
    ]


def test_a_corrective_event_can_be_wrong_too() -> None:
    """The correction names the message that was said first."""
    memory = Remembered()
    wrong, right = ships(), ships(epcList=single(MUG, 1))
    better = ships(epcList=single(MUG, 1, 2, 3))
    capture(wrong, memory=memory)
    capture(right, declares(wrong, right["eventID"]), memory=memory)

    found = capture(better, declares(right, better["eventID"]), memory=memory)

    assert [(one[2], one[3]) for one in found.said] == [
        ("2026-03-03T09:00:00.000001Z", corrected(wrong, mugs(3)))
    ]


def test_a_voiding_that_was_wrong_gives_back_what_it_took() -> None:
    memory = Remembered()
    shipped = ships(epcList=single(MUG, 1, 2, 3))
    first, second = voids(epcList=single(MUG, 1)), voids(epcList=single(MUG, 2))
    capture(shipped, first, second, memory=memory)

    found = capture(declares(first), memory=memory)

    assert [one[3] for one in found.said] == [corrected(shipped, mugs(2))]
    assert capture(declares(second), memory=memory).said[0][3] == corrected(shipped, mugs(3))


def test_what_an_aggregation_said_wrongly_is_forgotten() -> None:
    packed = packs(PARCEL, single(MUG, 1, 2))
    right = packs(PARCEL, single(MUG, 1))

    found = capture(packed, declares(packed), right, ships(epcList=[PARCEL]))

    assert found.said[0][3]["items"] == [{"line_id": MUG_LINE, "quantity": 1}]
    assert found.ignored == 3


def test_a_declaration_of_something_else_says_nothing() -> None:
    assert capture(declares(event("storing", "in_progress"))) == Came([], [], 1)


def test_a_declaration_that_names_no_order_is_a_letter() -> None:
    wrong = ships(bizTransactionList=[transaction("desadv", "S1")])

    assert capture(declares(wrong)).dead == [
        ("epcisBody.eventList[0].bizTransactionList", "no_order_id")
    ]
    assert capture(declares(ships(), declarationTime="soon")).dead == [
        ("epcisBody.eventList[0].errorDeclaration.declarationTime", "not_a_time")
    ]


PLACED = {
    "specversion": "1.0",
    "id": "placed",
    "source": "/shop",
    "type": "OrderPlaced",
    "subject": "O1",
    "time": "2026-03-01T09:00:00Z",
    "data": {
        "order_id": "O1",
        "buyer_id": "mira",
        "seller_id": "fjell",
        "currency": "EUR",
        "lines": [
            {
                "line_id": line_id,
                "sku": line_id,
                "title": "Mug",
                "quantity": 9,
                "unit_price": "10.00",
            }
            for line_id in (MUG_LINE, LAMP_LINE)
        ],
    },
}


def test_an_order_comes_to_what_the_events_come_to(store: EventStore) -> None:
    """Every way of taking back, through the whole way in, and twice is as good as once."""
    first, second = ships(epcList=single(MUG, 1, 2, 3)), ships("O1", "S2", epcList=single(MUG, 4))
    third, right = ships("O1", "S3", epcList=single(MUG, 5)), ships("O1", "S3", epcList=[])
    right["quantityList"] = [some(LAMP, 4)]
    captures = [first, second, third, voids(epcList=single(MUG, 1)), declares(second)]
    captures += [declares(third, right["eventID"]), right]
    found = translate(document(*captures), RULES.epcis, Remembered())
    values = [json.dumps(PLACED).encode(), *(one.value for one in found.messages)]
    intake = Intake(store)

    taken = intake.take([Incoming(value) for value in values])

    assert set(taken.outcomes) == {"recorded"}
    intake.orders.warm({"O1"})
    order = intake.orders.get("O1")
    assert order is not None
    assert {line: one.counts.shipped for line, one in order.goods().lines.items()} == {
        MUG_LINE: 2,
        LAMP_LINE: 4,
    }
    assert set(intake.take([Incoming(value) for value in values]).outcomes) == {"repeated"}
