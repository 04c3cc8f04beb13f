"""Refunded goods that are out: how many, what they cost, and since when."""

from __future__ import annotations

from domain import events, process_events
from domain.exposure import Exposed, Exposure, exposure
from domain.information import order_information
from domain.items import Covered
from domain.order import fold
from domain.refunds import Policy
from tests.support.processes_told import Managed, items
from tests.support.recorded import START, Story

POLICY = Policy()


def refunded(*, paid: bool = False) -> Story:
    """Three mugs for 11.90 each, two of them cancelled, and their refund asked for."""
    story = Story("A-1").placed(3).cancelled(L1=2)
    covers = (Covered("L1", 2, 2380),)
    story.tell(events.RefundRequested, refund_id="r1", amount=2380, covers=covers)
    if paid:
        story.tell(
            events.RefundIssued,
            refund_id="r1",
            amount=2380,
            currency="EUR",
            listed_amount=2380,
            covers=covers,
        )
    return story


def out(story: Story, process: Managed | None = None) -> Exposure | None:
    order = fold(story.told)
    assert order is not None
    did = process.told if process else []
    return exposure(order, order_information(order, story.at, POLICY), did, POLICY)


def test_an_order_that_is_refunded_and_stays_has_nothing_out() -> None:
    assert out(refunded()) is None


def test_refunded_goods_that_left_are_out_from_the_shipment_on() -> None:
    story = refunded().shipped(L1=3)

    assert out(story) == Exposure(START + 4_000_000, (Exposed("L1", 2, 2380, 0),))


def test_only_the_units_that_left_are_out_with_their_part_of_the_money() -> None:
    story = refunded(paid=True).shipped(L1=2)

    assert out(story) == Exposure(START + 5_000_000, (Exposed("L1", 1, 1190, 1190),))


def test_what_is_back_is_not_out_any_more() -> None:
    assert out(refunded().shipped(L1=3).rejected().returned(L1=2)) is None


def test_later_events_do_not_change_since_when_it_is_out() -> None:
    story = refunded().shipped(L1=3)
    for number in range(20):
        story.tell(events.StopRefused, cancellation_id=f"x{number}", reason="too late")

    found = out(story)

    assert found is not None
    assert found.since == START + 4_000_000


def test_what_goes_out_again_is_out_since_then() -> None:
    story = refunded().shipped(L1=3)
    process = Managed(story).tell(process_events.ExposureChanged, items=items(L1=2))
    story.rejected().returned(L1=2)
    process.tell(process_events.ExposureChanged, items=())
    story.shipped("S2", L1=1)
    story.tell(
        events.FactCorrected,
        corrects_source="/shop",
        corrects_id=story.told[5].message_id,
    )

    found = out(story, process)

    assert found is not None
    assert found.since == story.told[-1].recorded_at
