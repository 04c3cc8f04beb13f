"""What the demo says of an order is what the order's figures say."""

from __future__ import annotations

from runtime.demo_story import ON_THE_WAY_BACK, outcome
from tests.support.shop import Shop
from tests.support.told import cancel, order, reject, ship


def test_goods_on_their_way_back_are_no_refund_yet() -> None:
    shop = Shop().given(order(2), ship(2), cancel(2), reject(2))

    assert (shop.information().status, shop.refunds()) == ("returning", [])
    assert outcome(shop.information(), set()) == ON_THE_WAY_BACK


def test_an_order_with_another_refund_due_is_no_example_of_no_refund_yet() -> None:
    shop = Shop().given(order(3), cancel(1), ship(2), cancel(2), reject(2))

    assert shop.information().status == "returning"
    assert [state for _, state, _ in shop.refunds()] == ["due"]
    assert outcome(shop.information(), set()) is None
