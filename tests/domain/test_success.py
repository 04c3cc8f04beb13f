"""domain rules, section 4: when a cancellation has succeeded."""

from __future__ import annotations

from tests.support.shop import Shop
from tests.support.told import cancel, confirm, order, release, ship


def test_units_never_handed_to_a_warehouse_succeed_at_once() -> None:
    shop = Shop().given(order(4), release(2), cancel(2))

    assert shop.page() == (2, 0, 0, 2)


def test_coming_soon_goods_succeed_at_once() -> None:
    shop = Shop().given(order(2, coming_soon=("1",)), release(), cancel())

    assert shop.page() == (2, 0, 0, 0)


def test_cancelled_units_take_the_unreleased_ones_first() -> None:
    shop = Shop().given(order(4), release(2), cancel(3))

    assert shop.page() == (2, 1, 0, 1)


def test_released_units_stay_requested_until_the_warehouse_confirms() -> None:
    shop = Shop().given(order(3), release(), cancel(2))
    assert shop.information().status == "cancellation_requested"

    shop.given(confirm(1))
    assert shop.page() == (1, 1, 0, 1)

    shop.given(confirm(1))
    assert shop.page() == (2, 0, 0, 1)


def test_a_producer_that_never_releases_gets_the_short_way_and_a_shipment_crosses() -> None:
    shop = Shop().given(order(3), cancel(3))
    assert shop.page() == (3, 0, 0, 0)

    shop.given(ship(3))

    assert shop.page() == (0, 0, 3, 0)
