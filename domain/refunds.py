"""What money is due, held (with the reason and the latest date) or at large.

A pure function of the ledger, of what was asked for, and of now. A refund's amount is final once
it is asked for; until then it is worked out anew each time.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from domain.discrepancies import Discrepancy
from domain.events import (
    CancellationConfirmed,
    Event,
    ItemCancelRequested,
    OrderPlaced,
    RefundFailed,
    RefundIssued,
    RefundRequested,
    ReturnedToWarehouse,
)
from domain.goods import Goods, goods
from domain.items import Covered, Item
from domain.money import worth_of_first

DAY = 24 * 60 * 60 * 1_000_000

RefundState = Literal["held", "due", "requested", "issued", "failed"]
Kind = Literal["cancellation", "return", "decision", "fee"]


class Policy(Struct, frozen=True):
    """What a shop sets; the defaults are countermand's."""

    maximum_hold: int = 30 * DAY
    """How long a refund is held for remaining goods at most, in microseconds from when its
    cancellation was recorded."""


class Refund(Struct, frozen=True):
    """One refund of an order."""

    refund_id: str
    kind: Kind
    cause: str
    amount: int
    """Minor units, at least 1."""
    state: RefundState
    reason: str
    """Held: why it waits. Otherwise: why it is owed."""
    since: int
    """When its cause was recorded; refunds are paid by this age."""
    held_until: int | None = None
    """The latest moment at which a held refund becomes due; none: a person has to act."""
    covers: tuple[Covered, ...] = ()
    fee: int = 0
    """How much of the amount is shipping fee and its tax."""


class Money(Struct, frozen=True):
    """All refunds of an order, those asked for first, and what does not fit."""

    refunds: tuple[Refund, ...]
    refunded: int
    """Sum of the amounts reported as issued."""
    at_large: tuple[Item, ...]
    """Units whose refund was asked for, and that are not entitled to one (any more)."""
    turns_due_at: int | None
    """When time alone makes a held refund due."""
    discrepancies: tuple[Discrepancy, ...]


def refund_id(order_id: str, kind: Kind, cause: str, n: int) -> str:
    """The id of the `n`-th refund (from 1) of one cause, the same in every replay and retry."""
    digest = sha256(f"{order_id}\n{kind}\n{cause}\n{n}".encode()).hexdigest()
    return f"r-{digest[:32]}"


def money(
    placed: OrderPlaced, events: tuple[Event, ...], where: Goods, now: int, policy: Policy
) -> Money:
    """List the refunds of an order as they stand at `now` (microseconds)."""
    book = _Book.of(placed, events)
    claims = _claims(placed, events, where, book)
    return _Listing(placed, where, now, policy, book).listing(claims)


@dataclass
class _Book:
    """What was asked for and what the payment provider reported, by refund id."""

    asked: dict[str, RefundRequested | RefundIssued] = field(default_factory=dict)
    issued: dict[str, RefundIssued] = field(default_factory=dict)
    failed: set[str] = field(default_factory=set)
    discrepancies: list[Discrepancy] = field(default_factory=list)

    @classmethod
    def of(cls, placed: OrderPlaced, events: Iterable[Event]) -> _Book:
        book = cls()
        for event in events:
            if type(event) is RefundRequested:
                book.asked.setdefault(event.refund_id, event)
            elif type(event) is RefundIssued:
                book._issue(placed, event)
            elif type(event) is RefundFailed:
                book.failed.add(event.refund_id)
        return book

    def _issue(self, placed: OrderPlaced, event: RefundIssued) -> None:
        if event.currency != placed.currency:
            detail = f"{event.currency} was reported for an order in {placed.currency}"
            self.discrepancies.append(Discrepancy.of(event, "refund_currency_differs", detail))
            return
        if event.refund_id in self.issued:
            detail = f"{event.refund_id} was reported as issued before"
            self.discrepancies.append(Discrepancy.of(event, "refund_issued_twice", detail))
            return
        self.issued[event.refund_id] = event
        if event.listed_amount is not None:
            self.asked.setdefault(event.refund_id, event)

    def amount_asked(self, refund_id: str) -> int:
        """What a refund that was asked for is worth, its fee included: final."""
        event = self.asked[refund_id]
        if isinstance(event, RefundRequested):
            return event.amount
        return event.listed_amount or 0

    def state(self, refund_id: str) -> RefundState:
        if refund_id in self.issued:
            return "issued"  # whatever failed before or after
        return "failed" if refund_id in self.failed else "requested"


