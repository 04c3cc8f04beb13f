"""What the demo says of an order is what the order's figures say."""

from __future__ import annotations

from runtime.demo_story import BACK, BACK_DUE, BACK_PAID, CROSSED, ON_THE_WAY_BACK, STUCK, outcome
from tests.support.shop import Shop
from tests.support.told import back, cancel, issued, order, reject, ship


def test_goods_on_their_way_back_are_no_refund_yet() -> None:
    shop = Shop().given(order(2), ship(2), cancel(2), reject(2))

    assert (shop.information().status, shop.refunds()) == ("returning", [])
    assert outcome(shop.information(), set()) == ON_THE_WAY_BACK


def test_an_order_with_another_refund_due_is_no_example_of_no_refund_yet() -> None:
    shop = Shop().given(order(3), cancel(1), ship(2), cancel(2), reject(2))

    assert shop.information().status == "returning"
    assert [state for _, state, _ in shop.refunds()] == ["due"]
    assert outcome(shop.information(), set()) is None


def test_a_refund_is_paid_back_when_the_provider_says_so_and_not_before() -> None:
    shop = Shop().given(order(2), ship(2), cancel(2), reject(2), back(2))
    refund = shop.information().refunds[0]

    before = outcome(shop.information(), {CROSSED, BACK})
    shop.given(issued(refund.refund_id, "20.00"))

    assert before == BACK_DUE
    assert outcome(shop.information(), {CROSSED, BACK}) == BACK_PAID


def test_an_order_with_a_case_is_an_example_of_that_whatever_else_it_is() -> None:
    shop = Shop().given(order(2), ship(2), cancel(2), reject(2))

    assert outcome(shop.information(), {CROSSED}, has_case=True) == STUCK
