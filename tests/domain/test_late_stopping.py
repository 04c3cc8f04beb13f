"""domain rules, sections 3, 4 and 6: asking a warehouse to stop what was cancelled."""

from __future__ import annotations

from domain.process_events import StopRequested
from tests.support.home import DAY, HOUR, Home
from tests.support.told import (
    cancel,
    confirm,
    correct,
    order,
    refund_of,
    release,
    ship,
    too_late,
    withdraw,
)


def test_the_warehouse_is_asked_to_stop_what_it_was_given_and_has_a_day_to_answer() -> None:
    home = Home().given(order(3), release())

    said = home.when(cancel(2))

    assert said == [("stop", "c1", {"1": 2})]
    assert home.waits() == {"stop:c1": ("warehouse", "warehouse_to_stop", {"1": 2})}
    assert home.until("stop:c1") == home.now + 24 * HOUR


def test_nobody_is_asked_to_stop_what_no_warehouse_was_given() -> None:
    home = Home().given(order(2, 1))

    said = home.when(cancel(2))

    assert said == [
        ("succeeded", "c1", {"1": 2}),
        ("held", refund_of(), 2000, "goods_still_to_ship"),
    ]
    assert home.waits() == {}


def test_only_the_units_that_were_given_to_a_warehouse_are_asked_about() -> None:
    """Cancelled units take the unreleased ones first."""
    home = Home().given(order(3), release(2))

    assert home.when(cancel(2)) == [
        ("stop", "c1", {"1": 1}),
        ("succeeded", "c1", {"1": 1}),
        ("held", refund_of(), 1000, "goods_still_to_ship"),
    ]


def test_the_same_waking_again_says_nothing() -> None:
    home = Home().given(order(3), release(), cancel(2))

    assert home.advance() == []
    assert home.when(cancel(2)) == []


def test_a_cancellation_asked_again_under_its_id_is_not_asked_of_the_warehouse_again() -> None:
    asked = cancel(2)
    home = Home().given(order(3), release(), asked)

    assert home.outcome(asked) == "repeated"
    assert home.said() == []


def test_a_confirmation_ends_the_wait_and_the_buyer_is_told() -> None:
    home = Home().given(order(3), release(), cancel())

    said = home.when(confirm())

    assert said == [("pay", refund_of(), 3000), ("succeeded", "c1", {"1": 3})]
    assert "stop:c1" not in home.waits()


def test_a_confirmation_in_part_leaves_the_wait_for_the_rest() -> None:
    home = Home().given(order(3), release(), cancel())
    until = home.until("stop:c1")

    said = home.when(confirm(1))

    assert said == [("pay", refund_of(), 1000), ("succeeded", "c1", {"1": 1})]
    assert home.waits()["stop:c1"] == ("warehouse", "warehouse_to_stop", {"1": 2})
    assert home.until("stop:c1") == until


def test_a_confirmation_that_came_before_the_cancellation_needs_no_question() -> None:
    home = Home().given(order(3), release(), confirm())

    assert home.when(cancel()) == [("pay", refund_of(), 3000), ("succeeded", "c1", {"1": 3})]


def test_a_silent_warehouse_becomes_a_case_of_the_seller() -> None:
    home = Home().given(order(3), release(), cancel(2))
    deadline = home.until("stop:c1")

    said = home.later(24 * HOUR).said()

    assert said == []
    assert home.waits() == {"stop:c1": ("seller", "warehouse_silent", {"1": 2})}
    assert home.until("stop:c1") == deadline + 7 * DAY


def test_nothing_happens_a_moment_before_the_deadline() -> None:
    home = Home().given(order(3), release(), cancel(2))

    home.later(24 * HOUR - 1)

    assert home.waits() == {"stop:c1": ("warehouse", "warehouse_to_stop", {"1": 2})}


def test_a_warehouse_that_answers_after_its_deadline_is_still_heard() -> None:
    home = Home().given(order(3), release(), cancel()).later(2 * DAY)

    assert home.when(confirm()) == [("pay", refund_of(), 3000), ("succeeded", "c1", {"1": 3})]
    assert home.cases() == {}


def test_a_case_that_nobody_decides_stays_open_and_is_overdue() -> None:
    home = Home().given(order(3), release(), cancel(2)).later(40 * DAY)

    assert home.waits() == {"stop:c1": ("seller", "warehouse_silent", {"1": 2})}
    assert home.processes["A1"].waits["stop:c1"].is_overdue
    assert home.advance() == []


def test_too_late_says_the_warehouse_and_the_units_are_awaited_all_the_same() -> None:
    """They stay requested until they ship: the warehouse has to say which."""
    home = Home().given(order(3), release(), cancel(2))

    said = home.when(too_late())

    assert said == []
    assert home.waits() == {"stop:c1": ("warehouse", "warehouse_too_late", {"1": 2})}


def test_too_late_and_shipped_is_a_parcel_to_refuse() -> None:
    home = Home().given(order(3), release(), cancel(), too_late())

    assert home.when(ship(3)) == [("refuse", "S1", {"1": 3})]
    assert home.waits() == {"refuse:S1": ("buyer", "buyer_to_refuse", {"1": 3})}


