"""domain rules, sections 3, 5 and 6: refused goods on their way back, and what goes wrong there."""

from __future__ import annotations

from domain.claims import refund_id
from tests.support.home import DAY, Home
from tests.support.told import (
    back,
    cancel,
    correct,
    deliver,
    issued,
    lose,
    order,
    refund_of_return,
    reject,
    ship,
)


def refused(units: int = 2) -> Home:
    """An order that crossed whole and was refused at the door."""
    return Home().given(order(units), ship(units), cancel(), reject())


def test_goods_back_in_good_condition_are_paid_at_once() -> None:
    returned = back(2)
    home = refused()

    said = home.when(returned)

    assert said[0] == ("pay", refund_of_return(returned), 2000)
    assert set(home.waits()) == {f"pay:{refund_of_return(returned)}"}


def test_goods_back_in_two_deliveries_are_paid_one_by_one_and_the_rest_is_awaited() -> None:
    first, second = back(1), back(1, called="R2")
    home = refused()

    said = home.when(first)

    assert said[0] == ("pay", refund_of_return(first), 1000)
    assert home.waits()["return:1"] == ("return", "rest_on_its_way_back", {"1": 1})
    assert home.until("return:1") <= home.now + 21 * DAY

    assert home.when(second)[0] == ("pay", refund_of_return(second), 1000)
    assert "return:1" not in home.waits()


def test_goods_that_do_not_come_back_become_a_case() -> None:
    home = refused()
    deadline = home.until("return:1")

    assert home.after(21 * DAY) == []
    assert home.waits() == {"return:1": ("seller", "return_missing", {"1": 2})}
    assert home.until("return:1") == deadline + 7 * DAY


def test_missing_goods_that_nobody_decides_about_are_not_refunded() -> None:
    home = refused()

    said = home.after(29 * DAY)

    assert said == [("decided", "no_refund", {"1": 2}, "deadline")]
    assert home.waits() == {}
    assert home.refunds() == []


def test_missing_goods_that_come_back_after_all_are_paid() -> None:
    returned = back(2)
    home = refused().later(40 * DAY)
    home.said()

    assert home.when(returned)[0] == ("pay", refund_of_return(returned), 2000)


def test_a_short_return_pays_for_what_came_and_makes_a_case_of_the_rest() -> None:
    returned = back(2)
    home = refused(3).given(returned, issued(refund_of_return(returned), "20.00"))
    assert home.waits()["return:1"] == ("return", "rest_on_its_way_back", {"1": 1})

    home.later(7 * DAY)

    assert home.cases() == {"return:1": ("seller", "return_missing", {"1": 1})}


def test_damaged_goods_are_a_case_of_the_seller_at_once() -> None:
    home = refused()

    said = home.when(back(0, 2))

    assert not [word for word in said if word[0] == "pay"]
    assert home.waits() == {"damaged:1": ("seller", "returned_damaged", {"1": 2})}
    assert home.until("damaged:1") == home.now + 7 * DAY


def test_a_refused_parcel_back_damaged_is_refunded_when_nobody_decides() -> None:
    home = refused().given(back(0, 2))

    said = home.after(7 * DAY)

    (decided, paid) = said
    assert decided == ("decided", "refund", {"1": 2}, "deadline")
    assert paid[0] == "pay"
    assert paid[2] == 2000
    assert list(home.cases()) == []


def test_damaged_goods_that_a_seller_refunds_are_paid_under_the_decisions_id() -> None:
    home = refused().given(back(0, 2))

    home.decide("refund", 2)

    refund = refund_id("A1", "decision", "d1", 1)
    assert home.said() == [("pay", refund, 2000)]
    assert set(home.waits()) == {f"pay:{refund}"}


def test_damaged_goods_that_a_seller_does_not_refund_are_closed() -> None:
    home = refused().given(back(0, 2))

    home.decide("no_refund", 2)

    assert home.waits() == {}
    assert home.processes["A1"].is_done
    assert home.after(90 * DAY) == []


def test_a_part_decided_leaves_the_case_for_the_rest() -> None:
    home = refused(3).given(back(0, 3))
    until = home.until("damaged:1")

    home.decide("no_refund", 1)

    assert home.waits() == {"damaged:1": ("seller", "returned_damaged", {"1": 2})}
    assert home.until("damaged:1") == until


def test_good_and_damaged_units_of_one_return_part_ways() -> None:
    returned = back(1, 1)
    home = refused()

    assert home.when(returned)[0] == ("pay", refund_of_return(returned), 1000)
    assert home.cases() == {"damaged:1": ("seller", "returned_damaged", {"1": 1})}


def test_goods_lost_on_the_way_back_are_a_case_without_a_default() -> None:
    home = refused()

    assert not [word for word in home.when(lose()) if word[0] == "pay"]
    assert home.waits() == {"lost:1": ("seller", "lost_on_the_way", {"1": 2})}

    home.later(60 * DAY)

    assert home.processes["A1"].waits["lost:1"].is_overdue
    assert home.refunds() == []


def test_goods_lost_and_found_are_paid_when_they_are_back() -> None:
    returned = back(2, shipment_id="S1")
    home = refused().given(lose())

    assert home.when(returned)[0] == ("pay", refund_of_return(returned), 2000)
    assert home.cases() == {}


def test_an_ordinary_return_of_taken_goods_is_a_case_without_money() -> None:
    home = Home().given(order(2), ship(2), deliver())

    said = home.when(back(1))

    assert said == []
    assert [(who, units) for who, _, units in home.cases().values()] == [("seller", {"1": 1})]


def test_more_back_than_crossed_is_a_case_for_what_is_too_much() -> None:
    returned = back(2)
    home = Home().given(order(3), ship(3), cancel(1))

    said = home.when(returned)

    assert said[0] == ("pay", refund_of_return(returned), 1000)
    assert [units for _, _, units in home.cases().values()] == [{"1": 1}]


def test_units_that_nobody_ordered_are_no_case_when_they_come_back() -> None:
    wanted = Home().given(order(2), ship(3), deliver())
    crossed = Home().given(order(2), ship(3), cancel())

    assert wanted.when(back(1)) == []
    assert wanted.cases() == {}
    wanted.when(back(1))
    assert [units for _, _, units in wanted.cases().values()] == [{"1": 1}]

    crossed.when(back(3))
    assert crossed.cases() == {}


def test_a_corrected_return_takes_the_case_away() -> None:
    wrong = back(0, 2)
    home = refused().given(wrong)
    assert list(home.cases()) == ["damaged:1"]

    said = home.when(correct(wrong, back(2)))

    assert said[0] == ("pay", refund_of_return(wrong), 2000)
    assert home.cases() == {}


def test_a_rejection_that_never_was_is_awaited_of_the_buyer_again() -> None:
    rejected = reject()
    home = Home().given(order(2), ship(2), cancel(), rejected)

    home.given(correct(rejected))

    assert home.waits() == {"refuse:S1": ("buyer", "buyer_to_refuse", {"1": 2})}


def test_a_process_that_is_done_is_reopened_by_a_later_fact() -> None:
    home = refused().given(back(0, 2))
    home.decide("no_refund", 2)
    assert home.processes["A1"].is_done

    home.given(back(1, called="R2"))

    assert not home.processes["A1"].is_done