@dataclass
class _Claim:
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


def _claims(
    placed: OrderPlaced, events: tuple[Event, ...], where: Goods, book: _Book
) -> list[_Claim]:
    """Every cause of a refund, oldest first, and what of it is still to be asked for."""
    claims: dict[int, _Claim] = {}
    for line_id, line in where.lines.items():
        for cancelled in line.cancelled_by:
            claim = _claim(claims, events, cancelled.place)
            claim.units[line_id] = cancelled.succeeded
        for returned in line.returned_by:
            claim = _claim(claims, events, returned.place)
            claim.units[line_id] = claim.units.get(line_id, 0) + returned.quantity
    ordered = [claims[place] for place in sorted(claims)]
    for claim in ordered:
        _number(claim, placed.order_id, book)
    _settle(ordered)
    _claim_fee(placed, events, where, book, ordered)
    return ordered


def _claim(claims: dict[int, _Claim], events: tuple[Event, ...], place: int) -> _Claim:
    claim = claims.get(place)
    if claim is None:
        event = events[place]
        if type(event) is ItemCancelRequested:
            claim = _Claim("cancellation", event.cancellation_id, place, event.recorded_at, {})
        else:
            cause = f"{event.source}\n{event.message_id}"
            claim = _Claim("return", cause, place, event.recorded_at, {})
        claims[place] = claim
    return claim


def _number(claim: _Claim, order_id: str, book: _Book) -> None:
    """Find the claim's refunds that were asked for, and the id of its next one."""
    claim.next_id = refund_id(order_id, claim.kind, claim.cause, 1)
    while claim.next_id in book.asked:
        claim.asked.append(claim.next_id)
        for covered in book.asked[claim.next_id].covers:
            before = claim.asked_units.get(covered.line_id, 0)
            claim.asked_units[covered.line_id] = before + covered.quantity
        claim.next_id = refund_id(order_id, claim.kind, claim.cause, len(claim.asked) + 1)


def _settle(claims: Sequence[_Claim]) -> None:
    """Work out what is still to be asked for: entitled less asked, over each whole line.

    Units asked for under one cause that are entitled under another now (refunded, then shipped,
    then back) are not paid again: returns give way first, then cancellations, oldest first.
    """
    surplus: dict[str, int] = {}
    for claim in claims:
        for line_id in {*claim.units, *claim.asked_units}:
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
    book: _Book,
    claims: list[_Claim],
) -> None:
    """Add the shipping fee to the refund of the message that completed "all is cancelled"."""
    fee = placed.shipping_fee + placed.shipping_tax
    if not fee or not where.all_cancelled() or any(event.fee for event in book.asked.values()):
        return
    place = _completed_at(placed, events)
    cause = _cause_of(events, place)
    claim = next((claim for claim in claims if (claim.kind, claim.cause) == cause), None)
    if claim is not None and _pays(placed, claim):
        claim.fee = fee
        return
    own = _Claim("fee", placed.order_id, place, events[place].recorded_at, {}, fee=fee)
    _number(own, placed.order_id, book)
    claims.append(own)
    claims.sort(key=lambda claim: claim.place)


def _pays(placed: OrderPlaced, claim: _Claim) -> bool:
    amounts = {line.line_id: line.amount for line in placed.lines}
    return any(units and amounts[line_id] for line_id, units in claim.pending.items())


def _completed_at(placed: OrderPlaced, events: tuple[Event, ...]) -> int:
    """The place of the message, recorded last, without which not everything is cancelled."""
    place = len(events) - 1
    while place > 0 and goods(placed, events[:place]).all_cancelled():
        place -= 1
    return place


