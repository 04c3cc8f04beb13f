"""domain rules, sections 5 and 6: asking for refunds, asking again, and money that is out."""

from __future__ import annotations

import pytest

from domain import asking
from domain.asking import NEVER, Asked, asked_again_at
from domain.process_events import RefundRetried
from tests.support.home import DAY, HOUR, MINUTE, Home
from tests.support.told import (
    back,
    cancel,
    confirm,
    correct,
    failed,
    issued,
    order,
    refund_of,
    refund_of_return,
    reject,
    release,
    ship,
)

C1 = refund_of()
PAY = f"pay:{C1}"


def asked(units: int = 2) -> Home:
    """An order that was cancelled whole before anything was released: the refund is asked for."""
    return Home().given(order(units), cancel())


def test_a_refund_that_is_due_is_asked_for_at_once_and_awaited_three_days() -> None:
    home = Home().given(order(2))

    said = home.when(cancel())

    assert said == [("pay", C1, 2000), ("succeeded", "c1", {"1": 2})]
    assert [wait[:2] for wait in home.waits().values()] == [("payment", "payment_pending")]
    assert home.refunds() == [(2000, "requested", "everything_cancelled")]


def test_a_refund_that_was_paid_is_done() -> None:
    home = asked()

    assert home.when(issued(C1, "20.00")) == []
    assert home.waits() == {}
    assert home.processes["A1"].is_done
    assert home.information().status == "refunded"


def test_a_failed_refund_is_asked_again_under_the_same_id_after_a_pause() -> None:
    home = asked().given(failed(C1))
    assert home.waits()[PAY][:2] == ("payment", "payment_failing")

    assert home.after(5 * MINUTE - 1) == []
    assert home.after(1) == [("pay", C1, 2000)]


def fail(home: Home, refund_id: str = C1) -> int:
    """Say that it failed, and wait until it is asked for again; how long that took."""
    home.given(failed(refund_id))
    due = home.due["A1"]
    assert due is not None
    pause = due - home.now
    assert ("pay", refund_id, 2000) in home.after(pause)
    return pause


