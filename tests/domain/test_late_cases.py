"""domain rules, section 6: what becomes a case of the seller from the start, and ends as one."""

from __future__ import annotations

import pytest

from tests.support.home import DAY, Home
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
    release,
    ship,
    withdraw,
)


def test_wanted_goods_that_were_lost_are_a_case_without_money() -> None:
    home = Home().given(order(2), ship(2))

    assert home.when(lose(1)) == []
    assert home.waits() == {"wanted_lost:1": ("seller", "wanted_goods_lost", {"1": 1})}
    assert home.until("wanted_lost:1") == home.now + 7 * DAY


def test_wanted_goods_that_were_lost_and_delivered_after_all_are_no_case() -> None:
    home = Home().given(order(2), ship(2), lose())

    home.given(deliver())

    assert home.waits() == {}


def test_goods_that_come_back_after_they_were_taken_are_a_case() -> None:
    home = Home().given(order(2), ship(2), deliver(), back(1))

    assert home.waits() == {"returned:1": ("seller", "returned_though_wanted", {"1": 1})}
    assert home.until("returned:1") == home.now + 7 * DAY


def test_money_in_another_currency_is_a_case() -> None:
    home = Home().given(order(2), cancel())

    home.given(issued(refund_of(), "20.00", "USD"))

    assert home.waits() == {"odd": ("seller", "refund_currency_differs", {})}


def test_a_withdrawn_cancellation_that_was_confirmed_is_no_case_once_its_goods_have_shipped() -> (
    None
):
    home = Home().given(order(2), release(), cancel(), withdraw(), confirm())
    assert list(home.cases()) == ["odd"]

    home.given(ship(2))

    assert home.waits() == {}


def test_what_a_seller_has_looked_at_is_no_case_any_more_and_what_is_new_is() -> None:
    home = Home().given(order(2, 1), release(), cancel(2), withdraw(), confirm())
    home.decide("no_refund", 1)
    assert home.waits() == {}

    home.given(issued("r-else", "1.00"))

    assert home.waits() == {"odd": ("seller", "unknown_refund", {})}


def test_a_seller_who_lets_an_unknown_refund_pass_lets_the_others_be_paid() -> None:
    home = Home().given(order(2), issued("r-else", "1.00"), cancel(1), ship(1))
    assert home.information().refunds[0].state == "held"

    home.decide("refund", 1)

    assert ("pay", refund_of(), 1000) in home.said()


def test_a_fact_that_takes_a_case_away_ends_it_and_its_return_starts_it_anew() -> None:
    lost = lose()
    home = Home().given(order(1), ship(1), cancel(), lost).later(8 * DAY)
    assert home.processes["A1"].waits["lost:1"].is_overdue

    home.given(correct(lost))
    assert home.waits() == {"refuse:S1": ("buyer", "buyer_to_refuse", {"1": 1})}

    home.given(lose())
    assert home.waits() == {"lost:1": ("seller", "lost_on_the_way", {"1": 1})}
    assert not home.processes["A1"].waits["lost:1"].is_overdue


@pytest.mark.parametrize("told", [2, 1])
def test_a_case_stays_one_whatever_its_units_are_now(told: int) -> None:
    """More damaged units do not make a seller late, and fewer do not give more time."""
    first = back(0, told)
    home = Home().given(order(3), ship(3), cancel(), first)
    until = home.until("damaged:1")

    home.given(correct(first, back(0, 3 - told)))

    assert home.waits()["damaged:1"] == ("seller", "returned_damaged", {"1": 3 - told})
    assert home.until("damaged:1") == (until if told == 2 else home.now + 7 * DAY)


def test_orders_that_just_ship_have_no_process() -> None:
    home = Home().given(order(2, 1), release(), ship(2), ship(1, line="2", parcel="S2"), deliver())

    assert home.processes == {}
    assert home.due == {"A1": None}
