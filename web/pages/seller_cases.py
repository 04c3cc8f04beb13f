"""A seller's cases as a page shows them: in titles, amounts and what can be decided now."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import blake2b
from typing import Any, NamedTuple
from uuid import uuid4

from application.orders import Orders
from consumers.times import to_microseconds
from domain.items import Item
from domain.order import Order
from domain.wording import money, named
from web.pages.seller_choices import choices
from web.pages.seller_payments import Paying, paying, title_and_words
from web.pages.seller_words import MATTERS, WAITS, act, hint
from web.pages.showing import HOUR, brief, length, when
from web.parts import Parts

TODAY = 24 * HOUR
_STEPS = 10
"""Of what was done about a case, the latest; the story of the order has it all."""


class Span(NamedTuple):
    """How much of a wait is over, of 100; `until` is where its deadline stands."""

    now: int
    until: int


def grouped(parts: Parts, cases: Sequence[dict[str, Any]]) -> list[tuple[str, str, list[Any]]]:
    """Cases in groups that go with their order: overdue, what ends within a day, others, closed."""
    now = parts.clock()
    groups: dict[str, list[Any]] = {
        name: [] for name in ("Overdue", "Ends within 24 hours", "Later", "Closed")
    }
    for case in shown(parts, cases):
        if case["ended_at"] is not None:
            groups["Closed"].append(case)
            continue
        soon = case["until_at"] is not None and case["until_at"] - now <= TODAY
        group = "Overdue" if case["overdue"] else "Ends within 24 hours" if soon else "Later"
        groups[group].append(case)
    shapes = {"Overdue": "late", "Ends within 24 hours": "due", "Later": "", "Closed": ""}
    return [(name, shapes[name], found) for name, found in groups.items() if found]


def shown(parts: Parts, cases: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each case with its words. The orders of a page are read from the log at once."""
    orders = Orders(parts.store, policy=parts.policy)
    orders.warm({case["order_id"] for case in cases})
    known = paying(parts, cases, orders.get)
    now = parts.clock()
    return [_shown(parts, case, orders.get(case["order_id"]), known, now) for case in cases]


def _shown(
    parts: Parts, case: dict[str, Any], order: Order | None, known: Paying, now: int
) -> dict[str, Any]:
    items = [Item(one["line_id"], one["quantity"]) for one in case["items"]]
    return {
        **case,
        "title": _title(case["reason"], items, order),
        "worth": _worth(items, order),
        "told": [
            (when(to_microseconds(step["at"])), step["what"]) for step in case["steps"][-_STEPS:]
        ],
        "done": len(case["steps"]),
        "key": str(uuid4()),
        "id": element_id(case["order_id"], case["wait"]),
        "short": _short(case["order_id"], case["wait"]),
        **_times(case, now),
        **_to_do(parts, case, order, known, now),
    }


def element_id(order_id: str, wait: str) -> str:
    """What a case is called on its page; the same for as long as it is open."""
    return f"{order_id}-{wait}".replace(":", "-").replace("#", "-")


def _short(order_id: str, wait: str) -> str:
    """What the parts of a case are called: as lasting, and so short that many fit on a page."""
    return blake2b(f"{order_id}\n{wait}".encode(), digest_size=5).hexdigest()


def _times(case: dict[str, Any], now: int) -> dict[str, Any]:
    """Since when, until when, and how it stands."""
    until = None if case["until"] is None else to_microseconds(case["until"])
    since = to_microseconds(case["since"])
    waits = WAITS[case["waits_for"]]
    is_open = case["ended_at"] is None
    return {
        "words": waits.words,
        "shape": "done" if not is_open else "late" if case["overdue"] else waits.shape,
        "state": _state(case, until, now),
        "until_at": until,
        "since_words": brief(since),
        "until_words": "" if until is None else brief(until),
        "span": _span(since, until, now),
    }


def _to_do(
    parts: Parts, case: dict[str, Any], order: Order | None, known: Paying, now: int
) -> dict[str, Any]:
    """What can be chosen in a case, and what comes of it by itself."""
    nothing = {"choices": None, "hint": "", "act": ""}
    if order is None or case["ended_at"] is not None:
        return nothing
    now = max(now, order.events[-1].recorded_at)
    if case["wait"].startswith("pay:"):
        title, said = title_and_words(parts, case, order, known, now)
        return {**nothing, "title": title, "hint": said}
    found = choices(parts, case, order, now)
    if found is None:
        return {**nothing, "hint": "Nothing is left to decide. It closes within a moment."}
    return {"choices": found, "hint": hint(case), "act": act(case, confirms=bool(found.confirms))}


def _title(reason: str, items: Sequence[Item], order: Order | None) -> str:
    titles = {} if order is None else order.placed.titles
    goods = named(items, titles) if items else "goods"
    return MATTERS.get(reason, f"{reason.replace('_', ' ')}: {{goods}}").format(goods=goods)


def _worth(items: Iterable[Item], order: Order | None) -> str:
    """What the units are worth, about: their share of their lines."""
    if order is None:
        return ""
    lines = {line.line_id: line for line in order.placed.lines}
    worth = sum(
        lines[item.line_id].amount * item.quantity // lines[item.line_id].quantity
        for item in items
        if item.line_id in lines
    )
    return money(worth, order.placed.currency) if worth else ""


def _state(case: dict[str, Any], until: int | None, now: int) -> str:
    if case["ended_at"] is not None:
        return f"Closed {brief(to_microseconds(case['ended_at']))}"
    if until is None:
        return "No deadline"
    return f"Overdue by {length(now - until)}" if until <= now else f"{length(until - now)} left"


def _span(since: int, until: int | None, now: int) -> Span | None:
    if until is None or until <= since:
        return None
    end = max(until, now)
    whole = max(1, end - since)
    return Span(round(100 * (min(now, end) - since) / whole), round(100 * (until - since) / whole))
