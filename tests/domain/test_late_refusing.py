"""domain rules, sections 3 and 6: a cancellation that crossed, and what happens at the door."""

from __future__ import annotations

from tests.support.home import DAY, Home
from tests.support.told import (
    back,
    cancel,
    correct,
    deliver,
    lose,
    order,
    refund_of,
    refund_of_return,
    reject,
    release,
    ship,
    withdraw,
)


def crossed(units: int = 2) -> Home:
    """An order that was cancelled whole while it was on its way in parcel S1."""
    return Home().given(order(units), release(), ship(units), cancel())


def test_the_buyer_is_told_which_parcel_to_refuse() -> None:
    home = Home().given(order(2), release(), ship(2))

    said = home.when(cancel())

    assert said == [("refuse", "S1", {"1": 2})]
    assert home.waits() == {"refuse:S1": ("buyer", "buyer_to_refuse", {"1": 2})}
    assert home.until("refuse:S1") == home.now + 14 * DAY


def test_it_does_not_matter_whether_the_cancellation_or_the_shipment_was_heard_first() -> None:
    home = Home().given(order(2), release())

    assert home.when(cancel(), ship(2)) == [("stop", "c1", {"1": 2}), ("refuse", "S1", {"1": 2})]
    assert home.waits() == crossed().waits()


def test_each_parcel_is_told_on_its_own() -> None:
    home = Home().given(order(3), ship(2), ship(1, parcel="S2"))

    assert home.when(cancel()) == [("refuse", "S1", {"1": 2}), ("refuse", "S2", {"1": 1})]
    assert set(home.waits()) == {"refuse:S1", "refuse:S2"}


def test_a_parcel_that_holds_unwanted_units_of_several_lines_is_told_once() -> None:
    parcel = ship(1)
    parcel["data"]["items"].append({"line_id": "2", "quantity": 1})
    home = Home().given(order(1, 1), parcel)

    assert home.when(cancel()) == [("refuse", "S1", {"1": 1, "2": 1})]


def test_a_parcel_that_is_told_already_is_not_told_again_for_the_same_units() -> None:
    home = crossed()

    assert home.advance() == []
    assert home.when(order(2)) == []


def test_a_refused_parcel_is_awaited_at_the_warehouse() -> None:
    home = crossed()

    said = home.when(reject())

    assert said == []
    assert home.waits() == {"return:1": ("return", "goods_on_their_way_back", {"1": 2})}
    assert home.until("return:1") == home.now + 21 * DAY


def test_unclaimed_and_undeliverable_parcels_come_back_like_refused_ones() -> None:
    for kind in ("unclaimed", "undeliverable"):
        home = crossed()
        home.given(reject(kind=kind))
        assert home.waits() == {"return:1": ("return", "goods_on_their_way_back", {"1": 2})}


def test_a_crossed_parcel_that_was_taken_lapses_and_the_buyer_is_told() -> None:
    home = crossed()

    said = home.when(deliver())

    assert said == [("lapsed", {"1": 2})]
    assert home.waits() == {}
    assert home.page() == (0, 0, 0, 2)


def test_a_delivery_that_is_taken_back_is_told_and_may_lapse_once_more() -> None:
    home = crossed()
    delivery = deliver()
    home.given(delivery)

    assert home.when(correct(delivery)) == [("refuse", "S1", {"1": 2})]
    assert home.waits() == {"refuse:S1": ("buyer", "buyer_to_refuse", {"1": 2})}
    assert home.advance() == []
    assert home.when(deliver()) == [("lapsed", {"1": 2})]
    assert home.page() == (0, 0, 0, 2)


def test_only_the_parcel_whose_delivery_is_taken_back_is_told_again() -> None:
    home = Home().given(order(3), ship(2), ship(1, parcel="S2"), cancel())
    delivery = deliver("S2")

    assert home.when(delivery) == [("lapsed", {"1": 1})]
    assert home.when(correct(delivery)) == [("refuse", "S2", {"1": 1})]
    assert home.advance() == []


def test_what_was_rejected_before_its_delivery_is_taken_back_is_not_told_again() -> None:
    home = crossed()
    delivery = deliver()
    home.given(delivery, reject(1))

    assert home.when(correct(delivery)) == [("refuse", "S1", {"1": 1})]
    assert home.advance() == []


def test_a_parcel_with_wanted_units_too_lapses_only_for_what_was_cancelled() -> None:
    """Accepted units count as wanted ones first."""
    home = Home().given(order(3), ship(3), cancel(2))

    assert home.when(deliver()) == [("lapsed", {"1": 2})]


def test_a_part_taken_at_the_door_lapses_and_the_rest_is_awaited() -> None:
    home = crossed(3).given(reject(1))
    assert "return:1" in home.waits()

    assert home.when(deliver()) == [("lapsed", {"1": 2})]
    assert home.waits() == {"return:1": ("return", "goods_on_their_way_back", {"1": 1})}


