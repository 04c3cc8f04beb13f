"""domain rules, sections 3 and 5: a decision's money, whatever comes back later."""

from __future__ import annotations

from domain.claims import refund_id
from tests.support.shop import NOW, SECOND, Shop
from tests.support.told import (
    back,
    cancel,
    confirm,
    correct,
    deliver,
    issued,
    lose,
    order,
    refund_of,
    reject,
    release,
    ship,
    withdraw,
)


def refused(units: int = 2, **more: str) -> Shop:
    """An order of so many units that crossed whole and was refused at the door."""
    return Shop().given(order(units, **more), ship(units), cancel(), reject())


def of_decision(called: str = "d1", n: int = 1) -> str:
    return refund_id("A1", "decision", called, n)


def test_missing_units_are_decided_before_anything_came_back() -> None:
    shop = refused()

    assert shop.answer("refund", 1) == "recorded"

    assert shop.refunds() == [(1000, "due", "decided")]
    assert shop.page() == (0, 0, 2, 0)


def test_units_that_nobody_refused_or_delivered_may_be_decided_about() -> None:
    shop = Shop().given(order(2), ship(2), cancel())

    assert shop.answer("refund", 2) == "recorded"

    assert shop.refunds() == [(2000, "due", "decided")]


def test_a_missing_unit_that_was_paid_for_and_comes_back_is_not_paid_again() -> None:
    shop = refused()
    shop.decide("refund", 2)
    shop.ask(of_decision())

    shop.given(back(2))

    assert shop.refunds() == [(2000, "requested", "decided")]
    assert shop.information().at_large == ()


def test_a_missing_unit_that_was_decided_and_not_asked_for_is_paid_once_when_it_is_back() -> None:
    shop = refused()
    shop.decide("refund", 2)

    shop.given(back(1))

    assert sum(amount for amount, _, _ in shop.refunds()) == 2000
    assert len(shop.refunds()) == 2


def test_a_missing_unit_that_was_denied_and_comes_back_good_is_refunded() -> None:
    """Goods that are back in good condition are refunded by themselves."""
    shop = refused()
    shop.decide("no_refund", 2)

    shop.given(back(2))

    assert shop.refunds() == [(2000, "due", "goods_returned")]


def test_a_missing_unit_that_was_decided_and_comes_back_damaged_is_no_new_case() -> None:
    shop = refused(1)
    shop.decide("refund", 1)
    shop.ask(of_decision())

    shop.given(back(0, 1))

    assert shop.answer("refund", 1, decision_id="d2") == "nothing_to_decide"
    assert shop.refunds() == [(1000, "requested", "decided")]


def test_a_unit_decided_for_refund_and_delivered_after_all_is_at_large() -> None:
    shop = Shop().given(order(1), ship(1), cancel())
    shop.decide("refund", 1)
    shop.ask(of_decision())

    shop.given(deliver())

    assert [(item.line_id, item.quantity) for item in shop.information().at_large] == [("1", 1)]
    assert shop.refunds() == [(1000, "requested", "decided")]


def test_a_lost_unit_is_paid_by_decision_alone() -> None:
    shop = Shop().given(order(2), ship(2), cancel(), lose())
    assert shop.page() == (2, 0, 0, 0)
    assert shop.refunds() == []

    shop.decide("refund", 2)

    assert shop.refunds() == [(2000, "due", "decided")]


def test_wanted_units_that_were_lost_may_be_refunded_and_stay_remaining() -> None:
    shop = Shop().given(order(2), ship(2), lose(1))

    assert shop.answer("refund", 1) == "recorded"

    assert shop.page() == (0, 0, 0, 2)
    assert shop.refunds() == [(1000, "due", "decided")]


def test_an_ordinary_return_may_be_refunded() -> None:
    shop = Shop().given(order(2), ship(2), deliver(), back(1))
    assert shop.refunds() == []

    assert shop.answer("refund", 1) == "recorded"

    assert shop.refunds() == [(1000, "due", "decided")]


