"""Every event has one plain sentence, with titles and quantities, and without inner words."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from domain import events
from domain.events import STORED_NAMES
from domain.items import CorrectedData, Item, ReturnedItem
from domain.sentences import sentences
from tests.support.recorded import Story

Tell = Callable[[Story], Story]
INNER = ["crossed", "event", "request", "version", "ledger", "exposure", "process", "position"]

MUG, OTHER = "Enamel mug no. 1", "Enamel mug no. 2"
ONE = (Item("L1", 1),)
DECISION: dict[str, Any] = {
    "decision_id": "d1",
    "line_id": "L1",
    "quantity": 2,
    "reason": "counted again",
}

TOLD: list[tuple[Tell, str]] = [
    (
        lambda story: story,
        f"The buyer ordered 5 units for €64.40, paid: 3 x {MUG} and 2 x {OTHER}.",
    ),
    (
        lambda story: story.cancelled(L1=2),
        f"The buyer cancelled 2 x {MUG}, because of a changed mind.",
    ),
    (
        lambda story: story.tell(
            events.CancellationRefused,
            cancellation_id="C1",
            requested_by="seller",
            reason="other",
            rule="already_delivered",
            at_version=4,
        ),
        (
            "The seller asked to cancel everything, and this was refused:"
            " the goods were delivered already; nothing was changed."
        ),
    ),
    (
        lambda story: story.cancelled(L1=2).withdrawn(),
        f"Cancellation C1 was taken back: 2 x {MUG} remain.",
    ),
    (
        lambda story: story.tell(
            events.WithdrawalRefused,
            cancellation_id="C9",
            rule="unknown_cancellation",
            at_version=1,
        ),
        (
            "Cancellation C9 could not be taken back: there is no such cancellation;"
            " nothing was changed."
        ),
    ),
    (lambda story: story.released(), "The shop handed all goods in stock to warehouse w1."),
    (
        lambda story: story.cancelled(L1=2).tell(
            events.CancellationConfirmed, cancellation_id="C1", confirmed_by="warehouse"
        ),
        f"The warehouse confirmed that 2 x {MUG} never left.",
    ),
    (
        lambda story: story.tell(
            events.StopRefused, cancellation_id="C1", reason="gone", items=ONE
        ),
        f"The warehouse answered that it was too late to stop 1 x {MUG}.",
    ),
    (
        lambda story: story.tell(
            events.ShippedFromWarehouse,
            shipment_id="S1",
            items=ONE,
            carrier="Kurier Nord",
            tracking_number="KN 55",
        ),
        f"Parcel S1 left the warehouse by Kurier Nord, number KN 55 with 1 x {MUG}.",
    ),
    (
        lambda story: story.shipped(L1=1).tell(events.Delivered, shipment_id="S1"),
        f"The buyer took parcel S1 with 1 x {MUG}.",
    ),
    (
        lambda story: story.shipped(L1=1, L2=1).tell(
            events.DeliveryRejected, shipment_id="S1", items=ONE
        ),
        f"The buyer refused 1 x {MUG} of parcel S1.",
    ),
    (
        lambda story: story.tell(events.DeliveryRejected, shipment_id="S1", kind="unclaimed"),
        "Nobody collected parcel S1.",
    ),
    (
        lambda story: story.tell(
            events.ReturnedToWarehouse,
            return_id="R1",
            items=(ReturnedItem("L1", 1), ReturnedItem("L2", 1, "damaged")),
        ),
        (
            f"1 x {MUG} in good condition and 1 x {OTHER} in damaged condition came back"
            " to the warehouse."
        ),
    ),
    (
        lambda story: story.tell(events.LostInTransit, shipment_id="S1"),
        "Parcel S1 got lost on the way.",
    ),
    (
        lambda story: story.tell(events.FactCorrected, corrects_source="/wh", corrects_id="7"),
        "Message 7 of /wh should not have been sent, says its sender.",
    ),
    (
        lambda story: story.tell(
            events.FactCorrected,
            corrects_source="/wh",
            corrects_id="7",
            data=CorrectedData(items=(ReturnedItem("L1", 1),)),
        ),
        f"Message 7 of /wh was corrected by its sender: 1 x {MUG}.",
    ),
    (
        lambda story: story.tell(events.RefundRequested, refund_id="r-1", amount=1190),
        "The payment provider was asked to pay back €11.90.",
    ),
    (
        lambda story: story.tell(events.RefundIssued, refund_id="r-1", amount=1190, currency="KWD"),
        "1.190 KWD was paid back.",
    ),
    (
        lambda story: story.tell(events.RefundFailed, refund_id="r-1", reason="closed"),
        "The payment provider could not pay back refund r-1.",
    ),
    (
        lambda story: story.tell(events.RefundRequested, refund_id="r-1", amount=123_456_700).tell(
            events.RefundFailed, refund_id="r-1", reason="closed"
        ),
        "The payment provider could not pay back €1,234,567.00.",
    ),
    (
        lambda story: story.tell(
            events.MessageSetAside,
            type="Delivered",
            rule="id_in_use",
            detail="its id was used before",
            digest="00",
        ),
        "A message (Delivered) could not be taken and was set aside: its id was used before.",
    ),
    (
        lambda story: story.tell(events.CaseDecided, **DECISION, outcome="refund"),
        f"The seller decided: 2 x {MUG} are refunded.",
    ),
    (
        lambda story: story.tell(events.CaseDecided, **DECISION, outcome="refund", amount=1190),
        f"The seller decided: 2 x {MUG} are refunded (€11.90).",
    ),
    (
        lambda story: story.tell(
            events.CaseDecided, **DECISION, outcome="no_refund", decided_by="deadline"
        ),
        f"A deadline decided: there is no refund for 2 x {MUG}.",
    ),
    (
        lambda story: story.tell(events.CaseDecided, **DECISION, outcome="stopped"),
        f"The seller decided: 2 x {MUG} never left.",
    ),
    (
        lambda story: story.tell(events.CaseDecided, **DECISION, outcome="not_stopped"),
        f"The seller decided: 2 x {MUG} could not be stopped.",
    ),
    (
        lambda story: story.tell(
            events.DecisionRefused,
            **DECISION,
            outcome="refund",
            rule="more_than_open",
            at_version=1,
        ),
        (
            f"The seller tried to decide about 2 x {MUG}, and this was refused:"
            " it is about more units than there are to decide about; nothing was changed."
        ),
    ),
    (
        lambda story: story.tell(
            events.RefundGranted,
            decision_id="d1",
            reason="goodwill",
            items=(Item("L1", 2),),
        ),
        f"The seller granted a refund by hand, for 2 x {MUG}.",
    ),
    (
        lambda story: story.tell(
            events.GrantRefused,
            decision_id="d1",
            reason="goodwill",
            amount=99_999,
            rule="more_than_refundable",
            at_version=1,
        ),
        (
            "The seller tried to grant a refund by hand of €999.99, and this was refused:"
            " the amount is more than is left of what was paid; nothing was changed."
        ),
    ),
]


@pytest.mark.parametrize(("tell", "sentence"), TOLD)
def test_an_event_is_one_plain_sentence(tell: Tell, sentence: str) -> None:
    story = tell(Story("A-1").placed(3, 2))

    *_, last = sentences(story.told)

    assert last == sentence
    assert not [word for word in INNER if re.search(rf"\b{word}", last, re.IGNORECASE)]


def test_every_kind_of_event_has_a_sentence() -> None:
    told = {type(tell(Story("A-1").placed(3, 2)).told[-1]) for tell, _ in TOLD}

    assert told == set(STORED_NAMES.values())


def test_of_many_kinds_of_goods_the_first_are_named() -> None:
    story = Story("A-1").placed(1, 2, 3, 4, 5, 6)

    (sentence,) = sentences(story.told)

    assert sentence == (
        "The buyer ordered 21 units for €254.80, paid: 1 x Enamel mug no. 1,"
        " 2 x Enamel mug no. 2, 3 x Enamel mug no. 3 and 15 units of other goods."
    )


def test_goods_that_the_order_does_not_have_are_told_as_such() -> None:
    story = Story("A-1").placed(3).shipped(L9=2)

    *_, last = sentences(story.told)

    assert last == "Parcel S1 left the warehouse with 2 x unknown goods (L9)."
