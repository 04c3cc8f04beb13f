"""When money is due and how much it is."""

from __future__ import annotations

from tests.support.oracle_money import spread, worth_of_first
from tests.support.oracle_scene import DAY, Scene, line, refund_id

THIRD = line("a", 3, "5.00", discount="5.00")  # three units for 10.00


def test_an_order_cancelled_whole_is_refunded_at_once_with_its_shipping_fee() -> None:
    scene = Scene(shipping_fee="4.00", shipping_tax="0.76")
    scene.cancel("c")

    assert scene.money() == [("due", "9.76")]
    assert scene.status == "refund_due"


def test_a_part_is_held_until_the_rest_has_shipped() -> None:
    scene = Scene(line("a", 5), line("b", 2))
    scene.cancel("c", a=2)
    assert scene.money() == [("held", "2.00")]
    scene.ship("S", a=3)
    assert scene.money() == [("held", "2.00")]
    scene.ship("T", b=2)
    assert scene.money() == [("due", "2.00")]


def test_a_held_refund_says_until_when() -> None:
    scene = Scene()
    scene.cancel("c", a=2)
    cancelled_at = scene.clock

    assert scene.page()["refunds"] == [
        {
            "refund_id": refund_id("cancellation", "c"),
            "amount": "2.00",
            "state": "held",
            "held_until": cancelled_at + 30 * DAY,
        }
    ]


def test_goods_that_never_ship_hold_money_for_thirty_days() -> None:
    scene = Scene()
    scene.cancel("c", a=2)

    assert scene.money(after=30 * DAY - 1) == [("held", "2.00")]
    assert scene.money(after=30 * DAY) == [("due", "2.00")]


def test_requested_units_hold_nobody_up() -> None:
    scene = Scene(line("a", 2), line("b", 2))
    scene.cancel("c", a=2)
    scene.release(b=2)
    scene.cancel("d", b=2)

    assert scene.goods("b") == (0, 2, 0, 0)
    assert scene.money() == [("due", "2.00")]


def test_a_part_and_then_the_rest_cancelled_is_due_at_once() -> None:
    scene = Scene()
    scene.cancel("c", a=2)
    scene.cancel("d")

    assert scene.money() == [("due", "2.00"), ("due", "3.00")]


def test_part_shipped_and_all_the_rest_cancelled() -> None:
    scene = Scene()
    scene.ship("S", a=3)
    scene.cancel("c")

    assert scene.goods() == (2, 0, 3, 0)
    assert scene.money() == [("due", "2.00")]
    scene.back("R", a=3)
    assert scene.money() == [("due", "2.00"), ("due", "3.00")]


def test_crossed_units_are_paid_when_back_though_goods_are_still_to_ship() -> None:
    scene = Scene(line("a", 5), line("b", 2))
    scene.ship("S", a=5)
    scene.cancel("c", a=2)
    scene.back("R", a=1)
    scene.back("Q", a=1)

    assert scene.money() == [("due", "1.00"), ("due", "1.00")]


def test_a_withdrawal_closes_the_gate_again() -> None:
    scene = Scene(line("a", 2), line("b", 2))
    scene.cancel("c", a=2)
    scene.release(b=2)
    scene.cancel("d", b=2)
    scene.withdraw("d")

    assert scene.money() == [("held", "2.00")]


def test_three_units_for_ten_euros_one_at_a_time() -> None:
    scene = Scene(THIRD)
    for name in "cde":
        scene.cancel(name, a=1)
    amounts = [("due", "3.33"), ("due", "3.34"), ("due", "3.33")]

    assert scene.money() == amounts


def test_amounts_telescope_whatever_is_asked_for_first() -> None:
    scene = Scene(THIRD)
    for name in "cde":
        scene.cancel(name, a=1)
    assert scene.ask("cancellation", "d")

    assert scene.money() == [("requested", "3.34"), ("due", "3.33"), ("due", "3.33")]


def test_what_is_due_comes_before_what_is_held() -> None:
    """The return takes the first unit's 3.33, the older but held cancellation the second's."""
    scene = Scene(THIRD, line("b", 1))
    scene.cancel("c", a=1)
    scene.ship("S", a=2)
    scene.reject("S", a=1)
    scene.back("R", a=1)

    assert scene.money() == [("due", "3.33"), ("held", "3.34")]


def test_the_orders_discount_goes_to_the_largest_remainder_and_then_by_place() -> None:
    assert spread(100, [1, 1, 1]) == [34, 33, 33]
    assert spread(2, [3, 3, 4]) == [1, 0, 1]
    assert spread(0, [0, 0]) == [0, 0]


def test_a_line_is_worth_its_price_less_discounts_with_tax() -> None:
    """2 x 3.00 - 1.00 - 0.50 of 1.00 by 5.00 of 10.00 + 0.95 tax = 5.45."""
    taxed = line("a", 2, "3.00", discount="1.00", tax="0.95")
    scene = Scene(taxed, line("b", 1, "5.00"), discount="1.00")
    scene.ship("S", b=1)
    scene.cancel("c", a=2)

    assert scene.money() == [("due", "5.45")]


def test_half_a_cent_is_rounded_up() -> None:
    assert [worth_of_first(units, 2, 5) for units in (0, 1, 2)] == [0, 3, 5]


def test_currencies_have_their_own_decimals() -> None:
    for currency, price, amount in (("JPY", "7", "35"), ("KWD", "1.005", "5.025")):
        scene = Scene(line("a", 5, price), currency=currency)
        scene.cancel("c")
        assert scene.money() == [("due", amount)]


def test_the_fee_waits_for_the_last_return_and_comes_with_it() -> None:
    scene = Scene(shipping_fee="4.00")
    scene.ship("S", a=3)
    scene.cancel("c")
    scene.back("R", a=2)
    assert scene.money() == [("due", "2.00"), ("due", "2.00")]
    scene.back("Q", a=1)

    assert scene.money() == [("due", "2.00"), ("due", "2.00"), ("due", "5.00")]


def test_the_fee_comes_with_the_cancellation_that_was_confirmed_last() -> None:
    scene = Scene(shipping_fee="4.00")
    scene.release()
    scene.cancel("c", a=2)
    scene.cancel("d")
    scene.confirm("d")
    scene.confirm("c")

    assert scene.money() == [("due", "6.00"), ("due", "3.00")]


def test_the_fee_stands_alone_where_the_last_message_pays_nothing() -> None:
    scene = Scene(shipping_fee="4.00")
    scene.ship("S", a=3)
    scene.cancel("c")
    scene.back("R", "damaged", a=3)

    assert scene.money() == [("due", "2.00"), ("due", "4.00")]
    assert scene.ask("fee", "o")


def test_the_fee_is_paid_once() -> None:
    scene = Scene(shipping_fee="4.00")
    scene.cancel("c")
    scene.ask("cancellation", "c")
    scene.ship("S", a=1)
    scene.back("R", a=1)

    assert scene.money() == [("requested", "9.00")]


def test_later_units_of_a_cancellation_are_its_second_refund() -> None:
    scene = Scene(line("a", 2))
    scene.release()
    scene.cancel("c")
    scene.confirm("c", a=1)
    assert scene.ask("cancellation", "c", 1)
    scene.confirm("c", a=1)

    assert scene.money() == [("requested", "1.00"), ("due", "1.00")]
    assert scene.ask("cancellation", "c", 2)