def test_refunded_goods_at_large_may_be_written_off_without_more_money() -> None:
    shop = Shop().given(order(1), cancel())
    shop.ask(refund_of())
    shop.given(issued(refund_of(), "10.00"), ship(1), deliver())
    assert shop.information().at_large != ()

    assert shop.answer("refund", 1) == "recorded"

    assert [(amount, state) for amount, state, _ in shop.refunds()] == [(1000, "issued")]
    assert shop.information().at_large == ()
    assert shop.information().refunded == 1000


def test_units_paid_by_decision_that_never_left_after_all_are_not_paid_again() -> None:
    shipment = ship(2)
    shop = Shop().given(order(2), shipment, cancel())
    shop.decide("refund", 2)
    shop.ask(of_decision())

    shop.given(correct(shipment))

    assert shop.page() == (2, 0, 0, 0)
    assert [(amount, state) for amount, state, _ in shop.refunds()] == [(2000, "requested")]


def test_a_withdrawn_and_confirmed_cancellation_is_closed_by_a_decision_without_units() -> None:
    shop = Shop().given(order(2), release(), cancel(), withdraw(), confirm())

    assert shop.answer("no_refund", 1) == "recorded"

    assert shop.answer("no_refund", 1, decision_id="d2") == "nothing_to_decide"
    assert shop.refunds() == []


def test_a_withdrawn_and_confirmed_cancellation_is_no_case_once_its_units_ship() -> None:
    shop = Shop().given(order(2), release(), cancel(), withdraw(), confirm(), ship(2), deliver())

    assert shop.information().status == "closed"
    assert shop.answer("no_refund", 1) == "nothing_to_decide"


def test_a_seller_who_placed_an_unknown_refund_lets_the_others_go_on() -> None:
    shop = Shop().given(order(2), issued("r-else", "1.00"), cancel(1), ship(1))
    assert [(amount, state) for amount, state, _ in shop.refunds()] == [(1000, "held")]

    assert shop.answer("refund", 1) == "recorded"

    assert [(amount, state) for amount, state, _ in shop.refunds()] == [(1000, "due")]


def test_a_decision_is_made_on_what_was_recorded_whatever_came_late() -> None:
    """Of the same facts in any order, the same decision leads to the same money."""
    facts = [ship(2), cancel(), reject(), back(0, 2)]
    one = Shop().given(order(2), *facts)
    other = Shop().given(order(2), facts[1], *reversed([facts[0], *facts[2:]]))

    for shop in (one, other):
        assert shop.answer("refund", 2) == "recorded"

    assert one.refunds() == other.refunds() == [(2000, "due", "decided")]


def test_money_is_decided_by_our_clock() -> None:
    shop = refused(1).given(back(0, 1))
    shop.decide("refund", 1, occurred_at=NOW - 9 * SECOND)

    (refund,) = shop.information().refunds
    assert refund.since == shop.now


def test_money_that_a_seller_let_pass_is_out_all_the_same() -> None:
    """Refunds never exceed what was paid, whoever paid them."""
    shop = Shop().given(order(2), issued("r-else", "10.01"), cancel(1), ship(1))

    assert shop.answer("refund", 1) == "recorded"

    assert shop.refunds() == [(1000, "held", "exceeds_paid")]


def test_money_under_an_id_that_pays_for_nothing_counts_as_out_too() -> None:
    shop = Shop().given(order(2), cancel(1), ship(1))
    shop.ask(refund_of())
    shop.given(issued(refund_of(n=2), "5.00"), cancel(1, called="c2"), reject(), back(1))

    assert shop.answer("refund", 1) == "recorded"

    assert shop.refunds() == [
        (1000, "requested", "everything_cancelled"),
        (1000, "held", "exceeds_paid"),
    ]


def test_of_a_decided_amount_only_the_part_of_the_units_that_are_still_away_is_paid() -> None:
    shop = refused().given(issued("r-else", "0.00"))
    shop.decide("refund", 2, amount=1500)

    shop.given(back(1))

    assert sorted(amount for amount, _, _ in shop.refunds()) == [750, 1000]


def test_a_lost_unit_that_was_paid_for_and_is_found_is_no_new_case() -> None:
    shop = Shop().given(order(1), ship(1), lose())
    shop.decide("refund", 1)
    shop.ask(of_decision())

    shop.given(back(1, shipment_id="S1"))

    assert shop.answer("refund", 1, decision_id="d2") == "nothing_to_decide"
