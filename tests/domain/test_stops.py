"""What a warehouse answers when it is asked to stop goods, and what it does instead."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from domain import events, process_events
from domain.awaited import awaited
from domain.items import Confirmed, Item, ReturnedItem, Settled
from domain.order import Order, fold
from domain.slips import Slips, slips
from domain.stops import Stop, stops
from tests.support.processes_told import HOUR, Managed, items
from tests.support.recorded import Story

MINUTE = 60_000_000


def asked_to_stop(story: Story | None = None, **units: int) -> Managed:
    """A released order of which units are cancelled, a minute after which a stop is asked."""
    story = story or Story("A-1").placed(3, 2).released()
    units = units or {"L1": 2}
    process = Managed(story.cancelled("C1", **units)).stop_requested("C1", **units)
    return process.waits("stop:C1", "warehouse", "warehouse_to_stop", **units)


def order_of(process: Managed) -> Order:
    order = fold(process.story.told)
    assert order is not None
    return order


def found(process: Managed) -> list[Stop]:
    return stops(order_of(process), process.told)


def only(process: Managed) -> tuple[str, int | None, bool]:
    """The one answer: how, how many microseconds after it was asked, and whether late."""
    (stop,) = found(process)
    took = None if stop.answered_at is None else stop.answered_at - stop.asked_at
    return stop.answer, took, stop.is_late


def confirmed(process: Managed, by: str = "warehouse", later: int = 5 * MINUTE) -> Managed:
    process.story.tell(
        events.CancellationConfirmed, later=later, cancellation_id="C1", confirmed_by=by
    )
    return process


def refused(process: Managed) -> Managed:
    process.story.tell(events.StopRefused, later=HOUR, cancellation_id="C1", reason="too_late")
    return process


def shipped(process: Managed) -> Managed:
    process.story.shipped(L1=3, L2=2)
    return process


def taken_back(process: Managed) -> Managed:
    process.story.withdrawn()
    return process


def decided_by_the_seller(process: Managed) -> Managed:
    process.story.tell(
        events.CaseDecided,
        decision_id="d1",
        line_id="L1",
        quantity=2,
        outcome="stopped",
        reason="saw it",
        confirms=(Confirmed("C1", 2),),
    )
    return process


def silent(process: Managed) -> Managed:
    return process.passes("stop:C1", "warehouse_silent")


ONE_SECOND = 1_000_000  # between the request and the wait that begins with it
ANSWERS: list[tuple[Callable[[Managed], Managed], tuple[str, int | None, bool]]] = [
    (lambda it: it, ("waiting", None, False)),
    (confirmed, ("confirmed", ONE_SECOND + 5 * MINUTE, False)),
    (refused, ("refused", ONE_SECOND + HOUR, False)),
    (lambda it: refused(confirmed(it)), ("confirmed", ONE_SECOND + 5 * MINUTE, False)),
    (silent, ("silent", None, False)),
    (lambda it: confirmed(silent(it)), ("confirmed", 24 * HOUR + 5 * MINUTE, True)),
    (lambda it: confirmed(it, "seller"), ("seller", None, False)),
    (lambda it: confirmed(silent(it), "seller"), ("silent", None, False)),
    (decided_by_the_seller, ("seller", None, False)),
    (shipped, ("shipped", None, False)),
    (lambda it: shipped(silent(it)), ("silent", None, False)),
    (taken_back, ("withdrawn", None, False)),
]


@pytest.mark.parametrize(("happens", "answer"), ANSWERS)
def test_a_stop_is_answered_by_the_warehouses_own_first_word(
    happens: Callable[[Managed], Managed], answer: tuple[str, int | None, bool]
) -> None:
    assert only(happens(asked_to_stop())) == answer


def test_an_order_that_nobody_asked_about_has_no_stops() -> None:
    story = Story("A-1").placed(3).cancelled(L1=2)

    assert found(Managed(story)) == []


def test_a_word_from_before_the_request_is_no_answer() -> None:
    story = Story("A-1").placed(3, 2)
    story.tell(
        events.CancellationConfirmed,
        cancellation_id="C1",
        confirmed_by="warehouse",
        items=items(L1=1),
    )

    assert only(asked_to_stop(story.released(), L1=2)) == ("waiting", None, False)


def test_units_that_left_all_the_same_are_counted() -> None:
    process = asked_to_stop(L1=2)
    process.story.shipped(L1=2)

    (stop,) = found(process)

    assert (stop.units, stop.crossed) == (2, 1)


def test_more_units_to_stop_are_one_stop_from_the_first_request_on() -> None:
    process = asked_to_stop(L1=2)
    process.stop_requested(L2=1)

    (stop,) = found(process)

    assert (stop.units, stop.asked_at) == (3, process.told[0].recorded_at)


def test_each_warehouse_has_its_own_lines_and_answers_for_them() -> None:
    story = Story("A-1").placed(3, 2)
    for warehouse_id, line_id, quantity in (("east", "L1", 3), ("west", "L2", 2)):
        story.tell(
            events.ReleasedToWarehouse,
            warehouse_id=warehouse_id,
            items=(Item(line_id, quantity),),
        )
    process = asked_to_stop(story, L1=2, L2=1)
    story.tell(
        events.CancellationConfirmed,
        cancellation_id="C1",
        confirmed_by="warehouse",
        items=items(L2=1),
    )

    assert [(one.warehouse_id, one.units, one.answer) for one in found(process)] == [
        ("east", 2, "waiting"),
        ("west", 1, "confirmed"),
    ]


def test_a_release_of_everything_is_by_the_last_warehouse_that_says_so() -> None:
    story = Story("A-1").placed(3, 2).released()
    story.tell(events.ReleasedToWarehouse, warehouse_id="w9")

    assert [one.warehouse_id for one in found(asked_to_stop(story))] == ["w9"]


def test_goods_shipped_beyond_order_or_promise_are_the_shipping_warehouses() -> None:
    process = confirmed(asked_to_stop(L1=2))
    process.story.tell(
        events.ShippedFromWarehouse,
        shipment_id="S1",
        items=items(L1=2, L2=4),
        warehouse_id="west",
    )

    assert slips(order_of(process), []) == [
        Slips("west", over_shipped=2, shipped_after_confirmation=1)
    ]


def refused_and_missing() -> Managed:
    story = Story("A-1").placed(3, 2).cancelled(L1=2)
    story.tell(
        events.ShippedFromWarehouse,
        shipment_id="S1",
        items=items(L1=3, L2=2),
        warehouse_id="west",
    )
    story.tell(events.DeliveryRejected, shipment_id="S1", items=items(L1=2))
    story.tell(events.ReturnedToWarehouse, return_id="R1", items=(ReturnedItem("L1", 1),))
    return Managed(story).waits("return:L1", "return", "rest_on_its_way_back", L1=1)


def short(process: Managed) -> list[Slips]:
    return slips(order_of(process), awaited(process.story.told, process.told))


def test_a_return_is_short_once_its_deadline_has_passed() -> None:
    process = refused_and_missing()
    assert short(process) == []

    process.passes("return:L1", "return_missing")

    assert short(process) == [Slips("west", short_returns=1)]


def test_a_return_that_comes_late_is_not_short() -> None:
    process = refused_and_missing().passes("return:L1", "return_missing")
    process.story.returned("R2", L1=1)
    process.ends("return:L1")

    assert short(process) == []


def test_a_return_that_was_decided_about_as_missing_stays_short() -> None:
    process = refused_and_missing().passes("return:L1", "return_missing")
    process.story.tell(
        events.CaseDecided,
        decision_id="d1",
        line_id="L1",
        quantity=1,
        outcome="no_refund",
        reason="never came",
        settles=(Settled("missing", 1),),
    )
    process.ends("return:L1")

    assert short(process) == [Slips("west", short_returns=1)]


def test_a_stop_that_is_taken_back_was_still_asked() -> None:
    process = taken_back(asked_to_stop())
    process.tell(process_events.StopWithdrawn, cancellation_id="C1", items=items(L1=2))

    assert [one.units for one in found(process)] == [2]
