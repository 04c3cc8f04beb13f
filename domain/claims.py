"""What entitles to a refund: succeeded cancellations, goods that came back, the shipping fee.

A claim belongs to one cause. What of it is still to be asked for is entitled less asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from typing import Literal, NamedTuple

from domain.events import (
    STILL,
    CancellationConfirmed,
    CaseDecided,
    Event,
    ItemCancelRequested,
    MessageSetAside,
    OrderPlaced,
    RefundGranted,
    ReturnedToWarehouse,
)
from domain.goods import Goods, goods
from domain.money import worth_of_first
from domain.payments import Payments

Kind = Literal["cancellation", "return", "decision", "fee"]


@lru_cache(maxsize=65_536)
def refund_id(order_id: str, kind: Kind, cause: str, n: int) -> str:
    """The id of the `n`-th refund (from 1) of one cause, the same in every replay and retry."""
    digest = sha256(f"{order_id}\n{kind}\n{cause}\n{n}".encode()).hexdigest()
    return f"r-{digest[:32]}"


class Decided(NamedTuple):
    """What a seller said that so many units pay; 0 units: it is about none."""

    units: int
    amount: int


@dataclass(slots=True)
class Claim:
    """What one cause entitles to: units by line, and how many of them were asked for."""

    kind: Kind
    cause: str
    place: int
    since: int
    units: dict[str, int]
    asked: list[str] = field(default_factory=list)
    """Refund ids of this cause that were asked for, n = 1, 2, ..."""
    next_id: str = ""
    asked_units: dict[str, int] = field(default_factory=dict)
    pending: dict[str, int] = field(default_factory=dict)
    fee: int = 0
    decided: Decided | None = None
    by_hand: bool = False

    @property
    def decided_amount(self) -> int | None:
        """What a seller said that the units still to be asked for pay; none: what they are worth.

        Of a decision about several units it telescopes, as worth does.
        """
        if self.decided is None:
            return None
        units, amount = self.decided
        if units == 0:  # whole, once
            return 0 if self.asked else amount
        asked, pending = sum(self.asked_units.values()), sum(self.pending.values())
        upto = worth_of_first(asked + pending, units, amount)
        return upto - worth_of_first(asked, units, amount)

    @property
    def pays(self) -> bool:
        """Whether it may have anything left to pay."""
        is_amount = self.decided is not None and self.decided.units == 0 and not self.asked
        return bool(self.fee) or is_amount or any(self.pending.values())


def possible_ids(order_id: str, events: tuple[Event, ...], known: set[str]) -> set[str]:
    """Every refund id that an order with these events may list; `known` were asked for or issued.

    A letter may become a return by a correction, so every source and id of it counts as one.
    """
    causes: set[tuple[Kind, str]] = {("fee", order_id)}
    for event in events:
        if isinstance(event, ItemCancelRequested):
            causes.add(("cancellation", event.cancellation_id))
        elif isinstance(event, CaseDecided | RefundGranted):
            causes.add(("decision", event.decision_id))
        elif isinstance(event, ReturnedToWarehouse | MessageSetAside):
            causes.add(("return", f"{event.source}\n{event.message_id}"))
    found: set[str] = set()
    for kind, cause in causes:
        n = 1
        while (refund := refund_id(order_id, kind, cause, n)) in known:
            found.add(refund)
            n += 1
    return found


def claims(
    placed: OrderPlaced, events: tuple[Event, ...], where: Goods, payments: Payments
) -> list[Claim]:
    """Every cause of a refund, oldest first, and what of it is still to be asked for."""
    found: dict[int, Claim] = {}
    for line_id, line in where.lines.items():
        if not line.cancelled_by and not line.returned_by and not line.decided_by:
            continue
        for cancelled in line.cancelled_by:
            claim = _claim(found, events, cancelled.place)
            claim.units[line_id] = cancelled.succeeded
        for returned in line.returned_by:
            claim = _claim(found, events, returned.place)
            claim.units[line_id] = claim.units.get(line_id, 0) + returned.quantity
        for decided in line.decided_by:
            claim = _claim(found, events, decided.place)
            claim.units[line_id] = decided.quantity
    for place in payments.granted:
        _claim(found, events, place)
    ordered = [found[place] for place in sorted(found)]
    if not payments.asked:
        # A cancellation that crossed whole entitles to nothing: its goods have to come back.
        ordered = [claim for claim in ordered if any(claim.units.values()) or claim.pays]
    if not (ordered or payments.asked or where.all_cancelled()):
        return []
    for claim in ordered:
        _number(claim, placed.order_id, payments)
    _settle(ordered, _asked_for_nothing(ordered, payments))
    _claim_fee(placed, events, where, payments, ordered)
    return ordered + _without_units(placed.order_id, events, payments, ordered)


def _without_units(
    order_id: str, events: tuple[Event, ...], payments: Payments, claims: Sequence[Claim]
) -> list[Claim]:
    """The other causes that a refund was asked for under: it stays theirs, and they pay nothing."""
    missing = payments.asked.keys() - {refund for claim in claims for refund in claim.asked}
    found: dict[int, Claim] = {}
    for place, event in enumerate(events if missing else ()):
        if isinstance(event, CaseDecided | ReturnedToWarehouse):
            claim = _claim(found, events, place)
            _number(claim, order_id, payments)
    return [claim for claim in found.values() if missing.intersection(claim.asked)]


def _claim(claims: dict[int, Claim], events: tuple[Event, ...], place: int) -> Claim:
    claim = claims.get(place)
    if claim is None:
        event = events[place]
        if type(event) is ItemCancelRequested:
            claim = Claim("cancellation", event.cancellation_id, place, event.recorded_at, {})
        elif type(event) is CaseDecided:
            claim = Claim("decision", event.decision_id, place, event.recorded_at, {})
            if event.amount is not None:
                claim.decided = Decided(event.quantity, event.amount)
        elif type(event) is RefundGranted:
            claim = Claim("decision", event.decision_id, place, event.recorded_at, {}, by_hand=True)
            if event.amount is not None:
                units = sum([item.quantity for item in event.items])
                claim.decided = Decided(units, event.amount)
        else:
            cause = f"{event.source}\n{event.message_id}"
            claim = Claim("return", cause, place, event.recorded_at, {})
        claims[place] = claim
    return claim


def _number(claim: Claim, order_id: str, payments: Payments) -> None:
    """Find the claim's refunds that were asked for, and the id of its next one."""
    claim.next_id = refund_id(order_id, claim.kind, claim.cause, 1)
    while claim.next_id in payments.asked:
        claim.asked.append(claim.next_id)
        for covered in payments.asked[claim.next_id].covers:
            before = claim.asked_units.get(covered.line_id, 0)
            claim.asked_units[covered.line_id] = before + covered.quantity
        claim.next_id = refund_id(order_id, claim.kind, claim.cause, len(claim.asked) + 1)


