"""domain rules, section 5: when money is due, and how much."""

from __future__ import annotations

import pytest

from domain.money import to_text
from tests.support.shop import DAY, Shop
from tests.support.told import (
    back,
    cancel,
    confirm,
    correct,
    deliver,
    failed,
    issued,
    order,
    refund_of,
    refund_of_return,
    reject,
    release,
    ship,
    withdraw,
)


def test_everything_cancelled_and_succeeded_is_due_at_once_with_the_shipping_fee() -> None:
    shop = Shop().given(order(2, shipping_fee="4.90", shipping_tax="0.93"), cancel())

    assert shop.refunds() == [(2583, "due", "everything_cancelled")]
    assert shop.information().status == "refund_due"


def test_part_cancelled_is_held_until_nothing_is_to_ship_on_any_line() -> None:
    shop = Shop().given(order(2, 1), cancel(2))
    assert shop.refunds() == [(2000, "held", "goods_still_to_ship")]
    (refund,) = shop.information().refunds
    assert refund.held_until == refund.since + 30 * DAY

    shop.given(ship(1, line="2"))

    assert shop.refunds() == [(2000, "due", "nothing_to_ship")]


def test_requested_units_are_not_to_ship_and_hold_nobody_up() -> None:
    shop = Shop().given(order(1, 1), release(), cancel(1), confirm())
    assert [state for _, state, _ in shop.refunds()] == ["held"]

    shop.given(cancel(1, line="2", called="c2"))

    assert shop.refunds() == [(1000, "due", "nothing_to_ship")]


def test_part_cancelled_then_the_rest_cancelled_is_due_at_once() -> None:
    shop = Shop().given(order(3), cancel(1), cancel(2, called="c2"))

    assert [(amount, state) for amount, state, _ in shop.refunds()] == [
        (1000, "due"),
        (2000, "due"),
    ]


def test_part_shipped_and_all_the_rest_cancelled_pays_at_once_and_crossed_units_when_back() -> None:
    shop = Shop().given(order(3), ship(2), cancel())
    assert shop.refunds() == [(1000, "due", "nothing_to_ship")]

    shop.given(reject(), back(2))

    assert shop.refunds() == [
        (1000, "due", "everything_cancelled"),
        (2000, "due", "goods_returned"),
    ]


def test_crossed_units_are_paid_return_by_return_even_with_goods_still_to_ship() -> None:
    first, second = back(1), back(1, called="R2")
    shop = Shop().given(order(3, 1), ship(2), cancel(3), reject(), first, second)

    assert shop.refunds() == [
        (1000, "due", "goods_returned"),
        (1000, "due", "goods_returned"),
        (1000, "held", "goods_still_to_ship"),
    ]


def test_remaining_goods_that_never_ship_hold_a_refund_no_longer_than_the_maximum() -> None:
    shop = Shop().given(order(2), cancel(1))
    until = shop.information().turns_due_at
    assert until is not None

    assert shop.refunds(now=until - 1) == [(1000, "held", "goods_still_to_ship")]
    assert shop.refunds(now=until) == [(1000, "due", "maximum_hold_reached")]


def test_what_was_not_asked_for_is_held_again_when_the_gate_closes() -> None:
    shipment = ship(1, line="2")
    shop = Shop().given(order(1, 1), cancel(1), shipment)
    assert [state for _, state, _ in shop.refunds()] == ["due"]

    shop.given(correct(shipment))

    assert [state for _, state, _ in shop.refunds()] == ["held"]


def test_what_was_asked_for_stays_asked_for_when_the_gate_closes() -> None:
    shipment = ship(1, line="2")
    shop = Shop().given(order(1, 1), cancel(1), shipment)
    shop.ask(refund_of())

    shop.given(correct(shipment))

    assert [state for _, state, _ in shop.refunds()] == ["requested"]


def test_refunded_and_shipped_afterwards_is_at_large_and_not_paid_again_when_back() -> None:
    shop = Shop().given(order(2), cancel())
    shop.ask(refund_of())
    shop.given(ship(2))
    assert [(item.line_id, item.quantity) for item in shop.information().at_large] == [("1", 2)]

    shop.given(reject(), back(2))

    assert shop.information().at_large == ()
    assert [(amount, state) for amount, state, _ in shop.refunds()] == [(2000, "requested")]


def test_units_released_and_asked_for_before_stay_asked_for() -> None:
    shop = Shop().given(order(2), cancel())
    shop.ask(refund_of())

    shop.given(release())

    assert shop.page() == (0, 2, 0, 0)
    assert [state for _, state, _ in shop.refunds()] == ["requested"]


