"""domain rules, sections 3, 5 and 6: what a seller decides about goods nobody else speaks for."""

from __future__ import annotations

import pytest

from domain.claims import refund_id
from domain.events import CaseDecided, CaseOutcome, DecisionRefused
from domain.items import Confirmed, Settled
from tests.support.shop import Shop
from tests.support.told import (
    back,
    cancel,
    deliver,
    lose,
    order,
    refund_of,
    reject,
    release,
    ship,
)


def refused(units: int = 2, **more: str) -> Shop:
    """An order of so many units that crossed whole and was refused at the door."""
    return Shop().given(order(units, **more), ship(units), cancel(), reject())


def of_decision(called: str = "d1", n: int = 1) -> str:
    return refund_id("A1", "decision", called, n)


def test_a_refund_of_damaged_units_is_due_at_once_under_the_decisions_id() -> None:
    shop = refused().given(back(0, 2))
    assert shop.refunds() == []

    assert shop.answer("refund", 2) == "recorded"

    assert shop.refunds() == [(2000, "due", "decided")]
    assert shop.information().refunds[0].refund_id == of_decision()


def test_a_decision_is_recorded_with_what_the_units_were() -> None:
    shop = refused(3).given(back(0, 1), lose(1))

    shop.decide("refund", 3)

    assert shop.orders["A1"].events[-1] == CaseDecided(
        occurred_at=shop.now,
        recorded_at=shop.now,
        source="/seller",
        message_id="d1",
        decision_id="d1",
        line_id="1",
        quantity=3,
        outcome="refund",
        reason="looked at it",
        settles=(Settled("damaged", 1), Settled("lost", 1), Settled("missing", 1)),
    )


def test_no_refund_closes_the_case_and_pays_nothing() -> None:
    shop = refused().given(back(0, 2))
    assert shop.information().status != "closed"

    assert shop.answer("no_refund", 2) == "recorded"

    assert shop.refunds() == []
    assert shop.answer("refund", 1, decision_id="d2") == "nothing_to_decide"


def test_a_decision_may_be_about_a_part_of_the_units() -> None:
    shop = refused(3).given(back(0, 3))

    assert shop.answer("refund", 1) == "recorded"
    assert shop.answer("no_refund", 2, decision_id="d2") == "recorded"

    assert shop.refunds() == [(1000, "due", "decided")]


def test_a_decision_with_an_amount_pays_that_amount() -> None:
    shop = refused().given(back(0, 2))

    shop.decide("refund", 2, amount=750)

    assert shop.refunds() == [(750, "due", "decided")]


def test_a_decision_to_pay_nothing_creates_no_refund() -> None:
    shop = refused().given(back(0, 2))

    assert shop.answer("refund", 2, amount=0) == "recorded"

    assert shop.refunds() == []


def test_an_amount_above_what_was_paid_is_refused() -> None:
    shop = refused().given(back(0, 2))

    assert shop.answer("refund", 2, amount=2001) == "more_than_paid"

    assert shop.refunds() == []


def test_an_amount_that_would_exceed_what_is_left_of_the_payment_is_held_whole() -> None:
    """It is never clipped."""
    shop = refused(3).given(back(2, 1))

    shop.decide("refund", 1, amount=1500)

    assert shop.refunds() == [
        (2000, "due", "goods_returned"),
        (1500, "held", "exceeds_paid"),
    ]
    assert "exceeds_paid" in shop.rules()


def test_what_a_unit_is_decided_at_does_not_change_what_the_others_are_worth() -> None:
    shop = refused(3).given(back(0, 1))
    shop.decide("refund", 1, amount=300)
    shop.ask(of_decision())

    shop.given(back(2, called="R2"))

    assert shop.refunds() == [(300, "requested", "decided"), (2000, "due", "goods_returned")]


@pytest.mark.parametrize("outcome", ["refund", "no_refund", "stopped", "not_stopped"])
def test_a_decision_about_a_line_that_the_order_does_not_have_is_refused(
    outcome: CaseOutcome,
) -> None:
    assert refused().answer(outcome, 1, "nine") == "unknown_line"


