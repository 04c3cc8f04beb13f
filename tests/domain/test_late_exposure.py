"""domain rules, sections 5 and 6: refunded goods that turn out to have left."""

from __future__ import annotations

from tests.support.home import Home
from tests.support.told import (
    back,
    cancel,
    correct,
    deliver,
    issued,
    order,
    refund_of,
    refund_of_return,
    reject,
    ship,
)

C1 = refund_of()
PAY = f"pay:{C1}"


def asked(units: int = 2) -> Home:
    """An order that was cancelled whole before anything was released: the refund is asked for."""
    return Home().given(order(units), cancel())


def test_refunded_at_once_and_shipped_afterwards_is_exposure_until_it_is_back() -> None:
    home = asked().given(issued(C1, "20.00"))

    assert home.when(ship(2)) == [
        ("refuse", "S1", {"1": 2}),
        ("exposed", {"1": 2}),
    ]
    home.given(reject())
    said = home.when(back(2))

    assert [word for word in said if word[0] == "exposed"] == [("exposed", {})]
    assert [word for word in said if word[0] == "pay"] == []
    assert home.waits() == {}


def test_refunded_goods_that_the_buyer_keeps_are_a_case_of_the_seller() -> None:
    home = asked().given(issued(C1, "20.00"), ship(2))

    said = home.when(deliver())

    assert ("lapsed", {"1": 2}) in said
    assert home.cases() == {"large:1": ("seller", "refunded_goods_at_large", {"1": 2})}


def test_refunded_goods_at_large_may_be_written_off() -> None:
    home = asked().given(issued(C1, "20.00"), ship(2), deliver())

    home.decide("refund", 2)

    assert home.waits() == {}
    assert home.information().refunded == 2000
    assert [word for word in home.said() if word[0] == "pay"] == []


def test_a_correction_that_undoes_a_shipment_after_the_refund_takes_no_money_back() -> None:
    shipment, returned = ship(2), back(2)
    home = Home().given(order(2), shipment, cancel(), reject(), returned)
    refund = refund_of_return(returned)
    home.given(issued(refund, "20.00"))

    said = home.when(correct(shipment))

    assert [word for word in said if word[0] == "pay"] == []
    assert home.information().refunded == 2000