def test_a_failed_refund_keeps_its_id_and_is_issued_in_the_end() -> None:
    shop = Shop().given(order(1), cancel())
    shop.ask(refund_of())
    shop.given(failed(refund_of()))
    assert [state for _, state, _ in shop.refunds()] == ["failed"]

    shop.given(issued(refund_of(), "10.00"))

    assert [state for _, state, _ in shop.refunds()] == ["issued"]
    assert shop.information().status == "refunded"


def test_issued_wins_over_failed_in_any_order() -> None:
    shop = Shop().given(order(1), cancel(), issued(refund_of(), "10.00"), failed(refund_of()))

    assert [state for _, state, _ in shop.refunds()] == ["issued"]


def test_being_issued_counts_as_asked_for() -> None:
    shop = Shop().given(order(2), cancel(1), issued(refund_of(), "10.00"), cancel(1, called="c2"))

    assert [(amount, state) for amount, state, _ in shop.refunds()] == [
        (1000, "issued"),
        (1000, "due"),
    ]


def test_more_units_of_one_cause_are_asked_for_under_the_next_number() -> None:
    shop = Shop().given(order(2), release(), cancel(), confirm(1))
    shop.ask(refund_of())

    shop.given(confirm(1))

    ids = [refund.refund_id for refund in shop.information().refunds]
    assert ids == [refund_of(n=1), refund_of(n=2)]


def test_three_units_for_ten_cancelled_one_at_a_time_pay_333_334_333() -> None:
    placed = order(3, price="3.00")
    placed["data"]["lines"][0]["tax"] = "1.00"
    shop = Shop().given(placed)

    for called in ("a", "b", "c"):
        shop.given(cancel(1, called=called))

    assert [amount for amount, _, _ in shop.refunds()] == [333, 334, 333]


def test_the_orders_discount_is_spread_by_largest_remainder_ties_to_the_earlier_line() -> None:
    shop = Shop().given(order(1, 1, 1, price="1.00", discount="1.00"))

    assert [line.amount for line in shop.orders["A1"].placed.lines] == [66, 67, 67]


@pytest.mark.parametrize(
    ("more", "field"),
    [({"discount": "30.01"}, "data.discount"), ({"discount": "999"}, "data.discount")],
)
def test_a_discount_greater_than_what_it_is_taken_from_is_a_dead_letter(
    more: dict[str, str], field: str
) -> None:
    decision = Shop().hear(order(3, **more))

    assert decision is not None
    assert decision.outcome == "dead"
    assert decision.problem is not None
    assert (decision.problem.field, decision.problem.rule) == (field, "discount_too_great")


def test_the_fee_comes_with_the_return_that_completes_the_cancellation() -> None:
    first = back(2)
    shop = Shop().given(order(2, shipping_fee="4.90"), ship(2), cancel(), reject(), first)

    (refund,) = shop.information().refunds

    assert (refund.refund_id, refund.amount, refund.fee) == (refund_of_return(first), 2490, 490)


def test_the_fee_is_a_refund_of_its_own_when_what_completes_pays_nothing() -> None:
    shop = Shop().given(order(2, shipping_fee="4.90"), ship(2), cancel(), back(damaged=2))

    (refund,) = shop.information().refunds

    assert refund.refund_id == refund_of("A1", kind="fee")
    assert (refund.amount, refund.state) == (490, "due")


def test_a_refund_keeps_its_cause_and_reason_when_that_entitles_to_nothing_any_more() -> None:
    alone = Shop().given(order(2, shipping_fee="4.90"), ship(2), cancel(), back(damaged=2))
    alone.ask(refund_of("A1", kind="fee"))
    first = back(2)
    returned = Shop().given(order(2, shipping_fee="4.90"), ship(2), cancel(), reject(), first)
    returned.ask(refund_of_return(first))

    returned.given(correct(first))

    told = [
        (one.kind, one.cause, one.reason)
        for shop in (alone, returned)
        for one in shop.information().refunds
    ]
    assert told == [
        ("fee", "A1", "everything_cancelled"),
        ("return", f"{first['source']}\n{first['id']}", "goods_returned"),
    ]


def test_the_fee_is_a_refund_of_its_own_when_the_cent_of_what_completes_was_paid_before() -> None:
    one_cent = order(2, price="0.01", discount="0.01", shipping_fee="4.90")
    both = Shop().given(one_cent, cancel(1), cancel(1, called="c2"))
    asked = Shop().given(one_cent, ship(1), cancel(1))
    asked.ask(refund_of())
    last = back(1)
    asked.given(cancel(called="c2"), reject(), last)

    for shop in (both, asked):
        first, second = shop.information().refunds
        assert (first.refund_id, first.amount, first.fee) == (refund_of("c1"), 1, 0)
        assert (second.refund_id, second.amount) == (refund_of("A1", kind="fee"), 490)


