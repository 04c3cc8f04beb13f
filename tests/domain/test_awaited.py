"""Every wait is told from its start to its end, with what was done about it, in one story."""

from __future__ import annotations

import pytest

from domain import events, process_events
from domain.awaited import Awaited, Step, awaited
from domain.items import Item
from domain.late_cancellation import Process, Terms
from domain.next_steps import advance
from domain.order import fold
from domain.process_events import ProcessEvent
from domain.refunds import Policy
from domain.timeline import timeline
from tests.support.processes_told import HOUR, Managed, items, orders_in_trouble
from tests.support.recorded import START, Story

MUG = "2 x Enamel mug no. 1"
SECOND = 1_000_000
POLICY = Policy()


def stopping() -> Managed:
    story = Story("A-1").placed(3, 2).released().cancelled("C1", L1=2)
    return (
        Managed(story)
        .stop_requested("C1", L1=2)
        .waits("stop:C1", "warehouse", "warehouse_to_stop", L1=2)
    )


def waits(process: Managed) -> list[Awaited]:
    return awaited(process.story.told, process.told)


def steps(wait: Awaited) -> list[str]:
    return [step.what for step in wait.steps]


def test_a_wait_says_for_whom_since_when_until_when_and_what_was_done() -> None:
    assert waits(stopping()) == [
        Awaited(
            number=2,
            wait="stop:C1",
            waits_for="warehouse",
            reason="warehouse_to_stop",
            items=(Item("L1", 2),),
            since=START + 5 * SECOND,
            until=START + 4 * SECOND + 24 * HOUR,
            steps=(
                Step(START + 4 * SECOND, f"The warehouse was asked to stop {MUG}."),
                Step(
                    START + 5 * SECOND,
                    f"The warehouse has to stop {MUG} by 2027-01-16 08:00 UTC.",
                ),
            ),
        )
    ]


def test_a_wait_whose_deadline_passed_is_a_case_of_the_seller_since_then() -> None:
    (case,) = waits(stopping().passes("stop:C1", "warehouse_silent"))

    passed = START + 4 * SECOND + 24 * HOUR
    assert (case.number, case.waits_for, case.reason) == (2, "seller", "warehouse_silent")
    assert (case.since, case.until) == (passed, passed + 7 * 24 * HOUR)


def test_a_wait_that_ended_keeps_what_it_was_and_nothing_later() -> None:
    process = stopping()
    process.story.tell(events.CancellationConfirmed, cancellation_id="C1", confirmed_by="warehouse")
    process.ends("stop:C1")
    ended = process.story.at
    process.story.tell(events.StopRefused, cancellation_id="C1", reason="too late")

    (wait,) = waits(process)

    assert wait.ended_at == ended
    assert steps(wait)[2:] == [
        f"The warehouse confirmed that {MUG} never left.",
        "The warehouse is not waited for any more.",
    ]


def test_a_name_that_waits_again_is_another_wait() -> None:
    process = stopping().ends("stop:C1")
    process.waits("stop:C1", "warehouse", "warehouse_to_stop", L1=1)

    assert [(one.number, one.ended_at is None) for one in waits(process)] == [
        (2, False),
        (4, True),
    ]


def test_a_wait_tells_only_of_what_it_is_about() -> None:
    process = stopping()
    process.story.shipped("S1", L2=2).shipped("S2", L1=3).rejected("S1").rejected("S2")
    process.waits("return:L1", "return", "goods_on_their_way_back", L1=2)
    process.story.tell(
        events.CaseDecided,
        decision_id="d1",
        line_id="L2",
        quantity=2,
        outcome="refund",
        reason="gone",
    )

    _, back = waits(process)

    assert steps(back) == [
        "The buyer refused parcel S2 with 3 x Enamel mug no. 1.",
        f"{MUG} have to come back to the warehouse by 2027-01-16 08:00 UTC.",
    ]


def test_another_try_to_stop_goes_on_with_the_same_story() -> None:
    process = stopping().ends("stop:C1")
    process.waits("stop:C1#2", "warehouse", "warehouse_too_late", L1=2)

    first, second = waits(process)

    assert steps(second)[: len(steps(first))] == steps(first)


def test_a_long_story_leaves_out_its_middle() -> None:
    process = Managed(Story("A-1").placed(3).cancelled("C1", L1=3))
    process.waits("pay:r1", "payment", "payment_pending", L1=3)
    for attempt in range(2, 42):
        process.tell(
            process_events.RefundRetried,
            refund_id="r1",
            amount=3570,
            currency="EUR",
            attempt=attempt,
        )

    (wait,) = waits(process)

    told = steps(wait)
    assert told[4] == "21 more steps; the order's timeline has them all."
    assert [told[3], told[5]] == [
        f"The payment provider was asked again to pay back €35.70: try {attempt}."
        for attempt in (4, 26)
    ]
    assert len(told) == 21


def test_an_order_without_a_process_waits_for_nothing() -> None:
    assert awaited(Story("A-1").placed(3).cancelled("C1", L1=2).told, []) == []


def test_what_was_done_stands_right_behind_its_cause_whatever_the_clocks_say() -> None:
    story = Story("A-1").placed(3).released()
    process = Managed(story.cancelled("C1", L1=2)).stop_requested("C1", L1=2)
    story.at -= HOUR  # whoever records the next fact has a clock that is slow
    story.tell(events.StopRefused, cancellation_id="C1", reason="too late")
    process.tell(process_events.CancellationSucceeded, cancellation_id="C1", items=items(L1=2))

    told = [type(entry.event).__name__ for entry in timeline(story.told, process.told)]

    assert told == [
        "OrderPlaced",
        "ReleasedToWarehouse",
        "ItemCancelRequested",
        "StopRequested",
        "StopRefused",
        "CancellationSucceeded",
    ]


@pytest.mark.parametrize("number", range(5))
def test_what_is_open_is_what_the_process_itself_waits_for(number: int) -> None:
    order = fold(orders_in_trouble()[number].told)
    process: Process | None = None
    did: list[ProcessEvent] = []
    now = START + HOUR
    for _ in range(12):
        assert order is not None
        made = advance(order, process, now, POLICY, Terms())
        order, process = made.order, made.process
        did += made.process_events

        assert waits_of(process) == {
            one.wait: (one.waits_for, one.reason, one.items, one.since, one.until)
            for one in awaited(order.events, did)
            if one.ended_at is None
        }
        now = now if made.due_at is None else made.due_at


def waits_of(process: Process | None) -> dict[str, tuple[object, ...]]:
    return {
        name: (one.waits_for, one.reason, one.items, one.since, one.until)
        for name, one in (process.waits if process else {}).items()
    }
