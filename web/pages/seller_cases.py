"""A seller's cases as a page shows them: in titles, amounts and what can be decided now."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple
from uuid import uuid4

from application.deciding import Open, open_in
from application.orders import Orders
from consumers.times import to_microseconds
from domain.items import Item
from domain.order import Order
from domain.wording import money, named
from web.pages.seller_words import KINDS, MATTERS, OUTCOMES, WAITS
from web.pages.showing import HOUR, brief, length, when
from web.parts import Parts

_TODAY = 24 * HOUR
_STEPS = 10
"""Of what was done about a case, the latest; the story of the order has it all."""


class Span(NamedTuple):
    """How much of a wait is over, of 100; `until` is where its deadline stands."""

    now: int
    until: int


def grouped(parts: Parts, cases: Sequence[dict[str, Any]]) -> list[tuple[str, str, list[Any]]]:
    """Cases in groups that go with their order: overdue, what ends within a day, the others."""
    now = parts.clock()
    groups: dict[str, list[Any]] = {"Overdue": [], "Ends within 24 hours": [], "Later": []}
    for case in shown(parts, cases):
        soon = case["until_at"] is not None and case["until_at"] - now <= _TODAY
        group = "Overdue" if case["overdue"] else "Ends within 24 hours" if soon else "Later"
        groups[group].append(case)
    shapes = {"Overdue": "late", "Ends within 24 hours": "due", "Later": ""}
    return [(name, shapes[name], found) for name, found in groups.items() if found]


def shown(parts: Parts, cases: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each case with its words. The orders of a page are read from the log at once."""
    orders = Orders(parts.store, policy=parts.policy)
    orders.warm({case["order_id"] for case in cases})
    now = parts.clock()
    return [_shown(parts, case, orders.get(case["order_id"]), now) for case in cases]


def _shown(parts: Parts, case: dict[str, Any], order: Order | None, now: int) -> dict[str, Any]:
    items = [Item(one["line_id"], one["quantity"]) for one in case["items"]]
    until = None if case["until"] is None else to_microseconds(case["until"])
    since = to_microseconds(case["since"])
    is_open = case["ended_at"] is None
    waits = WAITS[case["waits_for"]]
    return {
        **case,
        "title": _title(case["reason"], items, order),
        "worth": _worth(items, order),
        "words": waits.words,
        "shape": "done" if not is_open else "late" if case["overdue"] else waits.shape,
        "state": _state(case, until, now),
        "until_at": until,
        "since_words": brief(since),
        "until_words": "" if until is None else brief(until),
        "span": _span(since, until, now),
        "told": [
            (when(to_microseconds(step["at"])), step["what"]) for step in case["steps"][-_STEPS:]
        ],
        "done": len(case["steps"]),
        "choices": _choices(parts, case, order, now) if order and is_open else [],
        "outcomes": OUTCOMES,
        "key": str(uuid4()),
    }


def _title(reason: str, items: Sequence[Item], order: Order | None) -> str:
    titles = {} if order is None else {line.line_id: line.title for line in order.placed.lines}
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


def _choices(parts: Parts, case: dict[str, Any], order: Order, now: int) -> list[dict[str, Any]]:
    """What can be decided now about the goods of a case."""
    first = case["wait"].partition(":")[0]
    kinds = KINDS.get(first)
    lines = {one["line_id"] for one in case["items"]}
    titles = {line.line_id: line.title for line in order.placed.lines}
    found = open_in(order, max(now, order.events[-1].recorded_at), parts.policy)
    return [
        {**one._asdict(), "title": titles.get(one.line_id, one.line_id)}
        for one in found
        if _is_about(one, kinds, lines, case["reason"])
    ]


def _is_about(one: Open, kinds: tuple[str, ...] | None, lines: set[str], reason: str) -> bool:
    if kinds is None:  # something odd, which is about no units
        return one.what == reason
    return one.what in kinds and (not lines or one.line_id in lines)