def test_the_fee_is_never_due_while_a_unit_is_requested_or_out() -> None:
    requested = Shop().given(order(1, 1, shipping_fee="4.90"), release(1, line="2"), cancel())
    out = Shop().given(order(1, 1, shipping_fee="4.90"), ship(1, line="2"), cancel())

    assert [amount for amount, _, _ in requested.refunds()] == [1000]
    assert [amount for amount, _, _ in out.refunds()] == [1000]


def test_paid_nothing_lists_no_refund() -> None:
    assert Shop().given(order(2, paid="0"), cancel()).refunds() == []


def test_a_refund_that_would_exceed_what_was_paid_is_held_whole_and_a_smaller_one_passes() -> None:
    shop = Shop().given(
        order(3, 1, paid="15.00"), cancel(3, called="big"), cancel(1, line="2", called="small")
    )

    assert shop.refunds() == [
        (1000, "due", "everything_cancelled"),
        (3000, "held", "exceeds_paid"),
    ]
    assert "exceeds_paid" in shop.rules()


def test_more_paid_than_the_order_costs_is_a_discrepancy_and_not_refunded() -> None:
    shop = Shop().given(order(1, paid="25.00"), cancel())

    assert [amount for amount, _, _ in shop.refunds()] == [1000]
    assert shop.rules() == {"paid_more_than_total"}


def test_a_refund_of_nothing_is_not_created() -> None:
    assert Shop().given(order(2, price="0"), cancel()).refunds() == []


def test_a_refund_issued_twice_or_with_another_amount_is_a_discrepancy_and_counts_once() -> None:
    shop = Shop().given(
        order(1), cancel(), issued(refund_of(), "9.00"), issued(refund_of(), "9.00")
    )

    assert shop.information().refunded == 900
    assert shop.rules() == {"refund_amount_differs", "refund_issued_twice"}


def test_an_unknown_refund_counts_as_refunded_and_holds_what_is_due() -> None:
    shop = Shop().given(order(1), cancel(), issued("r-who", "5.00"))

    assert shop.information().refunded == 500
    assert shop.refunds() == [(1000, "held", "unknown_refund")]
    assert shop.rules() == {"unknown_refund"}


def test_a_refund_issued_before_it_is_listed_is_known_once_it_is() -> None:
    shop = Shop().given(order(1), issued(refund_of(), "10.00"))
    assert shop.rules() == {"unknown_refund"}

    shop.given(cancel())

    assert [state for _, state, _ in shop.refunds()] == ["issued"]
    assert shop.rules() == set()


def test_a_refund_issued_before_the_facts_behind_it_covers_them_once_they_come() -> None:
    returned = back(2)
    paid = issued(refund_of_return(returned), "20.00")
    told = [order(2), paid, ship(2), cancel(1), returned, reject()]

    early = Shop().given(*told)
    late = Shop().given(*(m for m in told if m is not paid), paid)

    assert early.refunds() == late.refunds() == [(2000, "issued", "goods_returned")]
    assert early.information().status == late.information().status == "refunded"
    assert early.rules() == late.rules() == set()


def test_a_refund_in_another_currency_is_a_discrepancy_and_does_not_count() -> None:
    shop = Shop().given(order(1), cancel(), issued(refund_of(), "10.00", currency="USD"))

    assert shop.information().refunded == 0
    assert shop.refunds() == [(1000, "issued", "everything_cancelled")]
    assert shop.rules() == {"refund_currency_differs"}


def test_only_what_is_due_can_be_asked_for_and_only_once() -> None:
    shop = Shop().given(order(2), cancel(1))

    assert [shop.ask(refund_of()), shop.ask("r-none")] == ["refused", "refused"]
    shop.given(ship(1))
    assert [shop.ask(refund_of()), shop.ask(refund_of())] == ["recorded", "repeated"]


def test_a_withdrawal_takes_back_what_was_never_due() -> None:
    shop = Shop().given(order(2), release(), cancel(1), withdraw())

    assert shop.refunds() == []


def test_a_lapsed_cancellation_pays_nothing() -> None:
    shop = Shop().given(order(2), ship(2), cancel(), deliver())

    assert shop.refunds() == []


@pytest.mark.parametrize(
    ("currency", "price", "shown"),
    [("JPY", "1190", "1190"), ("EUR", "11.90", "11.90"), ("KWD", "1.190", "1.190")],
)
def test_amounts_have_the_decimals_of_their_currency(currency: str, price: str, shown: str) -> None:
    shop = Shop().given(order(1, price=price, currency=currency), cancel())

    (refund,) = shop.information().refunds

    assert to_text(refund.amount, currency) == shown