@pytest.mark.parametrize("outcome", ["refund", "no_refund", "stopped", "not_stopped"])
def test_a_decision_about_nothing_is_refused(outcome: CaseOutcome) -> None:
    shop = Shop().given(order(2), ship(2), deliver())

    assert shop.answer(outcome, 1) == "nothing_to_decide"
    assert shop.orders["A1"].events[-1] == DecisionRefused(
        occurred_at=shop.now,
        recorded_at=shop.now,
        source="/seller",
        message_id="d1",
        decision_id="d1",
        line_id="1",
        quantity=1,
        outcome=outcome,
        reason="looked at it",
        rule="nothing_to_decide",
        at_version=3,
    )


@pytest.mark.parametrize("outcome", ["refund", "no_refund"])
def test_a_decision_about_more_units_than_are_open_is_refused_whole(outcome: CaseOutcome) -> None:
    shop = refused(3).given(back(2, 1))

    assert shop.answer(outcome, 2) == "more_than_open"
    assert shop.refunds() == [(2000, "due", "goods_returned")]


@pytest.mark.parametrize("outcome", ["stopped", "not_stopped"])
def test_an_answer_about_more_units_than_are_requested_is_refused_whole(
    outcome: CaseOutcome,
) -> None:
    shop = Shop().given(order(3), release(), cancel(2))

    assert shop.answer(outcome, 3) == "more_than_open"
    assert shop.page() == (0, 2, 0, 1)


def test_the_same_decision_again_is_repeated_and_so_is_a_refused_one() -> None:
    shop = refused(1).given(back(0, 1))

    assert shop.answer("refund", 2) == "more_than_open"
    assert shop.answer("refund", 2) == "repeated"
    assert shop.answer("refund", 1, decision_id="d2") == "recorded"
    assert shop.answer("refund", 1, decision_id="d2") == "repeated"
    assert [state for _, state, _ in shop.refunds()] == ["due"]


@pytest.mark.parametrize(
    "other",
    [
        {"outcome": "no_refund", "quantity": 1},
        {"outcome": "refund", "quantity": 2},
        {"outcome": "refund", "quantity": 1, "line_id": "2"},
        {"outcome": "refund", "quantity": 1, "amount": 900},
        {"outcome": "refund", "quantity": 1, "reason": "for another reason"},
    ],
)
def test_a_decision_id_with_other_content_is_refused(other: dict[str, object]) -> None:
    shop = Shop().given(order(2, 1), ship(2), cancel(2), reject(), back(0, 2))
    assert shop.answer("refund", 1) == "recorded"

    assert shop.answer(**other) == "decision_id_in_use"

    assert shop.refunds() == [(1000, "due", "decided")]


def test_a_decision_about_an_id_in_use_repeats_its_answer() -> None:
    shop = refused().given(back(0, 2))
    shop.decide("refund", 1)

    assert shop.answer("no_refund", 1) == "decision_id_in_use"
    version = shop.orders["A1"].version

    assert shop.answer("no_refund", 1) == "repeated"
    assert shop.orders["A1"].version == version


def test_stopped_confirms_in_the_warehouses_stead() -> None:
    shop = Shop().given(order(3), release(), cancel())

    assert shop.answer("stopped", 2) == "recorded"

    assert shop.page() == (2, 1, 0, 0)
    assert shop.refunds() == [(2000, "due", "nothing_to_ship")]


def test_stopped_is_about_the_oldest_cancellation_first_and_is_written_as_numbers() -> None:
    shop = Shop().given(order(4), release(), cancel(1), cancel(2, called="c2"))

    shop.decide("stopped", 2)

    event = shop.orders["A1"].events[-1]
    assert isinstance(event, CaseDecided)
    assert event.confirms == (Confirmed("c1", 1), Confirmed("c2", 1))
    assert event.settles == ()


def test_not_stopped_leaves_the_units_with_the_warehouse() -> None:
    shop = Shop().given(order(2), release(), cancel())

    assert shop.answer("not_stopped", 2) == "recorded"

    assert shop.page() == (0, 2, 0, 0)
    assert shop.refunds() == []


def test_stopped_and_shipped_all_the_same_crosses_like_a_confirmed_unit() -> None:
    shop = Shop().given(order(2), release(), cancel())
    shop.decide("stopped", 2)

    shop.given(ship(2))

    assert shop.page() == (0, 0, 2, 0)
    assert shop.refunds() == []


def test_units_decided_as_stopped_complete_the_order_and_bring_the_fee() -> None:
    shop = Shop().given(order(2, shipping_fee="4.90"), release(), cancel())

    shop.decide("stopped", 2)

    (refund,) = shop.information().refunds
    assert (refund.refund_id, refund.amount, refund.fee) == (refund_of(), 2490, 490)