def test_a_refusal_in_part_leaves_the_rest_of_the_parcel_to_be_refused() -> None:
    home = crossed(3)

    assert home.when(reject(1)) == []
    assert home.waits() == {
        "refuse:S1": ("buyer", "buyer_to_refuse", {"1": 2}),
        "return:1": ("return", "goods_on_their_way_back", {"1": 1}),
    }


def test_wanted_units_in_a_refused_parcel_are_awaited_and_refunded_when_back() -> None:
    home = Home().given(order(3), ship(3), cancel(1))
    assert home.waits() == {"refuse:S1": ("buyer", "buyer_to_refuse", {"1": 1})}

    home.given(reject())

    assert home.waits() == {"return:1": ("return", "goods_on_their_way_back", {"1": 3})}
    assert home.page() == (0, 0, 3, 0)


def test_a_refusal_that_nobody_asked_for_starts_a_process_too() -> None:
    home = Home().given(order(2), ship(2))
    assert home.processes == {}

    assert home.when(reject()) == []
    assert home.waits() == {"return:1": ("return", "goods_on_their_way_back", {"1": 2})}


def test_a_parcel_nobody_hears_of_becomes_a_case() -> None:
    home = crossed()
    deadline = home.until("refuse:S1")

    assert home.after(14 * DAY) == []
    assert home.waits() == {"refuse:S1": ("seller", "parcel_unaccounted", {"1": 2})}
    assert home.until("refuse:S1") == deadline + 7 * DAY


def test_nothing_is_decided_by_itself_about_a_parcel_nobody_hears_of() -> None:
    home = crossed().later(100 * DAY)

    assert home.said() == []
    assert home.processes["A1"].waits["refuse:S1"].is_overdue


def test_a_parcel_that_is_refused_after_its_deadline_is_awaited_as_ever() -> None:
    home = crossed().later(15 * DAY)

    home.given(reject())

    assert home.waits() == {"return:1": ("return", "goods_on_their_way_back", {"1": 2})}
    assert home.until("return:1") == home.now + 21 * DAY


def test_a_parcel_that_is_delivered_after_its_deadline_lapses() -> None:
    home = crossed().later(15 * DAY)

    assert home.when(deliver()) == [("lapsed", {"1": 2})]
    assert home.waits() == {}


def test_a_parcel_that_was_lost_on_the_way_is_a_case_at_once() -> None:
    home = crossed()

    assert home.when(lose()) == []
    assert home.waits() == {"lost:1": ("seller", "lost_on_the_way", {"1": 2})}


def test_a_shipment_that_never_was_leaves_nothing_to_refuse() -> None:
    shipment = ship(2)
    home = Home().given(order(2), shipment, cancel())

    assert home.when(correct(shipment)) == [
        ("pay", refund_of(), 2000),
        ("succeeded", "c1", {"1": 2}),
    ]
    assert "refuse:S1" not in home.waits()


def test_a_parcel_that_holds_nothing_unwanted_after_all_may_be_taken() -> None:
    wrong = ship(2)
    home = Home().given(order(2, 1), wrong, cancel(2))

    assert home.when(correct(wrong, ship(1, line="2"))) == [
        ("pay", refund_of(), 2000),
        ("keep", "S1"),
        ("succeeded", "c1", {"1": 2}),
    ]
    assert "refuse:S1" not in home.waits()


def test_of_two_parcels_that_may_hold_the_unwanted_unit_the_other_may_be_taken() -> None:
    home = Home().given(order(4), ship(2), ship(2, parcel="S2"))
    assert home.when(cancel(1)) == [("refuse", "S1", {"1": 1}), ("refuse", "S2", {"1": 1})]

    assert home.when(reject()) == [("keep", "S2")]
    assert home.waits() == {"return:1": ("return", "goods_on_their_way_back", {"1": 2})}


def test_goods_back_before_anybody_said_refused_are_paid_at_once() -> None:
    returned = back(2)
    home = crossed()

    assert home.when(returned) == [("pay", refund_of_return(returned), 2000)]
    assert "refuse:S1" not in home.waits()


def test_more_units_that_cross_later_are_told_with_all_that_the_parcel_holds() -> None:
    home = Home().given(order(3), ship(3), cancel(1))

    assert home.when(cancel(1, called="c2")) == [("refuse", "S1", {"1": 2})]
    assert home.waits() == {"refuse:S1": ("buyer", "buyer_to_refuse", {"1": 2})}


def test_a_crossed_cancellation_cannot_be_withdrawn_and_stays_as_it_is() -> None:
    home = crossed()

    assert home.outcome(withdraw()) == "refused"
    assert home.said() == []
    assert home.waits() == {"refuse:S1": ("buyer", "buyer_to_refuse", {"1": 2})}


def test_part_stopped_and_part_crossed_are_two_ways_of_one_cancellation() -> None:
    home = Home().given(order(3), release(), ship(1))

    assert home.when(cancel()) == [("stop", "c1", {"1": 2}), ("refuse", "S1", {"1": 1})]
    assert home.waits() == {
        "stop:c1": ("warehouse", "warehouse_to_stop", {"1": 2}),
        "refuse:S1": ("buyer", "buyer_to_refuse", {"1": 1}),
    }
