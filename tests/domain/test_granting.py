"""A refund by hand: what a seller may give that no rule owes, and what it never does."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from domain.claims import refund_id
from domain.events import GrantRefused, RefundGranted
from domain.order import Decision
from tests.support.home import DAY, Home
from tests.support.shop import Shop
from tests.support.told import (
    back,
    cancel,
    correct,
    deliver,
    issued,
    lose,
    order,
    reject,
    release,
    ship,
)

GRANT = refund_id("A1", "decision", "g1", 1)


def kept(*units: int, **more: Any) -> Shop:  # noqa: ANN401  # any field of the order
    """An order whose first line was delivered."""
    return Shop().given(order(*units, **more), ship(units[0]), deliver())


def rule(decision: Decision) -> str:
    return decision.problem.rule if decision.problem else decision.outcome


def test_an_amount_is_refunded_once_under_the_decisions_id() -> None:
    shop = kept(3)

    assert rule(shop.grant(500)) == "recorded"
    assert shop.refunds() == [(500, "due", "by_hand")]
    assert shop.information().refunds[0].refund_id == GRANT
    assert shop.ask(GRANT) == "recorded"
    assert shop.refunds() == [(500, "requested", "by_hand")]
    shop.given(issued(GRANT, "5.00"))
    assert shop.refunds() == [(500, "issued", "by_hand")]
    assert shop.information().refunded == 500


def test_units_that_stay_are_refunded_for_what_they_are_worth() -> None:
    shop = kept(3, discount="0.01")

    shop.grant(units=1)

    assert shop.refunds() == [(1000, "due", "by_hand")]


def test_an_amount_for_units_is_what_is_paid_for_them() -> None:
    shop = kept(3)

    shop.grant(250, units=2)

    (refund,) = shop.information().refunds
    assert (refund.amount, [(one.line_id, one.quantity) for one in refund.covers]) == (
        250,
        [("1", 2)],
    )


def test_goods_are_where_they_were() -> None:
    shop = kept(3)
    before = shop.line()

    shop.grant(units=1)

    assert shop.line() == before


def test_the_same_again_is_silence_and_another_under_its_id_is_refused() -> None:
    shop = kept(3)
    shop.grant(500)

    assert rule(shop.grant(500)) == "repeated"
    assert rule(shop.grant(400)) == "decision_id_in_use"
    assert rule(shop.grant(units=1)) == "decision_id_in_use"
    assert rule(shop.decide("refund", 1, decision_id="g1")) == "decision_id_in_use"
    assert [amount for amount, *_ in shop.refunds()] == [500]


def test_a_refusal_is_recorded_and_repeated() -> None:
    shop = kept(3)

    first, again = shop.grant(3001), shop.grant(3001)

    (event,) = first.events
    assert isinstance(event, GrantRefused)
    assert (event.rule, event.amount, event.at_version) == ("more_than_refundable", 3001, 3)
    assert again.outcome == "repeated"
    assert shop.refunds() == []


def test_no_more_than_is_left_of_what_was_paid() -> None:
    shop = kept(2, 1)
    shop.given(cancel(1, "2"))

    assert shop.refunds() == [(1000, "due", "nothing_to_ship")]
    assert rule(shop.grant(2001)) == "more_than_refundable"
    assert rule(shop.grant(2000, decision_id="g2")) == "recorded"
    assert rule(shop.grant(1, decision_id="g3")) == "more_than_refundable"


def test_money_that_nobody_can_place_is_out_too() -> None:
    shop = kept(3)
    shop.given(issued("r-stranger", "25.00"))

    assert rule(shop.grant(501)) == "more_than_refundable"


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ((), "to ship: they are cancelled"),
        ((release(), cancel(3)), "requested: their cancellation pays"),
        ((cancel(3),), "cancelled: their refund is due"),
        ((ship(3), reject()), "on their way back: they are awaited"),
        ((ship(3), reject(), back(3)), "back: their refund is due"),
        ((ship(3), deliver(), back(3)), "back, though wanted: a case"),
        ((ship(3), lose()), "lost: a case"),
    ],
)
def test_units_with_a_rule_of_their_own_are_not_refunded_by_hand(facts: Any, why: str) -> None:  # noqa: ANN401
    shop = Shop().given(order(3, 1), *facts)

    assert rule(shop.grant(units=1)) == "more_than_kept", why


def test_units_are_refunded_by_hand_once() -> None:
    shop = kept(3)

    assert rule(shop.grant(units=2)) == "recorded"
    assert rule(shop.grant(units=2, decision_id="g2")) == "more_than_kept"
    assert rule(shop.grant(units=1, decision_id="g2")) == "decision_id_in_use"
    assert rule(shop.grant(units=1, decision_id="g3")) == "recorded"
    assert rule(shop.grant(units=1, line_id="9", decision_id="g4")) == "unknown_line"


@pytest.mark.parametrize(
    ("more", "why"),
    [({"paid": "0"}, "not_paid"), ({"price": "0"}, "not_paid")],
)
def test_where_nothing_was_paid_nothing_goes_back(more: dict[str, str], why: str) -> None:
    assert rule(kept(1, **more).grant(units=1)) == why


def test_units_without_worth_are_refused() -> None:
    shop = kept(1, shipping_fee="1.00", price="0")

    assert rule(shop.grant(units=1)) == "nothing_to_refund"


def test_what_comes_back_all_the_same_is_not_paid_twice() -> None:
    """Facts come late: it was refused at the door, and the delivery was an error."""
    delivered = deliver()
    shop = Shop().given(order(1), ship(1), delivered)
    shop.grant(units=1)
    shop.ask(GRANT)

    shop.given(correct(delivered), reject(), back(1))

    assert shop.refunds() == [(1000, "requested", "asked_for")]


def test_not_asked_for_yet_it_gives_way_to_the_return() -> None:
    delivered = deliver()
    shop = Shop().given(order(1), ship(1), delivered)
    shop.grant(units=1)

    shop.given(correct(delivered), reject(), back(1))

    assert shop.refunds() == [(1000, "due", "goods_returned")]


def test_a_later_cancellation_that_would_exceed_the_paid_sum_is_held_whole() -> None:
    shop = Shop().given(order(1, 1), ship(1, "2", "S2"), deliver("S2"))
    shop.grant(1500)
    shop.ask(GRANT)

    shop.given(cancel(1))

    assert shop.refunds() == [(1500, "requested", "by_hand"), (1000, "held", "exceeds_paid")]
    assert "exceeds_paid" in shop.rules()


def test_the_process_asks_for_it_and_asks_again() -> None:
    home = Home().given(order(1), ship(1), deliver())

    home.grant(500)
    home.advance()

    assert home.said() == [("pay", GRANT, 500)]
    assert home.waits() == {f"pay:{GRANT}": ("payment", "payment_pending", {})}
    assert [word[0] for word in home.after(DAY)] == ["pay"] * 4
    assert home.when(issued(GRANT, "5.00")) == []
    assert home.waits() == {}


def test_whatever_sellers_grant_no_more_is_refunded_than_was_paid() -> None:
    """Random orders, facts and grants: the sum never exceeds, and each line's units pay once."""
    random, granted = Random(7), 0
    for _ in range(400):
        shop = Shop().given(order(3, 2, shipping_fee="1.00", discount="0.07"))
        for number in range(12):
            _do_anything(shop, random, number)
            if random.random() < 0.5:
                for refund in shop.information().refunds:
                    if refund.state == "due":
                        shop.ask(refund.refund_id)
        info = shop.information()
        asked = sum(one.amount for one in info.refunds if one.state == "requested")
        assert asked <= shop.orders["A1"].placed.paid
        for line, whole in (("1", 3), ("2", 2)):
            covered = [one for refund in info.refunds for one in refund.covers]
            worth = sum(one.amount for one in covered if one.line_id == line)
            assert worth <= 1000 * whole
        granted += sum(isinstance(event, RefundGranted) for event in shop.orders["A1"].events)
    assert granted > 0


def _do_anything(shop: Shop, random: Random, number: int) -> None:
    line, units = random.choice((("1", 3), ("2", 2)))
    some, parcel = random.randint(1, units), f"S{random.randint(1, 3)}"
    match random.randrange(8):
        case 0:
            shop.given(ship(some, line, parcel))
        case 1:
            shop.given(deliver(parcel))
        case 2:
            shop.given(reject(parcel=parcel))
        case 3:
            shop.given(back(some, line=line, called=f"R{number}"))
        case 4:
            shop.hear(cancel(some, line, f"c{number}"))
        case 5:
            shop.given(release(some, line))
        case _:
            amount = random.choice((None, random.randint(1, 2000)))
            items = some if amount is None else random.choice((0, some))
            shop.grant(amount, items, line, f"g{number}")
