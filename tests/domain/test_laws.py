"""The laws, as properties over random histories: conservation, any order, exact money."""

from __future__ import annotations

from random import Random
from typing import Any

import msgspec
from hypothesis import assume, given
from hypothesis import strategies as st

from domain.events import STORED_NAMES
from domain.ledger import Counts, ledger
from domain.money import EXPONENTS, shares, to_minor, to_text, worth_of_first
from domain.order import Order, evolve
from tests.support.histories import History
from tests.support.shop import DAY, NOW, Shop
from tests.support.told import cancel, order, refund_of

SEEDS = st.integers(min_value=0, max_value=10**9)
REQUESTS = ("ItemCancelRequested", "CancellationWithdrawn")
MONEY = ("RefundIssued", "RefundFailed")


def told(seed: int) -> Shop:
    """A history told to its end; a few are of an order with an impossible discount."""
    shop = Shop().given(*History(seed).messages())
    assume("A1" in shop.orders)
    return shop


@given(SEEDS)
def test_units_are_conserved_after_every_event(seed: int) -> None:
    shop = Shop()
    for message in History(seed).messages():
        shop.hear(message)
        for line in shop.orders["A1"].goods().lines.values() if shop.orders else ():
            units = line.ledger
            page = units.cancelled + units.requested + units.refuse_delivery + units.remaining
            assert units.stopped + units.crossed + units.kept + units.to_ship == units.ordered
            assert page == units.ordered
            assert min(msgspec.structs.astuple(units)) >= 0


@given(
    st.builds(
        Counts,
        ordered=st.integers(1, 6),
        cancelled=st.just(0),
        confirmed=st.integers(0, 6),
        released=st.integers(0, 6),
        shipped=st.integers(0, 8),
        rejected=st.integers(0, 6),
        returned_good=st.integers(0, 6),
        returned_bad=st.integers(0, 6),
        lost=st.integers(0, 6),
    ),
    st.integers(0, 6),
    st.integers(0, 8),
)
def test_no_figure_of_any_ledger_is_negative(counts: Counts, cancelled: int, taken: int) -> None:
    possible = msgspec.structs.replace(
        counts,
        cancelled=min(cancelled, counts.ordered),
        accepted=min(taken, max(0, counts.shipped - counts.rejected)),
        rejected=min(counts.rejected, counts.shipped),
    )

    units = ledger(possible)

    assert min(msgspec.structs.astuple(units)) >= 0
    assert units.stopped + units.crossed + units.kept + units.to_ship == units.ordered


