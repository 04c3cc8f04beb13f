"""What a seller can choose in a case, and what each choice would do and cost, before it is made."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, get_args

from application.deciding import REQUESTED, Open, open_in
from domain.commands import DecideCase
from domain.events import CancellationConfirmed
from domain.items import CaseKind, Item
from domain.order import Order, decide, evolve
from domain.refunds import Money
from domain.wording import counted, money
from web.commands.confirming import waiting
from web.pages.seller_words import DOES, HELD, KINDS, OUTCOMES
from web.parts import Parts

MOST = 4
"""Goods of a cancellation that are answered for one by one; more are answered for all together."""
MOST_ANSWERS = 50
"""Goods of which it is said at once that they will ship: each is an answer of its own."""
_PREVIEW = "preview"
_KINDS = frozenset(get_args(CaseKind))


class Outcome(NamedTuple):
    """One of the things that can be chosen."""

    value: str
    word: str
    does: str
    """What would happen then, in money."""


class Goods(NamedTuple):
    """Units that a choice can be about."""

    line_id: str
    title: str
    quantity: int
    about: str
    """Which units of the line, in the domain's word."""


class Choices(NamedTuple):
    """What can be chosen in a case now."""

    question: str
    outcomes: list[Outcome]
    goods: list[Goods]
    confirms: str = ""
    """The cancellation that is confirmed, or not; empty: a decision about money."""

    @property
    def takes_amount(self) -> bool:
        """Whether another amount than what the units are worth can be said."""
        return not self.confirms and all(one.about in _KINDS for one in self.goods)

    @property
    def is_one_by_one(self) -> bool:
        """Whether its goods are answered for one by one."""
        return len(self.goods) <= MOST

    @property
    def most(self) -> int:
        return max(one.quantity for one in self.goods)


def choices(parts: Parts, case: dict[str, Any], order: Order, now: int) -> Choices | None:
    """What can be chosen about a case at `now`; none: nothing (more)."""
    name, _, rest = case["wait"].partition(":")
    if name == "stop":
        return _to_confirm(parts, order, rest.partition("#")[0], now)
    found = [one for one in open_in(order, now, parts.policy) if _is_about(one, case)]
    if not found:
        return None
    titles = order.placed.titles
    goods = [
        Goods(one.line_id, titles.get(one.line_id, one.line_id), one.quantity, one.what)
        for one in found
    ]
    return Choices("What shall happen?", _outcomes(parts, order, found, now), goods)


def _is_about(one: Open, case: dict[str, Any]) -> bool:
    if case["wait"] == "odd":  # about no units
        return bool(one.what == case["reason"])
    kinds = KINDS.get(case["wait"].partition(":")[0], ())
    lines = {item["line_id"] for item in case["items"]}
    return one.what in kinds and (not lines or one.line_id in lines)


def _outcomes(parts: Parts, order: Order, found: Sequence[Open], now: int) -> list[Outcome]:
    first = found[0]
    kind = first.what if first.what in _KINDS else "odd"
    made = []
    for outcome in first.outcomes:
        word = OUTCOMES.get(f"{kind} {outcome}", OUTCOMES[outcome])
        does = DOES[f"{kind} {outcome}"]
        if len(found) == 1:
            moved = effect(parts, order, _decision(first, outcome, now), now)
            does = f"{moved} {does}" if outcome == "refund" else does
        made.append(Outcome(outcome, word, does.strip()))
    return made


def about(what: str) -> CaseKind | None:
    """The kind of units that a decision is about; none: it is about no units."""
    return what if what in _KINDS else None  # type: ignore[return-value]


def _decision(one: Open, outcome: Any, now: int) -> DecideCase:  # noqa: ANN401  # the contract's word
    return DecideCase(
        occurred_at=now, now=now, source=_PREVIEW, message_id=_PREVIEW, decision_id=_PREVIEW,
        line_id=one.line_id, quantity=one.quantity, outcome=outcome, reason=_PREVIEW,
        about=about(one.what),
    )  # fmt: skip


def effect(
    parts: Parts, order: Order, message: DecideCase | CancellationConfirmed, now: int
) -> str:
    """What deciding so would do to the money of an order, in sentences."""
    before = order.money(now, parts.policy)
    then = order
    for event in decide(order, message, parts.policy).events:
        then = evolve(then, event)
    return moved(before, then.money(now, parts.policy), order.placed.currency)


def moved(before: Money, after: Money, currency: str) -> str:
    """What is due, or held, in one state of the money and not in the other."""
    due = _sum(after, "due", "requested") - _sum(before, "due", "requested")
    held = _sum(after, "held") - _sum(before, "held")
    said = [f"The buyer gets {money(due, currency)} back now."] if due > 0 else []
    if held > 0:
        why = next(one.reason for one in reversed(after.refunds) if one.state == "held")
        said.append(f"{money(held, currency)} is held. {HELD.get(why, '')}".strip())
    return " ".join(said) or "No money moves now."


def _sum(found: Money, *states: str) -> int:
    return sum(one.amount for one in found.refunds if one.state in states)


def _to_confirm(parts: Parts, order: Order, cancellation_id: str, now: int) -> Choices | None:
    units, _ = waiting(order, cancellation_id)
    items = [Item(line_id, number) for line_id, number in units.items() if number]
    if not items:
        return None
    titles = order.placed.titles
    goods = [Goods(one.line_id, titles[one.line_id], one.quantity, REQUESTED) for one in items]
    fact = CancellationConfirmed(
        occurred_at=now, recorded_at=now, source=_PREVIEW, message_id=_PREVIEW,
        cancellation_id=cancellation_id, confirmed_by="seller", items=tuple(items),
    )  # fmt: skip
    total = counted(sum(one.quantity for one in items))
    does = f"The cancellation of {total} has succeeded. {effect(parts, order, fact, now)}"
    outcomes = [Outcome("stopped", OUTCOMES["stopped"], does)]
    if len(goods) <= MOST_ANSWERS:
        outcomes.append(Outcome("not_stopped", OUTCOMES["not_stopped"], DOES["not_stopped"]))
    return Choices("Were they stopped?", outcomes, goods, cancellation_id)
