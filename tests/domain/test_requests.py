"""domain rules, section 3, the table of requests: one test a row, or a side of it."""

from __future__ import annotations

from domain.events import CancellationRefused, ItemCancelRequested, WithdrawalRefused
from domain.items import Item
from domain.order import Decision, Problem
from tests.support.shop import Shop
from tests.support.told import (
    cancel,
    confirm,
    deliver,
    order,
    refund_of,
    reject,
    release,
    ship,
    withdraw,
)


def last(shop: Shop) -> object:
    return shop.orders["A1"].events[-1]


def refusal(shop: Shop) -> str:
    event = last(shop)
    assert isinstance(event, CancellationRefused | WithdrawalRefused)
    return event.rule


def test_before_shipping_the_units_are_stopped() -> None:
    shop = Shop().given(order(3))

    assert shop.outcome(cancel(2)) == "recorded"

    assert shop.page() == (2, 0, 0, 1)


def test_after_shipping_a_cancellation_is_accepted_late() -> None:
    shop = Shop().given(order(3), ship(3))

    assert shop.outcome(cancel(2)) == "recorded"

    assert shop.page() == (0, 0, 2, 1)
    assert shop.information().refuse_parcels == ("S1",)
    assert shop.information().status == "refuse_delivery"


def test_the_outcome_does_not_depend_on_which_was_heard_first() -> None:
    request, shipment = cancel(2), ship(3)

    one = Shop().given(order(3), request, shipment)
    other = Shop().given(order(3), shipment, request)

    assert one.page() == other.page() == (0, 0, 2, 1)


def test_after_delivery_a_cancellation_is_refused() -> None:
    shop = Shop().given(order(3), ship(3), deliver())

    assert shop.outcome(cancel(1)) == "refused"

    assert refusal(shop) == "already_delivered"
    assert shop.page() == (0, 0, 0, 3)


def test_everything_is_resolved_to_numbers_when_it_is_decided() -> None:
    shop = Shop().given(order(3, 2), cancel(1, called="c0"))

    shop.given(cancel(), ship(1))

    event = shop.orders["A1"].events[2]
    assert isinstance(event, ItemCancelRequested)
    assert event.items == (Item("1", 2), Item("2", 2))
    assert event.asked is None


def test_everything_includes_shipped_units_that_are_not_delivered() -> None:
    shop = Shop().given(order(3), ship(1), cancel())

    assert shop.page() == (2, 0, 1, 0)


def test_everything_of_a_delivered_order_is_refused() -> None:
    shop = Shop().given(order(1), ship(1), deliver())

    assert shop.outcome(cancel()) == "refused"

    assert refusal(shop) == "already_delivered"


def test_everything_of_a_cancelled_order_is_refused() -> None:
    shop = Shop().given(order(1), cancel())

    assert shop.outcome(cancel(called="c2")) == "refused"

    assert refusal(shop) == "nothing_to_cancel"


def test_the_same_line_twice_in_one_request_is_added_up_then_checked_once() -> None:
    twice = [{"line_id": "1", "quantity": 2}, {"line_id": "1", "quantity": 2}]
    shop = Shop().given(order(3))

    assert shop.outcome(cancel(items=twice)) == "refused"

    assert refusal(shop) == "more_than_cancellable"


def test_more_than_can_be_cancelled_is_refused_whole_and_says_what_could_be() -> None:
    both = [{"line_id": "1", "quantity": 1}, {"line_id": "2", "quantity": 5}]
    shop = Shop().given(order(3, 2))

    assert shop.outcome(cancel(items=both)) == "refused"

    event = last(shop)
    assert isinstance(event, CancellationRefused)
    assert event.rule == "more_than_cancellable"
    assert event.cancellable == (Item("1", 3), Item("2", 2))
    assert event.at_version == 1
    assert shop.page("1") == (0, 0, 0, 3)


def test_an_unknown_line_is_refused() -> None:
    shop = Shop().given(order(3))

    assert shop.outcome(cancel(1, line="9")) == "refused"

    assert refusal(shop) == "unknown_line"


def test_a_cancellation_repeated_under_another_message_gets_the_first_answer() -> None:
    shop = Shop().given(order(3), cancel(2))

    assert shop.outcome(cancel(2)) == "repeated"

    assert shop.page() == (2, 0, 0, 1)