def _cause_of(events: tuple[Event, ...], place: int) -> tuple[Kind, str] | None:
    event = events[place]
    if isinstance(event, ItemCancelRequested | CancellationConfirmed):
        return ("cancellation", event.cancellation_id)
    if type(event) is ReturnedToWarehouse:
        return ("return", f"{event.source}\n{event.message_id}")
    return None


class _Listing:
    """Puts claims into refunds: those asked for, then what is due, then what is held, by age."""

    def __init__(
        self, placed: OrderPlaced, where: Goods, now: int, policy: Policy, book: _Book
    ) -> None:
        self._placed = placed
        self._where = where
        self._now = now
        self._hold = policy.maximum_hold
        self._book = book
        self._gate_is_open = where.to_ship() == 0
        self._units: dict[str, int] = {}
        self._paid: dict[str, int] = {}
        self._sum = 0
        self._refunds: list[Refund] = []
        self._turns_due_at: int | None = None
        self._discrepancies = book.discrepancies

    def listing(self, claims: Sequence[_Claim]) -> Money:
        self._list_asked(claims)
        if self._placed.paid > 0:
            self._list_pending(claims)
        unknown = self._note_unknown()
        if unknown:
            self._hold_due()
        return Money(
            refunds=tuple(self._refunds),
            refunded=sum(event.amount for event in self._book.issued.values()),
            at_large=self._at_large(),
            turns_due_at=self._turns_due_at,
            discrepancies=tuple(self._discrepancies),
        )

    def _list_asked(self, claims: Sequence[_Claim]) -> None:
        causes = {refund: claim for claim in claims for refund in claim.asked}
        for refund, event in self._book.asked.items():
            claim = causes.get(refund)
            amount = self._book.amount_asked(refund)
            issued = self._book.issued.get(refund)
            self._sum += max(amount, issued.amount if issued else 0)
            for covered in event.covers:
                self._count(covered)
            self._refunds.append(
                Refund(
                    refund_id=refund,
                    kind=claim.kind if claim else "fee" if event.fee else "cancellation",
                    cause=claim.cause if claim else "",
                    amount=amount,
                    state=self._book.state(refund),
                    reason=self._why_owed(claim) if claim else "asked_for",
                    since=claim.since if claim else event.recorded_at,
                    covers=event.covers,
                    fee=event.fee,
                )
            )

    def _count(self, covered: Covered) -> None:
        line_id = covered.line_id
        self._units[line_id] = self._units.get(line_id, 0) + covered.quantity
        self._paid[line_id] = self._paid.get(line_id, 0) + covered.amount

    def _list_pending(self, claims: Sequence[_Claim]) -> None:
        waiting = [claim for claim in claims if claim.fee or any(claim.pending.values())]
        # One that is reported as issued before we could list it was asked for by somebody.
        first = [claim for claim in waiting if claim.next_id in self._book.issued]
        rest = [claim for claim in waiting if claim.next_id not in self._book.issued]
        due = [claim for claim in rest if self._held_until(claim) is None]
        held = [claim for claim in rest if self._held_until(claim) is not None]
        for claim in first:
            self._list_claim(claim, "issued")
        too_much = [claim for claim in due if not self._list_claim(claim, "due")]
        for claim in sorted((*held, *too_much), key=lambda claim: claim.place):
            self._list_held(claim)

    def _held_until(self, claim: _Claim) -> int | None:
        """Until when remaining goods hold a claim; none: they do not (any more)."""
        if claim.kind != "cancellation" or self._gate_is_open:
            return None
        until = claim.since + self._hold
        return until if until > self._now else None

    def _list_held(self, claim: _Claim) -> None:
        until = self._held_until(claim)
        if until is not None:
            self._turns_due_at = min(until, self._turns_due_at or until)
        self._list_claim(claim, "held", until)

    def _list_claim(
        self, claim: _Claim, state: RefundState, held_until: int | None = None
    ) -> bool:
        """List what a claim still pays. False: it would be due, and exceeds what was paid."""
        covers = self._priced(claim)
        amount = sum(covered.amount for covered in covers) + claim.fee
        exceeds = state != "issued" and self._sum + amount > self._placed.paid
        if exceeds and state == "due":
            return False  # it is held instead, and priced after all that is due
        exceeds = exceeds or (state == "held" and held_until is None)
        for covered in covers:
            self._count(covered)
        if amount == 0:
            return True
        if exceeds:
            held_until = None
            self._note_exceeds(claim, amount)
        else:
            self._sum += amount
        self._refunds.append(
            Refund(
                refund_id=claim.next_id,
                kind=claim.kind,
                cause=claim.cause,
                amount=amount,
                state="failed" if state == "due" and claim.next_id in self._book.failed else state,
                reason=self._reason(claim, state, exceeds),
                since=claim.since,
                held_until=held_until,
                covers=covers,
                fee=claim.fee,
            )
        )
        return True

    def _priced(self, claim: _Claim) -> tuple[Covered, ...]:
        """What the claim's units are worth after those before it: A(k + n) less what was paid."""
        priced: list[Covered] = []
        for line_id, units in claim.pending.items():
            if units:
                line = self._where.lines[line_id].line
                upto = min(self._units.get(line_id, 0) + units, line.quantity)
                worth = worth_of_first(upto, line.quantity, line.amount)
                amount = max(0, worth - self._paid.get(line_id, 0))
                priced.append(Covered(line_id, units, amount))
        return tuple(priced)

    def _reason(self, claim: _Claim, state: RefundState, exceeds: bool) -> str:
        if exceeds:
            return "exceeds_paid"
        return "goods_still_to_ship" if state == "held" else self._why_owed(claim)

    def _why_owed(self, claim: _Claim) -> str:
        match claim.kind:
            case "return":
                return "goods_returned"
            case "fee":
                return "everything_cancelled"
            case "decision":
                return "decided"
        if self._where.all_cancelled():
            return "everything_cancelled"
        return "nothing_to_ship" if self._gate_is_open else "maximum_hold_reached"

    def _note_exceeds(self, claim: _Claim, amount: int) -> None:
        detail = f"{claim.next_id} of {amount} minor units would exceed what was paid"
        self._discrepancies.append(Discrepancy("exceeds_paid", detail))

    def _note_unknown(self) -> bool:
        """Whether money was reported as issued under an id that is not listed."""
        listed = {refund.refund_id: refund.amount for refund in self._refunds}
        unknown = False
        for refund, event in self._book.issued.items():
            if refund not in listed:
                unknown = True
                detail = f"{refund} was issued and is no refund of this order"
                self._discrepancies.append(Discrepancy.of(event, "unknown_refund", detail))
            elif listed[refund] != event.amount:
                detail = f"{refund} is {listed[refund]}, {event.amount} minor units were issued"
                self._discrepancies.append(Discrepancy.of(event, "refund_amount_differs", detail))
        return unknown

    def _hold_due(self) -> None:
        """Money went out that nobody can place: a person has to look before more goes."""
        self._refunds = [
            refund
            if refund.refund_id in self._book.asked or refund.state not in ("due", "failed")
            else replace(refund, state="held", reason="unknown_refund")
            for refund in self._refunds
        ]

    def _at_large(self) -> tuple[Item, ...]:
        entitled: dict[str, int] = {}
        for line_id, line in self._where.lines.items():
            if line.cancelled_by or line.returned_by:
                entitled[line_id] = sum(units.succeeded for units in line.cancelled_by) + sum(
                    units.quantity for units in line.returned_by
                )
        asked: dict[str, int] = {}
        for event in self._book.asked.values():
            for covered in event.covers:
                asked[covered.line_id] = asked.get(covered.line_id, 0) + covered.quantity
        return tuple(
            Item(line_id, units - entitled.get(line_id, 0))
            for line_id, units in asked.items()
            if units > entitled.get(line_id, 0)
        )