def _asked_for_nothing(claims: Sequence[Claim], payments: Payments) -> dict[str, int]:
    """Units by line that were asked for under a cause that entitles to nothing any more."""
    units: dict[str, int] = {}
    if not payments.asked:
        return units
    claimed = {refund for claim in claims for refund in claim.asked}
    for refund, event in payments.asked.items():
        if refund not in claimed:
            for covered in event.covers:
                units[covered.line_id] = units.get(covered.line_id, 0) + covered.quantity
    return units


def _settle(claims: Sequence[Claim], surplus: dict[str, int]) -> None:
    """Work out what is still to be asked for: entitled less asked, over each whole line.

    Units asked for under one cause that are entitled under another now (refunded, then shipped,
    then back) are not paid again: returns give way first, then cancellations, oldest first.
    """
    for claim in claims:
        if not claim.asked_units:
            claim.pending = {line_id: units for line_id, units in claim.units.items() if units}
            continue
        for line_id in claim.units | claim.asked_units:
            more = claim.units.get(line_id, 0) - claim.asked_units.get(line_id, 0)
            if more > 0:
                claim.pending[line_id] = more
            elif more < 0:
                surplus[line_id] = surplus.get(line_id, 0) - more
    if not surplus:
        return
    for claim in sorted(claims, key=lambda claim: (claim.kind != "return", claim.place)):
        for line_id, units in claim.pending.items():
            paid = min(units, surplus.get(line_id, 0))
            if paid:
                claim.pending[line_id] = units - paid
                surplus[line_id] -= paid


def _claim_fee(
    placed: OrderPlaced,
    events: tuple[Event, ...],
    where: Goods,
    payments: Payments,
    claims: list[Claim],
) -> None:
    """Add the shipping fee to the refund of the message that completed "all is cancelled"."""
    fee = placed.shipping_fee + placed.shipping_tax
    if not fee or not where.all_cancelled() or any(event.fee for event in payments.asked.values()):
        return
    place = _completed_at(placed, events)
    cause = _cause_of(events, place)
    claim = next((claim for claim in claims if (claim.kind, claim.cause) == cause), None)
    if claim is not None and _pays(placed, claim, claims, payments):
        claim.fee = fee
        return
    own = Claim("fee", placed.order_id, place, events[place].recorded_at, {}, fee=fee)
    _number(own, placed.order_id, payments)
    claims.append(own)
    claims.sort(key=lambda claim: claim.place)


def _pays(placed: OrderPlaced, claim: Claim, claims: Sequence[Claim], payments: Payments) -> bool:
    """Whether a claim's units are worth anything after those before them: a cent is paid once."""
    units: dict[str, int] = {}
    paid: dict[str, int] = {}
    for event in payments.asked.values():
        for covered in event.covers:
            units[covered.line_id] = units.get(covered.line_id, 0) + covered.quantity
            paid[covered.line_id] = paid.get(covered.line_id, 0) + covered.amount
    lines = {line.line_id: line for line in placed.lines}
    for one in claims:
        for line_id, number in one.pending.items():
            if not number:
                continue
            line, before = lines[line_id], units.get(line_id, 0)
            worth = worth_of_first(min(before + number, line.quantity), line.quantity, line.amount)
            if one is claim and worth > paid.get(line_id, 0):
                return True
            units[line_id] = before + number
            paid[line_id] = max(worth, paid.get(line_id, 0))
        if one is claim:
            break
    return False


def _completed_at(placed: OrderPlaced, events: tuple[Event, ...]) -> int:
    """The place of the message, recorded last, without which not everything is cancelled."""
    place = len(events) - 1
    while place > 0 and (
        type(events[place]) in STILL or goods(placed, events[:place]).all_cancelled()
    ):
        place -= 1
    return place


def _cause_of(events: tuple[Event, ...], place: int) -> tuple[Kind, str] | None:
    event = events[place]
    if isinstance(event, ItemCancelRequested | CancellationConfirmed):
        return ("cancellation", event.cancellation_id)
    if type(event) is CaseDecided and event.confirms:
        return ("cancellation", event.confirms[0].cancellation_id)
    if type(event) is ReturnedToWarehouse:
        return ("return", f"{event.source}\n{event.message_id}")
    return None