def test_a_refusal_repeated_gets_the_same_answer() -> None:
    request = cancel(9)
    shop = Shop().given(order(3), request)

    for again in (request, cancel(9)):
        answer = shop.hear(again)
        assert answer is not None
        assert answer.outcome == "repeated"
        assert answer.problem is not None
        assert (answer.problem.field, answer.problem.rule) == (
            "data.items",
            "more_than_cancellable",
        )

    assert shop.information().version == 2


def test_a_refused_withdrawal_repeated_says_again_why() -> None:
    request = withdraw(called="c9")
    shop = Shop().given(order(3), request)

    answer = shop.hear(request)

    problem = ("data.cancellation_id", "unknown_cancellation", "there is no such cancellation")
    assert answer == Decision("repeated", (), Problem(*problem))


def test_a_cancellation_id_used_for_another_request_is_refused() -> None:
    shop = Shop().given(order(3), cancel(2))

    assert shop.outcomes([cancel(1), cancel(1)]) == ["refused", "repeated"]

    assert refusal(shop) == "cancellation_id_in_use"


def test_a_seller_cancels_by_the_same_rules() -> None:
    shop = Shop().given(order(3))

    by_seller = cancel(2, requested_by="seller", reason="out_of_stock")

    assert shop.outcome(by_seller) == "recorded"
    assert shop.page() == (2, 0, 0, 1)


def test_requests_are_decided_against_what_is_left() -> None:
    shop = Shop().given(order(3))

    outcomes = shop.outcomes([cancel(2), cancel(2, called="c2"), cancel(1, called="c3")])

    assert outcomes == ["recorded", "refused", "recorded"]
    assert shop.page() == (3, 0, 0, 0)


def test_a_withdrawal_of_an_unknown_cancellation_is_refused() -> None:
    shop = Shop().given(order(3))

    assert shop.outcome(withdraw()) == "refused"

    assert refusal(shop) == "unknown_cancellation"


def test_requested_units_can_be_withdrawn() -> None:
    shop = Shop().given(order(3), release(), cancel(2))
    assert shop.page() == (0, 2, 0, 1)

    assert shop.outcome(withdraw()) == "recorded"

    assert shop.page() == (0, 0, 0, 3)
    assert shop.line().to_ship == 3


def test_a_withdrawal_is_refused_once_a_unit_has_succeeded() -> None:
    shop = Shop().given(order(3), release(), cancel(2), confirm(1))

    assert shop.outcome(withdraw()) == "refused"

    assert refusal(shop) == "cancellation_has_succeeded"


def test_a_withdrawal_is_refused_once_a_unit_has_crossed() -> None:
    shop = Shop().given(order(3), release(), cancel(2), ship(2))

    assert shop.outcome(withdraw()) == "refused"

    assert refusal(shop) == "cancellation_has_crossed"


def test_a_withdrawal_repeated_is_silence() -> None:
    shop = Shop().given(order(3), release(), cancel(2), withdraw())

    assert shop.outcome(withdraw()) == "repeated"


def test_units_withdrawn_can_be_cancelled_again_under_a_new_id() -> None:
    shop = Shop().given(order(3), release(), cancel(2), withdraw())

    assert shop.outcomes([cancel(2), cancel(3, called="c2")]) == ["repeated", "recorded"]
    assert shop.page() == (0, 3, 0, 0)


def test_a_confirmation_after_a_withdrawal_is_a_discrepancy_and_a_case() -> None:
    shop = Shop().given(order(3), release(), cancel(2), withdraw(), confirm())

    assert "confirmed_after_withdrawal" in shop.rules()
    assert shop.page() == (0, 0, 0, 3)


def test_requests_before_their_order_are_decided_when_it_comes() -> None:
    shop = Shop()

    assert shop.outcomes([cancel(2), cancel(2, called="c2")]) == ["parked", "parked"]
    shop.given(order(3))

    assert shop.page() == (2, 0, 0, 1)
    assert refusal(shop) == "more_than_cancellable"


def test_units_refused_at_the_door_cannot_be_cancelled_again() -> None:
    shop = Shop().given(order(2), ship(2), reject())

    assert shop.outcome(cancel(1)) == "refused"


def test_a_cancellation_whose_money_was_asked_for_is_not_withdrawn_though_it_waits_again() -> None:
    shop = Shop().given(order(2), cancel())
    assert shop.ask(refund_of()) == "recorded"
    shop.given(release())
    assert shop.page() == (0, 2, 0, 0)

    assert shop.outcome(withdraw()) == "refused"

    assert refusal(shop) == "cancellation_has_succeeded"