def test_the_pauses_grow_until_a_day() -> None:
    home = asked()

    pauses = [fail(home) // MINUTE for _ in range(6)]

    assert pauses == [5, 20, 80, 320, 1280, 1440]


def test_who_looks_is_told_when_the_provider_is_asked_again() -> None:
    home = asked()
    told, due = [], []

    def look() -> None:
        told.append(asked_again_at(what_became(home)[C1], home.terms))
        due.append(home.due["A1"])

    for _ in range(5):
        look()
        home.later(MINUTE).given(failed(C1)).later(MINUTE)
        home.given(failed(C1))  # to say so twice puts nothing off
        look()
        home.later(6 * HOUR)

    assert told == due


def test_who_looks_is_told_when_it_was_paid() -> None:
    home = asked().later(MINUTE).given(failed(C1)).later(HOUR).given(issued(C1, "20.00"))

    paid = what_became(home)[C1]

    assert (paid.times, paid.problem, paid.answered_at) == (3, None, home.now)
    assert asked_again_at(NEVER, home.terms) is None


def what_became(home: Home) -> dict[str, Asked]:
    return asking.asked(home.orders["A1"].events, home.process_events())


def test_each_attempt_has_a_number_and_an_id_of_its_own() -> None:
    home = asked()
    for _ in range(3):
        fail(home)

    retried = [e for e in home.process_events() if isinstance(e, RefundRetried)]

    assert [(e.refund_id, e.amount, e.currency, e.attempt) for e in retried] == [
        (C1, 2000, "EUR", 2),
        (C1, 2000, "EUR", 3),
        (C1, 2000, "EUR", 4),
    ]
    assert len({e.message_id for e in retried}) == 3


def test_a_refund_that_failed_three_times_and_then_was_paid_is_done() -> None:
    home = asked()
    for _ in range(3):
        fail(home)

    home.given(issued(C1, "20.00"))

    assert home.processes["A1"].is_done
    assert home.after(30 * DAY) == []
    assert home.information().status == "refunded"


def test_an_answer_that_is_lost_is_asked_again_under_the_same_id() -> None:
    """Unknown is neither failed nor paid, and never sent under a new id."""
    home = asked()

    said = home.after(3 * DAY)

    assert said != []
    assert set(said) == {("pay", C1, 2000)}


def test_a_provider_that_says_nothing_becomes_a_case() -> None:
    home = asked().later(3 * DAY)

    assert [wait[:2] for wait in home.cases().values()] == [("seller", "payment_unsettled")]


def test_a_provider_that_keeps_failing_becomes_a_case() -> None:
    home = asked()
    for _ in range(30):
        home.given(failed(C1)).later(3 * HOUR)

    assert [wait[:2] for wait in home.cases().values()] == [("seller", "payment_unsettled")]


def test_a_refund_paid_after_its_case_was_opened_closes_it() -> None:
    home = asked().later(5 * DAY)

    home.given(issued(C1, "20.00"))

    assert home.waits() == {}


def test_issued_wins_over_failed_in_any_order() -> None:
    home = asked().given(issued(C1, "20.00"))

    assert home.when(failed(C1)) == []
    assert home.waits() == {}
    assert home.after(30 * DAY) == []


def test_a_refund_that_was_paid_before_it_was_asked_for_is_not_asked_for() -> None:
    home = Home(eager=False).given(order(2), cancel(), issued(C1, "20.00"))

    home.advance()

    assert [word for word in home.said() if word[0] == "pay"] == []


def test_a_refund_that_is_reported_twice_is_paid_once() -> None:
    home = asked().given(issued(C1, "20.00"))

    assert home.when(issued(C1, "20.00")) == []
    assert home.information().refunded == 2000


def test_a_held_refund_is_told_once_with_its_reason_and_paid_when_the_rest_has_shipped() -> None:
    home = Home().given(order(2, 1))

    assert home.when(cancel(2)) == [
        ("succeeded", "c1", {"1": 2}),
        ("held", C1, 2000, "goods_still_to_ship"),
    ]
    assert home.advance() == []
    assert home.when(ship(1, line="2")) == [("pay", C1, 2000)]


def test_goods_that_never_ship_hold_a_refund_thirty_days_at_most() -> None:
    home = Home().given(order(2, 1), cancel(2))
    since = home.now

    assert home.due["A1"] == since + 30 * DAY
    assert home.after(30 * DAY - 1) == []
    assert home.after(1) == [("pay", C1, 2000)]


def test_part_cancelled_then_the_rest_cancelled_is_paid_at_once() -> None:
    home = Home().given(order(3), cancel(1))

    assert home.when(cancel(2, called="c2")) == [
        ("pay", C1, 1000),
        ("pay", refund_of("c2"), 2000),
        ("succeeded", "c2", {"1": 2}),
    ]


def test_part_shipped_and_the_rest_cancelled_is_paid_at_once_and_crossed_goods_when_back() -> None:
    returned = back(1)
    home = Home().given(order(3), ship(1))

    assert home.when(cancel()) == [
        ("pay", C1, 2000),
        ("refuse", "S1", {"1": 1}),
        ("succeeded", "c1", {"1": 2}),
    ]
    home.given(reject())
    assert home.when(returned)[0] == ("pay", refund_of_return(returned), 1000)


def test_more_units_of_one_cancellation_are_paid_under_the_next_number() -> None:
    home = Home().given(order(2), release(), cancel(), confirm(1))

    assert home.when(confirm(1)) == [("pay", refund_of(n=2), 1000), ("succeeded", "c1", {"1": 1})]


def test_a_shipment_that_opened_the_gate_and_never_was_leaves_money_asked_for() -> None:
    shipment = ship(1, line="2")
    home = Home().given(order(2, 1), cancel(2), shipment)

    assert home.when(correct(shipment)) == []
    assert [state for _, state, _ in home.refunds()] == ["requested"]


def test_a_held_refund_is_told_again_when_the_gate_closes_and_it_was_not_asked_for() -> None:
    shipment = ship(1, line="2")
    home = Home(eager=False).given(order(2, 1), cancel(2), shipment, correct(shipment))

    home.advance()

    assert ("held", C1, 2000, "goods_still_to_ship") in home.said()


def test_money_beyond_what_was_paid_is_a_case() -> None:
    home = Home().given(order(2, paid="15.00"))

    said = home.when(cancel())

    assert [word for word in said if word[0] == "pay"] == []
    assert [(who, reason) for who, reason, _ in home.cases().values()] == [
        ("seller", "exceeds_paid")
    ]


def test_an_unknown_refund_holds_what_is_due_and_is_a_case() -> None:
    home = Home().given(order(2), issued("r-else", "1.00"))

    said = home.when(cancel())

    assert [word for word in said if word[0] == "pay"] == []
    assert "unknown_refund" in [reason for _, reason, _ in home.cases().values()]


def test_nothing_is_asked_for_where_nothing_was_paid() -> None:
    home = Home().given(order(2, paid="0"))

    assert home.when(cancel()) == [("succeeded", "c1", {"1": 2})]
    assert home.waits() == {}


def test_free_goods_are_not_refunded() -> None:
    home = Home().given(order(2, price="0"))

    assert home.when(cancel()) == [("succeeded", "c1", {"1": 2})]


@pytest.mark.parametrize("pause", [1, HOUR, DAY, 10 * DAY])
def test_however_late_it_wakes_each_refund_is_asked_for_once(pause: int) -> None:
    home = Home(eager=False).given(order(2), cancel())
    home.now += pause

    home.advance()

    assert [word for word in home.said() if word[0] == "pay"] == [("pay", C1, 2000)]
    assert home.advance() == []
