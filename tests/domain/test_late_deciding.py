"""domain rules, section 6: what a seller decides ends a case, or sends it back to wait."""

from __future__ import annotations

from domain.claims import refund_id
from tests.support.home import DAY, HOUR, Home
from tests.support.told import (
    back,
    cancel,
    confirm,
    deliver,
    issued,
    order,
    refund_of,
    reject,
    release,
    ship,
)

DECIDED = refund_id("A1", "decision", "d1", 1)


def silent() -> Home:
    """Two units that a warehouse was asked to stop, and never answered about."""
    return Home().given(order(2), release(), cancel()).later(25 * HOUR)


def test_stopped_confirms_in_the_warehouses_stead_and_the_money_goes_back() -> None:
    home = silent()

    home.decide("stopped", 2)

    assert home.said() == [("pay", refund_of(), 2000), ("succeeded", "c1", {"1": 2})]
    assert set(home.waits()) == {f"pay:{refund_of()}"}


def test_stopped_in_part_leaves_the_case_for_the_rest() -> None:
    home = silent()

    home.decide("stopped", 1)

    assert home.waits()["stop:c1"] == ("seller", "warehouse_silent", {"1": 1})


def test_not_stopped_waits_for_the_warehouse_once_more_and_asks_nothing() -> None:
    home = silent()

    home.decide("not_stopped", 2)

    assert home.said() == []
    assert home.waits() == {"stop:c1#2": ("warehouse", "warehouse_too_late", {"1": 2})}
    assert home.until("stop:c1#2") == home.now + 24 * HOUR


def test_not_stopped_and_not_shipped_either_becomes_a_case_again() -> None:
    home = silent()
    home.decide("not_stopped", 2)

    home.later(24 * HOUR)

    assert home.cases() == {"stop:c1#2": ("seller", "warehouse_silent", {"1": 2})}
    home.decide("not_stopped", 2, decision_id="d2")
    assert list(home.waits()) == ["stop:c1#3"]


def test_not_stopped_and_then_shipped_is_a_parcel_to_refuse() -> None:
    home = silent()
    home.decide("not_stopped", 2)

    assert home.when(ship(2)) == [("refuse", "S1", {"1": 2})]
    assert list(home.waits()) == ["refuse:S1"]


def test_stopped_before_the_warehouse_was_late_is_heard_too() -> None:
    home = Home().given(order(2), release(), cancel())

    home.decide("stopped", 2)

    assert ("succeeded", "c1", {"1": 2}) in home.said()


def test_stopped_by_a_seller_and_confirmed_by_the_warehouse_is_paid_once() -> None:
    home = silent()
    home.decide("stopped", 2)
    home.said()

    assert home.when(confirm()) == []


def test_a_parcel_nobody_heard_of_may_be_refunded() -> None:
    home = Home().given(order(2), ship(2), cancel()).later(15 * DAY)

    home.decide("refund", 2)

    assert home.said() == [("pay", DECIDED, 2000)]
    assert list(home.waits()) == [f"pay:{DECIDED}"]


def test_a_parcel_that_was_written_off_and_comes_back_is_paid_by_its_return() -> None:
    home = Home().given(order(2), ship(2), cancel()).later(15 * DAY)
    home.decide("no_refund", 2)
    assert home.waits() == {}

    said = home.when(back(2))

    assert [(word[0], word[2]) for word in said] == [("pay", 2000)]


def test_a_parcel_that_was_written_off_and_is_refused_later_is_awaited() -> None:
    home = Home().given(order(2), ship(2), cancel()).later(15 * DAY)
    home.decide("no_refund", 2)

    home.given(reject())

    assert home.waits() == {"return:1": ("return", "goods_on_their_way_back", {"1": 2})}


def test_a_refunded_parcel_that_the_buyer_takes_after_all_is_exposure_and_a_case() -> None:
    home = Home().given(order(2), ship(2), cancel()).later(15 * DAY)
    home.decide("refund", 2)
    home.said()

    said = home.when(deliver())

    assert said == [("lapsed", {"1": 2}), ("exposed", {"1": 2})]
    assert home.cases() == {"large:1": ("seller", "refunded_goods_at_large", {"1": 2})}


def test_a_decision_that_is_repeated_says_nothing_more() -> None:
    home = silent()
    home.decide("stopped", 2)
    home.said()

    assert home.answer("stopped", 2) == "repeated"
    assert home.said() == []


def test_a_decision_that_is_refused_leaves_the_case_open() -> None:
    home = silent()

    assert home.answer("stopped", 3) == "more_than_open"

    assert home.said() == []
    assert list(home.cases()) == ["stop:c1"]


def test_a_decision_after_the_deadline_decided_is_refused() -> None:
    home = Home().given(order(2), ship(2), cancel(), reject(), back(0, 2)).later(8 * DAY)

    assert home.answer("no_refund", 2) == "nothing_to_decide"


def test_the_deadlines_decision_is_made_once_however_often_it_wakes() -> None:
    home = Home().given(order(2), ship(2), cancel(), reject(), back(0, 2)).later(7 * DAY)
    home.said()

    home.later(20 * DAY)

    assert [word for word in home.said() if word[0] == "decided"] == []


def test_more_damaged_goods_after_the_deadline_decided_are_a_case_of_their_own() -> None:
    home = Home().given(order(3), ship(3), cancel(), reject(), back(0, 1)).later(7 * DAY)
    home.said()

    home.given(back(0, 1, called="R2"))

    assert home.cases()["damaged:1"] == ("seller", "returned_damaged", {"1": 1})
    assert home.until("damaged:1") == home.now + 7 * DAY


def test_one_of_two_units_at_large_may_be_written_off_and_the_other_stays_a_case() -> None:
    home = Home().given(order(2), cancel(), issued(refund_of(), "20.00"), ship(2), deliver())
    assert home.cases() == {"large:1": ("seller", "refunded_goods_at_large", {"1": 2})}

    home.decide("refund", 1)

    assert home.cases() == {"large:1": ("seller", "refunded_goods_at_large", {"1": 1})}


def test_a_unit_paid_for_before_it_was_refused_leaves_the_other_to_the_deadline() -> None:
    """The deadline decides once about the other unit, and comes to rest."""
    home = Home().given(order(4), ship(2), ship(2, parcel="S2"), cancel(1))
    home.decide("refund", 1)
    home.given(reject(parcel="S2"))
    assert home.waits()["return:1"] == ("return", "goods_on_their_way_back", {"1": 1})
    home.said()

    said = home.after(60 * DAY)

    assert [word for word in said if word[0] == "decided"] == [
        ("decided", "no_refund", {"1": 1}, "deadline")
    ]
    assert "return:1" not in home.waits()
