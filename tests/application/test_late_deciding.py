"""A decision is made against the newest order, once, however many are made at the same time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from msgspec.structs import replace

from application.deciding import Open, Overtaken, UnknownOrder, decide_case, order_of
from application.event_store import Conflict, EventStore, Statement
from domain.commands import DecideCase
from domain.refunds import Policy
from tests.support.chasing import Clock, fire_all, follow_all, led_to, names, runner
from tests.support.recorded import START, Story, record

POLICY = Policy()
NO_REFUND = DecideCase(
    occurred_at=START,
    now=START,
    source="/countermand/decisions",
    message_id="d1",
    decision_id="d1",
    line_id="L1",
    quantity=1,
    outcome="no_refund",
    reason="broken_by_buyer",
)


@pytest.fixture
def damaged(store: EventStore) -> Story:
    """Two units were refused at the door, and came back damaged."""
    story = Story("A-1").placed(2).cancelled(L1=2).shipped(L1=2).rejected()
    story.returned(L1=2)
    (last,) = story.told[-1:]
    bad = tuple(replace(item, condition="damaged") for item in last.items)  # type: ignore[attr-defined]
    story.told[-1] = replace(last, items=bad)
    record(store, story)
    return story


def number(n: int) -> DecideCase:
    return replace(NO_REFUND, decision_id=f"d{n}", message_id=f"d{n}")


def test_a_decision_says_what_is_left_to_decide(store: EventStore, damaged: Story) -> None:
    made = decide_case(store, "A-1", NO_REFUND, POLICY)

    assert (made.outcome, made.rule, made.version, made.position) == ("recorded", None, 6, 6)
    assert made.event.recorded_at == damaged.told[-1].recorded_at, "time does not run backwards"
    assert made.still_open == (Open("L1", 1, "damaged", ("refund", "no_refund")),)


def test_a_repeated_decision_gets_its_first_answer(store: EventStore, damaged: Story) -> None:
    too_much = replace(NO_REFUND, quantity=3)
    first = decide_case(store, damaged.order_id, too_much, POLICY)

    again = decide_case(store, damaged.order_id, too_much, POLICY)

    assert (first.outcome, first.rule) == ("refused", "more_than_open")
    assert again == first._replace(outcome="repeated", detail="")


def test_of_many_at_once_each_is_made_against_the_newest_order(
    store: EventStore, damaged: Story
) -> None:
    with ThreadPoolExecutor(6) as pool:
        made = list(
            pool.map(
                lambda n: decide_case(store, damaged.order_id, number(n), POLICY).outcome, range(6)
            )
        )

    assert sorted(made) == ["recorded"] * 2 + ["refused"] * 4
    assert order_of(store, "A-1").version == 5 + 6


def test_the_same_decision_at_once_is_made_once(store: EventStore, damaged: Story) -> None:
    with ThreadPoolExecutor(4) as pool:
        made = list(
            pool.map(
                lambda _: decide_case(store, damaged.order_id, NO_REFUND, POLICY).outcome, range(4)
            )
        )

    assert sorted(made) == ["recorded"] + ["repeated"] * 3
    assert order_of(store, "A-1").version == 5 + 1


def test_what_goes_with_a_decision_is_written_with_it_or_not_at_all(
    store: EventStore, damaged: Story
) -> None:
    def fail(_: object) -> None:
        raise Conflict("somebody else")

    also = [
        Statement("INSERT INTO countermand.notes VALUES ('n', 'A-1', 'n', 1) RETURNING 1", (), fail)
    ]
    with pytest.raises(Overtaken):
        decide_case(store, damaged.order_id, NO_REFUND, POLICY, also)

    assert order_of(store, "A-1").version == 5


def test_an_order_that_was_never_placed_has_no_case(store: EventStore) -> None:
    with pytest.raises(UnknownOrder, match="A-1"):
        decide_case(store, "A-1", NO_REFUND, POLICY)


def test_a_decision_wakes_the_process_and_its_money_is_asked_for(
    store: EventStore, damaged: Story
) -> None:
    clock = Clock()
    one = runner(store, clock)
    follow_all(one)
    refund = replace(NO_REFUND, quantity=2, outcome="refund", now=clock.now)

    decide_case(store, damaged.order_id, refund, POLICY)
    follow_all(one)
    fire_all(one)

    assert names(led_to(store))[-3:] == ["RefundRequested", "WaitEnded", "WaitStarted"]
