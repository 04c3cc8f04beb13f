"""Everything that a process manager does has one plain sentence, without inner words."""

from __future__ import annotations

from collections.abc import Callable
from typing import get_args

import pytest

from domain import process_events
from domain.process_events import PROCESS_NAMES, WaitsFor
from domain.timeline import timeline
from tests.support.processes_told import Managed, items
from tests.support.recorded import START, Story

Tell = Callable[[Managed], Managed]
INNER = ["crossed", "event", "request", "version", "ledger", "exposure", "process", "position"]
MUG = "2 x Enamel mug no. 1"
DAY = 86_400_000_000

TOLD: list[tuple[Tell, str]] = [
    (
        lambda it: it.stop_requested(L1=2),
        f"The warehouse was asked to stop {MUG}.",
    ),
    (
        lambda it: it.tell(process_events.StopWithdrawn, cancellation_id="C1", items=items(L1=2)),
        f"The warehouse was told that it may ship {MUG} after all.",
    ),
    (
        lambda it: it.tell(
            process_events.RefusalRequested, shipment_ids=("S1",), items=items(L1=2)
        ),
        f"The buyer was told to refuse parcel S1, with {MUG} that are cancelled.",
    ),
    (
        lambda it: it.tell(process_events.RefusalWithdrawn, shipment_ids=("S1", "S2", "S3")),
        "The buyer was told that parcels S1, S2 and S3 need not be refused any more.",
    ),
    (
        lambda it: it.tell(
            process_events.RefundRetried, refund_id="r1", amount=1190, currency="EUR", attempt=3
        ),
        "The payment provider was asked again to pay back €11.90: try 3.",
    ),
    (
        lambda it: it.tell(
            process_events.CancellationSucceeded, cancellation_id="C1", items=items(L1=2)
        ),
        f"The buyer was told that {MUG} are cancelled for good.",
    ),
    (
        lambda it: it.tell(process_events.CancellationLapsed, items=items(L1=2)),
        f"The buyer took {MUG} at the door, and was told that they stay bought.",
    ),
    (
        lambda it: it.tell(
            process_events.RefundHeld,
            refund_id="r1",
            amount=2380,
            currency="EUR",
            reason="goods_still_to_ship",
            held_until=START + 30 * DAY,
        ),
        (
            "The buyer was told that €23.80 are paid back later, because other goods of the"
            " order are still to ship, until 2027-02-14 08:00 UTC at the latest."
        ),
    ),
    (
        lambda it: it.tell(process_events.ExposureChanged, items=items(L1=2)),
        f"{MUG} are out although they are refunded.",
    ),
    (
        lambda it: it.tell(process_events.ExposureChanged, items=()),
        "No goods are out any more that are refunded.",
    ),
    (
        lambda it: it.waits("stop:C1", "warehouse", "warehouse_to_stop", L1=2),
        f"The warehouse has to stop {MUG} by 2027-01-16 08:00 UTC.",
    ),
    (
        lambda it: it.waits("damaged:L1", "seller", "returned_damaged", L1=2),
        f"The seller has to decide by 2027-01-16 08:00 UTC: {MUG} came back damaged.",
    ),
    (
        lambda it: it.waits("odd", "seller", "unknown_refund", hours=None),
        "The seller has to decide: money was paid back that nobody asked for.",
    ),
    (
        lambda it: it.waits("return:L1", "return", "goods_on_their_way_back", L1=3).tell(
            process_events.WaitChanged,
            wait="return:L1",
            reason="rest_on_its_way_back",
            items=items(L1=2),
            until=START + DAY,
        ),
        (f"From now on the rest has to come back to the warehouse: {MUG} by 2027-01-16 08:00 UTC."),
    ),
    (
        lambda it: it.waits("stop:C1", "warehouse", "warehouse_to_stop", L1=2).passes(
            "stop:C1", "warehouse_silent"
        ),
        (
            "The deadline of 2027-01-16 08:00 UTC passed, so the seller has to decide by"
            f" 2027-01-23 08:00 UTC: the warehouse does not say whether it stopped {MUG}."
        ),
    ),
    (
        lambda it: it.waits("damaged:L1", "seller", "returned_damaged", L1=2).passes(
            "damaged:L1", "returned_damaged", hours=None
        ),
        "The deadline of 2027-01-16 08:00 UTC passed, and the seller has not decided.",
    ),
    (
        lambda it: it.waits("refuse:S1", "buyer", "buyer_to_refuse").ends("refuse:S1"),
        "The buyer is not waited for any more.",
    ),
]


@pytest.mark.parametrize(("tell", "sentence"), TOLD)
def test_a_sentence_says_what_was_done(tell: Tell, sentence: str) -> None:
    story = Story("A-1").placed(3, 2)

    *_, last = timeline(story.told, tell(Managed(story)).told)

    assert last.sentence == sentence
    assert [word for word in INNER if word in last.sentence.lower()] == []


def test_everything_that_is_stored_is_told() -> None:
    kinds = {type(tell(Managed(Story("A-1").placed(3, 2))).told[-1]) for tell, _ in TOLD}

    assert kinds == set(PROCESS_NAMES.values())


@pytest.mark.parametrize("waits_for", get_args(WaitsFor))
def test_a_wait_for_anybody_ends_in_words(waits_for: str) -> None:
    story = Story("A-1").placed(3, 2)
    process = Managed(story).waits("x:1", waits_for, "payment_pending").ends("x:1")

    *_, last = timeline(story.told, process.told)

    assert last.sentence.endswith(" any more.")


def test_a_reason_that_is_not_known_is_said_as_it_is() -> None:
    story = Story("A-1").placed(3, 2)

    *_, last = timeline(story.told, Managed(story).waits("odd", "seller", "new_rule").told)

    assert last.sentence == "The seller has to decide by 2027-01-16 08:00 UTC: new rule."
