"""A preview says what the cancellation then does: units, parcels, and money with its time."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from msgspec.structs import replace

from domain.coming_back import ComesBack, Part
from domain.events import CancellationRefused
from domain.items import Item
from domain.preview import Meaning, Units, meaning, preview
from tests.support.saying import Said
from tests.support.shop import DAY, SECOND, Shop
from tests.support.told import back, cancel, confirm, deliver, order, reject, release, ship


def previewed(shop: Shop, *items: Item) -> Meaning:
    found = preview(shop.orders["A1"], items or None, shop.now + 1_000_000, shop.policy)
    assert isinstance(found, Meaning)
    return found


def refused(shop: Shop, *items: Item) -> tuple[str, tuple[Item, ...]]:
    found = preview(shop.orders["A1"], items or None, shop.now, shop.policy)
    assert isinstance(found, CancellationRefused)
    return found.rule, found.cancellable


def money(found: Meaning) -> list[tuple[int, str, str]]:
    return [(part.amount, part.when, part.reason) for part in found.refund.parts]


def test_everything_unshipped_comes_back_at_once_with_the_fee() -> None:
    shop = Shop().given(order(2, shipping_fee="4.90"))

    found = previewed(shop)

    assert found.items == (Units("1", 2, 2, 0),)
    assert (found.outcome, found.needs_confirmation) == ("cancelled", False)
    whole = (Part(2490, "now", "everything_cancelled"),)
    assert found.refund == ComesBack(2490, "now", None, whole)


def test_a_part_waits_for_the_remaining_goods_until_the_maximum_hold() -> None:
    shop = Shop().given(order(3))

    found = previewed(shop, Item("1", 1))

    until = shop.now + 1_000_000 + 30 * DAY
    waiting = (Part(1000, "after_remaining_shipped", "goods_still_to_ship"),)
    assert found.refund == ComesBack(1000, "after_remaining_shipped", until, waiting)


def test_shipped_units_are_to_be_refused_and_paid_when_they_are_back() -> None:
    shop = Shop().given(order(2), ship(2))

    found = previewed(shop)

    assert found.items == (Units("1", 2, 0, 2),)
    assert (found.outcome, found.refuse_parcels) == ("refuse_delivery", ("S1",))
    assert money(found) == [(2000, "after_return", "goods_returned")]


def test_a_mixed_one_has_a_part_for_each_time() -> None:
    shop = Shop().given(order(3, 1, shipping_fee="1.00"), ship(1))

    found = previewed(shop, Item("1", 3))

    assert found.items == (Units("1", 3, 2, 1),)
    assert found.outcome == "mixed"
    assert money(found) == [
        (2000, "after_remaining_shipped", "goods_still_to_ship"),
        (1000, "after_return", "goods_returned"),
    ]
    assert found.refund.when == "after_return"


def test_the_fee_comes_with_the_return_that_completes_it() -> None:
    shop = Shop().given(order(1, shipping_fee="1.00"), ship(1))

    assert money(previewed(shop)) == [(1100, "after_return", "goods_returned")]


def test_released_units_need_the_warehouses_word() -> None:
    shop = Shop().given(order(2, shipping_fee="1.00"), release())

    found = previewed(shop)

    assert (found.outcome, found.needs_confirmation) == ("requested", True)
    assert money(found) == [(2100, "now", "everything_cancelled")]


def test_units_partly_released_are_cancelled_in_part() -> None:
    shop = Shop().given(order(2), release(1))

    found = previewed(shop)

    assert (found.outcome, found.needs_confirmation) == ("mixed", True)


def test_confirming_it_does_not_let_an_earlier_cancellation_cross_instead() -> None:
    shop = Shop().given(order(3), release(), cancel(1), ship(1))

    found = previewed(shop, Item("1", 2))

    assert found.items == (Units("1", 2, 1, 1),)
    assert money(found) == [
        (1000, "now", "nothing_to_ship"),
        (1000, "after_return", "goods_returned"),
    ]


def test_units_refused_at_the_door_before_are_not_its_own() -> None:
    shop = Shop().given(order(3), ship(1), reject())

    found = previewed(shop, Item("1", 2))

    assert found.items == (Units("1", 2, 2, 0),)
    assert money(found) == [(2000, "now", "nothing_to_ship")]


def test_goods_that_were_back_before_are_paid_at_once() -> None:
    shop = Shop().given(order(1), back(1))

    found = previewed(shop)

    assert found.items == (Units("1", 1, 0, 1),)
    assert money(found) == [(1000, "now", "goods_returned")]


def test_an_order_that_was_not_paid_brings_nothing_back() -> None:
    shop = Shop().given(order(1, paid="0"))

    assert previewed(shop).refund == ComesBack(0, "now", None, (), "not_paid")


def test_what_would_exceed_the_paid_amount_waits_for_a_decision() -> None:
    shop = Shop().given(order(1, paid="4.00"))

    assert money(previewed(shop)) == [(1000, "after_decision", "exceeds_paid")]


def test_a_cent_that_moves_between_refunds_is_nobodys_gain() -> None:
    shop = Shop().given(order(3, 1, price="0.01"), cancel(1))

    found = previewed(shop, Item("1", 1))

    assert money(found) == [(1, "after_remaining_shipped", "goods_still_to_ship")]


def test_what_cannot_be_cancelled_is_refused_with_what_can() -> None:
    shop = Shop().given(order(2, 1), ship(1, "2", "S2"), deliver("S2"))

    assert refused(shop, Item("1", 3)) == ("more_than_cancellable", (Item("1", 2),))
    assert refused(shop, Item("2", 1)) == ("already_delivered", (Item("1", 2),))
    assert refused(shop, Item("9", 1)) == ("unknown_line", (Item("1", 2),))


def test_the_answer_equals_the_preview() -> None:
    given = (order(4, 2, shipping_fee="3.00"), release(2), cancel(1), ship(1), confirm())
    shop = Shop().given(*given)
    expected = preview(shop.orders["A1"], None, shop.now + 1_000_000, shop.policy)

    shop.given(cancel(called="c2"))

    assert isinstance(expected, Meaning)
    answered = meaning(shop.orders["A1"], shop.policy)
    assert (answered.items, answered.refuse_parcels, answered.refund, answered.outcome) == (
        expected.items,
        expected.refuse_parcels,
        expected.refund,
        expected.outcome,
    )


def test_what_was_promised_is_what_is_refunded() -> None:
    """The parts, added up, are what the order pays once all has come as it was said."""
    shop = Shop().given(order(4, shipping_fee="3.00"), release(), ship(1))
    promised = previewed(shop)

    shop.given(cancel(), confirm(3), reject(), back(1))

    assert sum(amount for amount, *_ in shop.refunds()) == promised.refund.amount == 4300


def test_whatever_happened_before_a_preview_is_what_then_happens() -> None:
    """Random facts, a preview, the cancellation, and what it still waits for: to the cent."""
    promised = 0
    for seed in range(400):
        random = Random(seed)
        shop = Shop().given(order(3, 2, price="3.33", shipping_fee="1.00", discount="0.07"))
        for number in range(random.randint(0, 8)):
            _anything(shop, random, number)
        some = random.choice((None, {"1": random.randint(1, 3)}, {"1": 1, "2": 2}))
        wanted = None if some is None else tuple(Item(*one) for one in some.items())
        meant = preview(shop.orders["A1"], wanted, shop.now + SECOND, shop.policy)
        before = sum(amount for amount, *_ in shop.refunds(shop.now + SECOND))
        shop.hear(_cancel(some))
        if not isinstance(meant, Meaning):
            continue

        answered = meaning(shop.orders["A1"], shop.policy)
        assert replace(answered, cancellation_id="") == replace(meant, cancellation_id=""), seed
        _let_come(shop, answered)
        after = sum(amount for amount, *_ in shop.refunds())
        assert after - before == meant.refund.amount, seed
        promised += meant.refund.amount > 0
    assert promised > 250


def _anything(shop: Shop, random: Random, number: int) -> None:
    line, most = random.choice((("1", 3), ("2", 2)))
    some, parcel = random.randint(1, most), f"S{random.randint(1, 3)}"
    said: tuple[Callable[[], Said], ...] = (
        lambda: ship(some, line, parcel),
        lambda: deliver(parcel),
        lambda: reject(parcel=parcel),
        lambda: back(some, line=line, called=f"R{number}"),
        lambda: cancel(some, line, f"c{number}"),
        lambda: release(some, line),
        lambda: confirm(called=f"c{random.randint(0, 5)}"),
    )
    shop.hear(random.choice(said)())
    for refund in shop.information().refunds:
        if refund.state == "due" and random.random() < 0.3:
            shop.ask(refund.refund_id)


def _cancel(some: dict[str, int] | None) -> Said:
    return cancel(called="cX") if some is None else cancel(called="cX", items=_rows(some))


def _rows(some: dict[str, int]) -> list[dict[str, object]]:
    return [{"line_id": line, "quantity": units} for line, units in some.items()]


def _let_come(shop: Shop, meant: Meaning) -> None:
    """What is stopped is confirmed, and what crossed and is not back comes back."""
    stopped = {one.line_id: one.stop for one in meant.items if one.stop}
    if stopped:
        shop.hear(confirm(called="cX") | {"data": _confirmation(stopped)})
    lines = shop.orders["A1"].goods().lines
    out = {
        one.line_id: min(one.refuse, lines[one.line_id].ledger.refuse_delivery)
        for one in meant.items
    }
    if any(out.values()):
        items = _rows({line: units for line, units in out.items() if units})
        shop.hear(back(1) | {"data": {"order_id": "A1", "return_id": "RX", "items": items}})


def _confirmation(stopped: dict[str, int]) -> dict[str, object]:
    told = {"cancellation_id": "cX", "confirmed_by": "warehouse", "items": _rows(stopped)}
    return {"order_id": "A1", **told}
