"""A seller's cases as a page shows them: in titles, amounts and what can be decided now."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import blake2b
from typing import Any, NamedTuple
from uuid import uuid4

from application.orders import Orders
from application.placed import PlacedOrders
from consumers.times import to_microseconds
from domain.events import OrderPlaced
from domain.items import Item
from domain.money import to_text
from domain.wording import named
from web.pages.seller_choices import Choices, choices
from web.pages.seller_payments import Paying, has_failed, is_payment, paying, title_and_words
from web.pages.seller_words import MATTERS, WAITS, act, hint
from web.pages.showing import HOUR, brief, length, when
from web.pages.words import money
from web.parts import Parts

TODAY = 24 * HOUR
_STEPS = 10
"""Of what was done about a case, the latest; the story of the order has it all."""


class Span(NamedTuple):
    """How much of a wait is over, of 100; `until` is where its deadline stands."""

    now: int
    until: int


class Times(NamedTuple):
    """Since when, until when, and how it stands."""

    words: str
    shape: str
    state: str
    since: str
    until: str
    span: Span | None


class ToDo(NamedTuple):
    """What can be chosen in a case, and what comes of it by itself."""

    title: str
    hint: str = ""
    choices: Choices | None = None
    act: str = ""
    key: str = ""
    """Of the form: sent twice, it is done once."""


class Case(NamedTuple):
    """A case on a page."""

    id: str
    """The same for as long as it is open."""
    short: str
    """What its parts are called: as lasting, and so short that many fit on a page."""
    order_id: str
    buyer_id: str
    wait: str
    is_open: bool
    overdue: bool
    worth: str
    told: tuple[tuple[str, str], ...]
    """The latest of what was done about it."""
    done: int
    times: Times
    todo: ToDo


class Group(NamedTuple):
    """Cases that end at about the same time."""

    name: str
    shape: str
    cases: list[Case]


class Looking(NamedTuple):
    """What the cases of a page are shown with."""

    parts: Parts
    now: int
    placed: dict[str, OrderPlaced]
    orders: Orders
    known: Paying


_GROUPS = {"Overdue": "late", "Ends within 24 hours": "due", "Later": "", "Closed": ""}


def grouped(parts: Parts, placed: PlacedOrders, cases: Sequence[dict[str, Any]]) -> list[Group]:
    """Cases in groups that go with their order: overdue, what ends within a day, others, closed."""
    looking = _looking(parts, placed, cases)
    groups = {name: Group(name, shape, []) for name, shape in _GROUPS.items()}
    for case in cases:
        groups[_group(case, looking.now)].cases.append(_shown(looking, case))
    return [group for group in groups.values() if group.cases]


def _group(case: dict[str, Any], now: int) -> str:
    if case["ended_at"] is not None:
        return "Closed"
    if case["overdue"]:
        return "Overdue"
    ends_soon = case["until"] is not None and to_microseconds(case["until"]) - now <= TODAY
    return "Ends within 24 hours" if ends_soon else "Later"


def _looking(parts: Parts, placed: PlacedOrders, cases: Sequence[dict[str, Any]]) -> Looking:
    """What is read for a page, at once; orders from the log, where there is something to decide."""
    orders = Orders(parts.store, policy=parts.policy)
    orders.warm({case["order_id"] for case in cases if _is_to_decide(case)})
    ids = {case["order_id"] for case in cases}
    return Looking(parts, parts.clock(), placed.of(ids), orders, paying(parts, cases))


def _is_to_decide(case: dict[str, Any]) -> bool:
    return case["ended_at"] is None and not is_payment(case)


def _shown(looking: Looking, case: dict[str, Any]) -> Case:
    order_id, wait = case["order_id"], case["wait"]
    items = [Item(one["line_id"], one["quantity"]) for one in case["items"]]
    placed = looking.placed.get(order_id)
    return Case(
        id=element_id(order_id, wait),
        short=blake2b(f"{order_id}\n{wait}".encode(), digest_size=5).hexdigest(),
        order_id=order_id,
        buyer_id=case["buyer_id"],
        wait=wait,
        is_open=case["ended_at"] is None,
        overdue=case["overdue"],
        worth=_worth(items, placed),
        told=tuple(
            (when(to_microseconds(step["at"])), step["what"]) for step in case["steps"][-_STEPS:]
        ),
        done=len(case["steps"]),
        times=_times(looking, case),
        todo=_to_do(looking, case, _title(case["reason"], items, placed)),
    )


def element_id(order_id: str, wait: str) -> str:
    """What a case is called on its page; the same for as long as it is open."""
    return f"{order_id}-{wait}".replace(":", "-").replace("#", "-")


def _times(looking: Looking, case: dict[str, Any]) -> Times:
    until = None if case["until"] is None else to_microseconds(case["until"])
    since = to_microseconds(case["since"])
    return Times(
        words=WAITS[case["waits_for"]].words,
        shape=_shape(looking, case),
        state=_state(case, until, looking.now),
        since=brief(since),
        until="" if until is None else brief(until),
        span=_span(since, until, looking.now) if case["ended_at"] is None else None,
    )


def _shape(looking: Looking, case: dict[str, Any]) -> str:
    if case["ended_at"] is not None:
        return "done"
    if case["overdue"]:
        return "late"
    has_no_answer = not (is_payment(case) and has_failed(case, looking.known))
    return WAITS[case["waits_for"]].shape if has_no_answer else "fail"


def _to_do(looking: Looking, case: dict[str, Any], title: str) -> ToDo:
    if case["ended_at"] is not None:
        return ToDo(title)
    parts, now = looking.parts, looking.now
    if is_payment(case):
        return ToDo(*title_and_words(case, looking.known, parts.terms, now))
    order = looking.orders.get(case["order_id"])
    if order is None:
        return ToDo(title)
    found = choices(parts, case, order, max(now, order.events[-1].recorded_at))
    if found is None:
        return ToDo(title, "Nothing is left to decide. It closes within a moment.")
    says = act(case, confirms=bool(found.confirms))
    return ToDo(title, hint(case), found, says, str(uuid4()))


def _title(reason: str, items: Sequence[Item], placed: OrderPlaced | None) -> str:
    titles = {} if placed is None else placed.titles
    goods = named(items, titles) if items else "goods"
    return MATTERS.get(reason, f"{reason.replace('_', ' ')}: {{goods}}").format(goods=goods)


def _worth(items: Iterable[Item], placed: OrderPlaced | None) -> str:
    """What the units are worth, about: their share of their lines."""
    if placed is None:
        return ""
    lines = {line.line_id: line for line in placed.lines}
    worth = sum(
        lines[item.line_id].amount * item.quantity // lines[item.line_id].quantity
        for item in items
        if item.line_id in lines
    )
    return money(to_text(worth, placed.currency), placed.currency) if worth else ""


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
