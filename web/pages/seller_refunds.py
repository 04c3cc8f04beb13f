"""A seller's refunds as a page shows them: by state, with titles, and why each waits."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from application.orders import Orders
from consumers.times import to_microseconds
from domain.items import Item
from domain.wording import named
from projections import counts, refunds
from web.pages.provider_words import kept, provider_says
from web.pages.seller_cases import element_id
from web.pages.seller_words import CAUSES, HELD, STATES
from web.pages.showing import brief, date
from web.pages.words import money
from web.parts import Parts

_EACH, _ONE = 15, 50
"""Refunds of each state on the page of all, and on the page of one."""


def tabs(parts: Parts, seller: str | None) -> list[tuple[str, str, str]]:
    """Each state, its word, and how many there are."""
    with parts.store.connection() as conn:
        found = counts.refunds(conn, STATES, seller)
    return [(state, word, counts.as_text(found[state])) for state, (word, _) in STATES.items()]


def sections(
    parts: Parts, seller: str | None, only: str | None, cursor: str | None
) -> list[dict[str, Any]]:
    """The states that have refunds, or the one that is asked for."""
    with parts.store.connection() as conn:
        if only is None:
            every = refunds.by_state(conn, [*STATES], seller_id=seller, limit=_EACH)
            found = {state: page for state, page in every.items() if page["refunds"]}
        else:
            wanted = {"state": only, "seller_id": seller}
            found = {only: refunds.listed(conn, **wanted, limit=_ONE, cursor=cursor)}
    rows = _rows(parts, [one for page in found.values() for one in page["refunds"]])
    return [_section(state, page, rows) for state, page in found.items()]


def _section(state: str, page: dict[str, Any], rows: dict[str, Any]) -> dict[str, Any]:
    word, shape = STATES[state]
    shown = [rows[one["order_id"] + " " + one["refund_id"]] for one in page["refunds"]]
    sums: dict[str, Decimal] = {}
    for one in page["refunds"]:
        sums[one["currency"]] = sums.get(one["currency"], Decimal(0)) + Decimal(one["amount"])
    return {
        "state": state,
        "word": word,
        "shape": shape,
        "rows": shown,
        "sum": ", ".join(money(f"{total:f}", currency) for currency, total in sums.items()),
        "following": page["next"],
    }


def _rows(parts: Parts, found: list[dict[str, Any]]) -> dict[str, Any]:
    orders = Orders(parts.store)
    orders.warm({one["order_id"] for one in found})
    texts = kept(parts, [one["problem"] for one in found])
    rows = {}
    for one in found:
        order = orders.get(one["order_id"])
        titles = order.placed.titles if order else {}
        items = [Item(units["line_id"], units["quantity"]) for units in one["items"]]
        rows[one["order_id"] + " " + one["refund_id"]] = {
            **one,
            "goods": named(items, titles) if items else "shipping",
            "why": _why(one, texts),
            "next": _next(one),
            "case": _case(one),
        }
    return rows


def _why(one: dict[str, Any], texts: Mapping[str, str]) -> str:
    if one["state"] == "held":
        return HELD.get(one["reason"], str(one["reason"]).replace("_", " "))
    words = CAUSES.get(one["reason"], str(one["reason"]).replace("_", " ").capitalize())
    return f"{words} {provider_says(one['problem'], texts)}".strip()


def _case(one: dict[str, Any]) -> str:
    """The case that is about it, by its id on the page of cases; empty: there is none."""
    if one["state"] == "failed":
        return element_id(one["order_id"], f"pay:{one['refund_id']}")
    is_case = one["state"] == "held" and one["held_until"] is None
    return element_id(one["order_id"], "odd") if is_case else ""


def _next(one: dict[str, Any]) -> str:
    """What happens next, or happened last."""
    if one["state"] == "held":
        latest = one["held_until"]
        return date(to_microseconds(latest)) if latest else "when you have decided"
    if one["state"] == "due":
        return "is asked for at once"
    if not one["times_asked"]:
        return brief(to_microseconds(one["since"]))
    times = "once" if one["times_asked"] == 1 else f"{one['times_asked']} times"
    return f"asked {times}, last at {brief(to_microseconds(one['last_asked_at']))}"
