"""What money is due, held (with the reason and the latest date) or at large.

A pure function of the ledger, of what was asked for, and of now. A refund's amount is final once
it is asked for; until then it is worked out anew each time.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from domain.claims import Claim, Kind, claims
from domain.discrepancies import Discrepancy
from domain.events import Event, OrderPlaced
from domain.goods import Goods
from domain.items import Covered, Item
from domain.money import worth_of_first
from domain.payments import Payments, RefundState

DAY = 24 * 60 * 60 * 1_000_000


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


def money(
    placed: OrderPlaced, events: tuple[Event, ...], where: Goods, now: int, policy: Policy
) -> Money:
    """List the refunds of an order as they stand at `now` (microseconds)."""
    payments = Payments.of(placed, events)
    owed = claims(placed, events, where, payments)
    return _Listing(placed, where, now, policy, payments).listing(owed)


class _Listing:
    """Puts claims into refunds: those asked for, then what is due, then what is held, by age."""

    def __init__(
        self, placed: OrderPlaced, where: Goods, now: int, policy: Policy, payments: Payments
    ) -> None:
        self._placed = placed
        self._where = where
        self._now = now
        self._hold = policy.maximum_hold
        self._payments = payments
        self._gate_is_open = where.to_ship() == 0
        self._units: dict[str, int] = {}
        self._paid: dict[str, int] = {}
        self._sum = 0
        self._refunds: list[Refund] = []
        self._turns_due_at: int | None = None
        self._discrepancies = payments.discrepancies

    def listing(self, owed: Sequence[Claim]) -> Money:
        self._list_asked(owed)
        if self._placed.paid > 0:
            self._list_pending(owed)
        unknown = self._note_unknown()
        if unknown:
            self._hold_due()
        return Money(
            refunds=tuple(self._refunds),
            refunded=sum(event.amount for event in self._payments.issued.values()),
            at_large=self._at_large(),
            turns_due_at=self._turns_due_at,
            discrepancies=tuple(self._discrepancies),
        )

    def _list_asked(self, owed: Sequence[Claim]) -> None:
        causes = {refund: claim for claim in owed for refund in claim.asked}
        for refund, event in self._payments.asked.items():
            claim = causes.get(refund)
            amount = self._payments.amount_asked(refund)
            issued = self._payments.issued.get(refund)
            self._sum += max(amount, issued.amount if issued else 0)
            for covered in event.covers:
                self._count(covered)
            self._refunds.append(
                Refund(
                    refund_id=refund,
                    kind=claim.kind if claim else "fee" if event.fee else "cancellation",
                    cause=claim.cause if claim else "",
                    amount=amount,
                    state=self._payments.state(refund),
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

    def _list_pending(self, owed: Sequence[Claim]) -> None:
        waiting = [claim for claim in owed if claim.fee or any(claim.pending.values())]
        # One that is reported as issued before we could list it was asked for by somebody.
        first = [claim for claim in waiting if claim.next_id in self._payments.issued]
        rest = [claim for claim in waiting if claim.next_id not in self._payments.issued]
        due = [claim for claim in rest if self._held_until(claim) is None]
        held = [claim for claim in rest if self._held_until(claim) is not None]
        for claim in first:
            self._list_claim(claim, "issued")
        too_much = [claim for claim in due if not self._list_claim(claim, "due")]
        for claim in sorted((*held, *too_much), key=lambda claim: claim.place):
            self._list_held(claim)

    def _held_until(self, claim: Claim) -> int | None:
        """Until when remaining goods hold a claim; none: they do not (any more)."""
        if claim.kind != "cancellation" or self._gate_is_open:
            return None
        until = claim.since + self._hold
        return until if until > self._now else None

    def _list_held(self, claim: Claim) -> None:
        until = self._held_until(claim)
        if until is not None:
            self._turns_due_at = min(until, self._turns_due_at or until)
        self._list_claim(claim, "held", until)

    def _list_claim(self, claim: Claim, state: RefundState, held_until: int | None = None) -> bool:
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
                state="failed"
                if state == "due" and claim.next_id in self._payments.failed
                else state,
                reason=self._reason(claim, state, exceeds=exceeds),
                since=claim.since,
                held_until=held_until,
                covers=covers,
                fee=claim.fee,
            )
        )
        return True

    def _priced(self, claim: Claim) -> tuple[Covered, ...]:
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

    def _reason(self, claim: Claim, state: RefundState, *, exceeds: bool) -> str:
        if exceeds:
            return "exceeds_paid"
        return "goods_still_to_ship" if state == "held" else self._why_owed(claim)

    def _why_owed(self, claim: Claim) -> str:
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

    def _note_exceeds(self, claim: Claim, amount: int) -> None:
        detail = f"{claim.next_id} of {amount} minor units would exceed what was paid"
        self._discrepancies.append(Discrepancy("exceeds_paid", detail))

    def _note_unknown(self) -> bool:
        """Whether money was reported as issued under an id that is not listed."""
        listed = {refund.refund_id: refund.amount for refund in self._refunds}
        unknown = False
        for refund, event in self._payments.issued.items():
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
            if refund.refund_id in self._payments.asked or refund.state not in ("due", "failed")
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
        for event in self._payments.asked.values():
            for covered in event.covers:
                asked[covered.line_id] = asked.get(covered.line_id, 0) + covered.quantity
        return tuple(
            Item(line_id, units - entitled.get(line_id, 0))
            for line_id, units in asked.items()
            if units > entitled.get(line_id, 0)
        )
