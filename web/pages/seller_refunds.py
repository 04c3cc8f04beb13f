"""A seller's refunds as a page shows them: by state, with titles, and why each waits."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from application.placed import PlacedOrders
from consumers.times import to_microseconds
from domain.events import OrderPlaced
from domain.items import Item
from domain.money import to_text
from domain.wording import named
from projections import counts, refunds
from web.pages.provider_words import kept, provider_says
from web.pages.seller_cases import element_id
from web.pages.seller_payments import next_asked_at
from web.pages.seller_words import CAUSES, HELD, STATES
from web.pages.showing import brief, date
from web.pages.words import money
from web.parts import Parts

_EACH, _ONE = 15, 50
"""Refunds of each state on the page of all, and on the page of one."""
_HEADS = {"held": ("Why it waits", "At the latest"), "issued": ("Cause", "Paid")}
"""What the last two columns of a state are called."""
_USUAL_HEADS = ("Why it waits", "Next")


class Which(NamedTuple):
    """Which refunds are looked at; none: of all states, of all sellers, from the start."""

    state: str | None = None
    seller_id: str | None = None
    cursor: str | None = None


class Row(NamedTuple):
    """A refund on a page."""

    order_id: str
    refund_id: str
    amount: str
    goods: str
    why: str
    next: str
    case: str
    """The case that is about it, by its id on the page of cases; empty: there is none."""


class Section(NamedTuple):
    """Refunds in one state."""

    state: str
    word: str
    shape: str
    why: str
    when: str
    rows: list[Row]
    sum: str
    following: str | None


class Looking(NamedTuple):
    """What the refunds of a page are shown with."""

    parts: Parts
    now: int
    placed: Mapping[str, OrderPlaced]
    texts: Mapping[str, str]


class InState(NamedTuple):
    """All refunds in one state."""

    state: str
    word: str
    shape: str
    sums: list[str]
    number: str


def in_states(parts: Parts, seller: str | None) -> list[InState]:
    """Each state, how many refunds are in it, and what they come to, by currency."""
    with parts.store.connection() as conn:
        found = counts.refunds(conn, STATES, seller)
    return [
        _in_state(state, *of_state, found.get(state, counts.NOTHING))
        for state, of_state in STATES.items()
    ]


def _in_state(state: str, word: str, shape: str, found: counts.Sum) -> InState:
    more = "+" if found.number > counts.MOST else ""
    sums = [
        money(to_text(amount, currency), currency) + more
        for currency, amount in found.amounts.items()
    ]
    number = f"{counts.as_text(found.number)} {'refund' if found.number == 1 else 'refunds'}"
    return InState(state, word, shape, sums or ["nothing"], number if found.number else "")


def sections(parts: Parts, placed: PlacedOrders, which: Which) -> list[Section]:
    """The states that have refunds, or the one that is asked for."""
    found = _found(parts, which)
    every = [one for page in found.values() for one in page["refunds"]]
    looking = Looking(
        parts,
        parts.clock(),
        placed.of({one["order_id"] for one in every}),
        kept(parts, [one["problem"] for one in every]),
    )
    return [_section(looking, state, page) for state, page in found.items()]


def _found(parts: Parts, which: Which) -> dict[str, dict[str, Any]]:
    """A page of each state, or of one."""
    seller = which.seller_id
    with parts.store.connection() as conn:
        if which.state is None:
            every = refunds.by_state(conn, [*STATES], seller_id=seller, limit=_EACH)
            return {state: page for state, page in every.items() if page["refunds"]}
        wanted = {"state": which.state, "seller_id": seller, "cursor": which.cursor}
        return {which.state: refunds.listed(conn, **wanted, limit=_ONE)}


def _section(looking: Looking, state: str, page: dict[str, Any]) -> Section:
    word, shape = STATES[state]
    sums: dict[str, Decimal] = {}
    for one in page["refunds"]:
        sums[one["currency"]] = sums.get(one["currency"], Decimal(0)) + Decimal(one["amount"])
    return Section(
        state,
        word,
        shape,
        *_HEADS.get(state, _USUAL_HEADS),
        [_row(looking, one) for one in page["refunds"]],
        ", ".join(money(f"{total:f}", currency) for currency, total in sums.items()),
        page["next"],
    )


def _row(looking: Looking, one: dict[str, Any]) -> Row:
    return Row(
        one["order_id"],
        one["refund_id"],
        money(one["amount"], one["currency"]),
        _goods(one, looking.placed.get(one["order_id"])),
        _why(one, looking.texts),
        _next(looking, one),
        _case(one),
    )


def _goods(one: Mapping[str, Any], placed: OrderPlaced | None) -> str:
    """What it is paid for."""
    if not one["items"]:
        return "shipping" if Decimal(one["fee"]) else "no goods"
    items = [Item(units["line_id"], units["quantity"]) for units in one["items"]]
    ordered = 0 if placed is None else sum(line.quantity for line in placed.lines)
    is_whole = len(items) > 1 and sum(item.quantity for item in items) == ordered
    goods = "the whole order" if is_whole else named(items, placed.titles if placed else {})
    return f"{goods}, and shipping" if Decimal(one["fee"]) else goods


def _why(one: Mapping[str, Any], texts: Mapping[str, str]) -> str:
    if one["state"] == "held":
        return HELD.get(one["reason"], str(one["reason"]).replace("_", " "))
    words = CAUSES.get(one["reason"], str(one["reason"]).replace("_", " ").capitalize())
    return f"{words} {provider_says(one['problem'], texts)}".strip()


def _case(one: Mapping[str, Any]) -> str:
    if one["state"] == "failed":
        return element_id(one["order_id"], f"pay:{one['refund_id']}")
    is_case = one["state"] == "held" and one["held_until"] is None
    return element_id(one["order_id"], "odd") if is_case else ""


def _next(looking: Looking, one: Mapping[str, Any]) -> str:
    """What happens next, or happened last."""
    if one["state"] == "held":
        latest = one["held_until"]
        return date(to_microseconds(latest)) if latest else "when you have decided"
    if one["state"] == "issued":
        return brief(to_microseconds(one.get("answered_at") or one["since"]))
    times = one["times_asked"]
    if not times:
        return "is asked for at once"
    asked = f"asked {'once' if times == 1 else f'{times} times'}"
    again_at = next_asked_at(one, looking.parts.terms)
    if again_at is None:
        return asked
    return f"{asked}, again {f'at {brief(again_at)}' if again_at > looking.now else 'at once'}"