def test_a_warehouse_that_says_too_late_and_never_ships_becomes_a_case() -> None:
    home = Home().given(order(3), release(), cancel(2), too_late()).later(30 * DAY)

    assert list(home.cases()) == ["stop:c1"]


def test_units_that_ship_are_not_awaited_of_the_warehouse_any_more() -> None:
    home = Home().given(order(3), release(), cancel())

    assert home.when(ship(2)) == [("refuse", "S1", {"1": 2})]
    assert home.waits() == {
        "stop:c1": ("warehouse", "warehouse_to_stop", {"1": 1}),
        "refuse:S1": ("buyer", "buyer_to_refuse", {"1": 2}),
    }


def test_a_release_after_success_asks_the_warehouse_to_stop_and_takes_nothing_back() -> None:
    home = Home().given(order(2), cancel())

    assert home.when(release()) == [("stop", "c1", {"1": 2}), ("exposed", {"1": 2})]
    assert home.cases() == {}
    assert home.waits()["stop:c1"] == ("warehouse", "warehouse_to_stop", {"1": 2})


def test_more_units_released_later_are_asked_about_under_a_question_of_their_own() -> None:
    home = Home().given(order(3), release(1), cancel())
    assert home.waits()["stop:c1"] == ("warehouse", "warehouse_to_stop", {"1": 1})

    assert home.when(release(1))[0] == ("stop", "c1", {"1": 1})

    assert home.waits()["stop:c1"] == ("warehouse", "warehouse_to_stop", {"1": 2})
    asked = [event for event in home.process_events() if isinstance(event, StopRequested)]
    assert [event.message_id for event in asked] == ["stop:c1:1", "stop:c1:2"]


def test_each_cancellation_is_asked_about_on_its_own() -> None:
    home = Home().given(order(3), release())

    assert home.when(cancel(1), cancel(2, called="c2")) == [
        ("stop", "c1", {"1": 1}),
        ("stop", "c2", {"1": 2}),
    ]
    assert home.when(confirm(called="c2")) == [
        ("pay", refund_of("c2"), 2000),
        ("succeeded", "c2", {"1": 2}),
    ]
    assert set(home.waits()) == {"stop:c1", f"pay:{refund_of('c2')}"}


def test_a_withdrawal_tells_the_warehouse_to_go_on() -> None:
    home = Home().given(order(3), release(), cancel(2))

    said = home.when(withdraw())

    assert said == [("go on", "c1", {"1": 2})]
    assert home.waits() == {}
    assert home.processes["A1"].is_done


def test_a_withdrawal_is_told_once() -> None:
    taken_back = withdraw()
    home = Home().given(order(3), release(), cancel(2), taken_back)

    assert home.outcome(taken_back) == "repeated"
    assert home.outcome(withdraw()) == "repeated"
    assert home.said() == []


def test_a_withdrawal_of_what_no_warehouse_was_asked_about_tells_it_nothing() -> None:
    home = Home(eager=False).given(order(3), release(), cancel(2), withdraw())

    home.advance()

    assert home.said() == []
    assert home.waits() == {}


def test_a_withdrawn_cancellation_that_was_stopped_all_the_same_is_a_case() -> None:
    home = Home().given(order(3), release(), cancel(2), withdraw())

    said = home.when(confirm())

    assert said == []
    assert home.page() == (0, 0, 0, 3)
    assert [(w, reason) for w, reason, _ in home.cases().values()] == [
        ("seller", "confirmed_after_withdrawal")
    ]


def test_a_withdrawal_that_is_refused_changes_nothing() -> None:
    home = Home().given(order(3), release(), cancel(2), confirm(1))

    assert home.outcome(withdraw()) == "refused"
    assert home.said() == []


def test_a_corrected_confirmation_asks_and_waits_again() -> None:
    confirmed = confirm()
    home = Home().given(order(3), release(), cancel(), confirmed)
    assert "stop:c1" not in home.waits()

    home.given(correct(confirmed))

    assert home.waits()["stop:c1"] == ("warehouse", "warehouse_to_stop", {"1": 3})


def test_a_seller_confirms_in_the_warehouses_stead() -> None:
    home = Home().given(order(3), release(), cancel()).later(25 * HOUR)

    assert home.when(confirm(by="seller")) == [
        ("pay", refund_of(), 3000),
        ("succeeded", "c1", {"1": 3}),
    ]


def test_coming_soon_goods_are_cancelled_at_once_whatever_else_was_released() -> None:
    home = Home().given(order(1, 1, coming_soon=("2",)), release())

    assert home.when(cancel(1, line="2")) == [
        ("succeeded", "c1", {"2": 1}),
        ("held", refund_of(), 1000, "goods_still_to_ship"),
    ]


def test_a_sellers_cancellation_is_stopped_like_a_buyers() -> None:
    home = Home().given(order(1), release())

    said = home.when(cancel(requested_by="seller", reason="out_of_stock"))

    assert said == [("stop", "c1", {"1": 1})]