def facts_of(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [m for m in messages if m["type"] not in (*REQUESTS, *MONEY, "OrderPlaced")]


def one_of_each(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """No two messages with the same id: of two that contradict, the one heard first counts."""
    return list({(m["source"], m["id"]): m for m in messages}.values())


@given(SEEDS, st.randoms(use_true_random=False))
def test_any_order_and_repetition_of_a_set_of_facts_gives_one_ledger(
    seed: int, chance: Random
) -> None:
    messages = History(seed).messages()
    first = [m for m in messages if m["type"] in ("OrderPlaced", "ItemCancelRequested")]
    first.sort(key=lambda message: message["type"], reverse=True)
    facts = one_of_each(facts_of(messages))
    shuffled = [*facts, *chance.choices(facts, k=3)] if facts else []
    chance.shuffle(shuffled)

    told_once = Shop().given(*first, *facts)
    assume("A1" in told_once.orders)

    one = told_once.orders["A1"].goods()
    other = Shop().given(*first, *shuffled).orders["A1"].goods()

    assert {k: v.ledger for k, v in one.lines.items()} == {
        k: v.ledger for k, v in other.lines.items()
    }


@given(SEEDS)
def test_refunds_never_exceed_what_was_paid(seed: int) -> None:
    shop = Shop()
    for message in History(seed).messages():
        if message["type"] in MONEY:
            continue  # what others paid is not ours to limit
        shop.hear(message)
        if not shop.orders:
            continue
        refunds = shop.information().refunds
        for refund in [refund for refund in refunds if refund.state == "due"][:1]:
            shop.ask(refund.refund_id)
        spent = sum(r.amount for r in shop.information().refunds if r.state != "held")
        assert spent <= shop.orders["A1"].placed.paid


@given(
    st.sampled_from(["JPY", "EUR", "KWD"]),
    st.lists(st.tuples(st.integers(1, 5), st.integers(0, 9_999)), min_size=1, max_size=3),
    st.integers(0, 999),
    st.randoms(use_true_random=False),
)
def test_any_sequence_of_partial_cancellations_ends_exactly_at_what_was_paid(
    currency: str, lines: list[tuple[int, int]], fee: int, chance: Random
) -> None:
    placed = order(*(quantity for quantity, _ in lines), currency=currency)
    for line, (_, tax) in zip(placed["data"]["lines"], lines, strict=True):
        line["unit_price"] = to_text(tax % 7, currency)
        line["tax"] = to_text(tax, currency)
    placed["data"]["shipping_fee"] = to_text(fee, currency)
    units = [str(n) for n, (quantity, _) in enumerate(lines, 1) for _ in range(quantity)]
    chance.shuffle(units)
    shop = Shop().given(placed)

    for number, line in enumerate(units):
        shop.given(cancel(1, line=line, called=f"c{number}"))
        if chance.random() < 0.5:  # it is asked for now, and its amount is final
            shop.now += 31 * DAY
            shop.ask(refund_of(f"c{number}"))

    refunds = shop.information().refunds
    assert sum(refund.amount for refund in refunds) == shop.orders["A1"].placed.paid


@given(st.integers(1, 500), st.integers(0, 10**6))
def test_the_worth_of_a_line_telescopes(quantity: int, amount: int) -> None:
    steps = [worth_of_first(n, quantity, amount) for n in range(quantity + 1)]

    assert steps[0] == 0
    assert steps[-1] == amount
    assert steps == sorted(steps)


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=20), st.data())
def test_shares_add_up_and_none_is_off_by_a_unit(weights: list[int], data: st.DataObject) -> None:
    total = data.draw(st.integers(0, sum(weights)))

    parts = shares(total, weights)

    assert sum(parts) == (total if sum(weights) else 0)
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part * sum(weights) - total * weight) < max(1, sum(weights))
        assert part <= weight


@given(st.sampled_from(sorted(EXPONENTS)), st.integers(0, 10**12 - 1))
def test_every_amount_survives_writing_and_reading(currency: str, minor: int) -> None:
    assert to_minor(to_text(minor, currency), currency) == minor


@given(SEEDS)
def test_decide_never_changes_state(seed: int) -> None:
    shop = Shop()
    for message in History(seed).messages():
        before = dict(shop.orders)
        frozen = {name: msgspec.json.encode(order) for name, order in before.items()}

        shop.hear(message)

        assert {name: msgspec.json.encode(order) for name, order in before.items()} == frozen


@given(SEEDS, st.randoms(use_true_random=False))
def test_evolve_never_refuses_whatever_was_recorded(seed: int, chance: Random) -> None:
    """Even events that no rule of today would lead to fold, and can be looked at."""
    placed, *others = told(seed).orders["A1"].events
    others += told(seed + 1).orders["A1"].events[1:]
    chance.shuffle(others)

    odd: Order | None = None
    for event in (placed, *others):
        odd = evolve(odd, event)

    assert odd is not None
    assert odd.version == len(others) + 1


@given(SEEDS)
def test_every_event_survives_a_round_trip_under_its_stored_name(seed: int) -> None:
    for event in told(seed).orders["A1"].events:
        kind = STORED_NAMES[f"{type(event).__name__}.v1"]

        assert msgspec.json.decode(msgspec.json.encode(event), type=kind) == event


@given(SEEDS)
def test_time_alone_changes_nothing_before_a_held_refund_turns_due(seed: int) -> None:
    shop = told(seed)
    now = shop.information()
    if now.turns_due_at is not None:
        assert shop.information(now=now.turns_due_at - 1) == now
        assert shop.information(now=now.turns_due_at) != now
    else:
        assert shop.information(now=NOW + 9_999 * DAY) == now
