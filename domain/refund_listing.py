"""One listing of an order's refunds: asked for first, then due, then held, each by age."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from domain.claims import Claim
from domain.discrepancies import Discrepancy
from domain.events import OrderPlaced
from domain.goods import Goods
from domain.items import Covered, Item
from domain.money import to_text, worth_of_first
from domain.payments import Payments, RefundState
from domain.refunds import Money, Refund


class Moment(NamedTuple):
    """When the refunds are listed, and how long one is held at most; microseconds."""

    now: int
    hold: int


def _place(claim: Claim) -> int:
    return claim.place


def _amount(claim: Claim, covers: Sequence[Covered]) -> int:
    """What a claim pays. What a seller decided is what is paid, whatever its units are worth."""
    decided = claim.decided_amount
    worth = sum([covered.amount for covered in covers]) if decided is None else decided
    return worth + claim.fee


class Listing:
    """Puts claims into refunds: those asked for, then what is due, then what is held, by age."""

    def __init__(
        self,
        placed: OrderPlaced,
        where: Goods,
        payments: Payments,
        at: Moment,
        *,
        hold_all: bool = False,
    ) -> None:
        self._placed = placed
        self._where = where
        self._payments = payments
        self._at = at
        self._hold_all = hold_all
        self._gate_is_open = where.to_ship() == 0
        self._units: dict[str, int] = {}
        self._paid: dict[str, int] = {}
        self._sum = 0
        self._refunds: list[Refund] = []
        self._turns_due_at: int | None = None
        self._discrepancies = list(payments.discrepancies)
        self.unknown: list[str] = []
        """Refunds that were reported as issued, and are not listed."""

    @property
    def has_due(self) -> bool:
        """Whether a refund is listed that nobody asked for yet, and may be."""
        asked = self._payments.asked
        return any(r.state in ("due", "failed") and r.refund_id not in asked for r in self._refunds)

    def count_as_out(self, refund_ids: Sequence[str]) -> None:
        """Count money that nobody can place, before anything is listed."""
        for refund in refund_ids:
            self._sum += self._payments.spent(refund, 0)

    def list_all(self, owed: Sequence[Claim]) -> None:
        """List what was asked for, and what is still owed unless nothing was paid."""
        self._list_asked(owed)
        if self._placed.paid > 0:
            self._list_pending(owed)
        self._note_unknown()

    def money(self) -> Money:
        """What was listed."""
        return Money(
            refunds=tuple(self._refunds),
            refunded=self._payments.refunded(),
            at_large=self._at_large(),
            turns_due_at=self._turns_due_at,
            discrepancies=tuple(self._discrepancies),
        )

    def _list_asked(self, owed: Sequence[Claim]) -> None:
        causes = {refund: claim for claim in owed for refund in claim.asked}
        for refund, event in self._payments.asked.items():
            claim = causes.get(refund)
            if claim is None and not event.covers:  # the fee's own
                claim = Claim("fee", self._placed.order_id, 0, event.recorded_at, {})
            amount = self._payments.amount_asked(refund)
            self._sum += self._payments.spent(refund, amount)
            for covered in event.covers:
                self._count(covered)
            self._refunds.append(
                Refund(
                    refund_id=refund,
                    kind=claim.kind if claim else "cancellation",
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
        held: list[Claim] = []
        due: list[Claim] = []
        for claim in owed:
            if claim.pays:
                (held if self._is_held(claim) else due).append(claim)
        held += [claim for claim in due if not self._list_due(claim)]
        for claim in sorted(held, key=_place) if held else ():
            self._list_held(claim)

    def _list_due(self, claim: Claim) -> bool:
        """List a due refund, unless it would exceed what was paid; a smaller one may still pass."""
        covers = self._priced(claim)
        amount = _amount(claim, covers)
        state: RefundState = "failed" if claim.next_id in self._payments.failed else "due"
        if claim.next_id in self._payments.issued:
            state = "issued"  # of more than is listed so far
        elif self._sum + amount > self._placed.paid:
            return False
        self._list(claim, covers, state)
        return True

    def _list_held(self, claim: Claim) -> None:
        """List a refund that waits for remaining goods, or one that would exceed what was paid."""
        if claim.next_id in self._payments.issued:
            self._list(claim, self._priced(claim), "issued")
            return
        until = self._held_until(claim)
        refund = self._list(claim, self._priced(claim), "held", until)
        if until is not None:
            if self._may_be_worth(claim):
                self._turns_due_at = min(until, self._turns_due_at or until)
        elif refund is not None and not self._hold_all:
            detail = f"{refund.refund_id}: {self._text(refund.amount)} would exceed what was paid"
            self._discrepancies.append(Discrepancy("exceeds_paid", detail))

    def _may_be_worth(self, claim: Claim) -> bool:
        """Whether a claim may pay something once it is due: not so of goods that cost nothing."""
        lines = self._where.lines
        return any(lines[line_id].line.amount for line_id, n in claim.pending.items() if n)

    def _is_held(self, claim: Claim) -> bool:
        return self._hold_all or self._held_until(claim) is not None

    def _held_until(self, claim: Claim) -> int | None:
        """Until when remaining goods hold a claim; none: they do not (any more)."""
        if claim.kind != "cancellation" or self._gate_is_open:
            return None
        until = claim.since + self._at.hold
        return until if until > self._at.now else None

    def _list(
        self,
        claim: Claim,
        covers: tuple[Covered, ...],
        state: RefundState,
        held_until: int | None = None,
    ) -> Refund | None:
        """List what a claim still pays. A refund of 0 is not created."""
        amount = _amount(claim, covers)
        for covered in covers:
            self._count(covered)
        if amount == 0:
            return None
        refund = Refund(
            claim.next_id,
            claim.kind,
            claim.cause,
            amount,
            state,
            self._reason(claim, state, held_until),
            claim.since,
            held_until,
            covers,
            claim.fee,
        )
        self._sum += self._payments.spent(refund.refund_id, amount)
        self._refunds.append(refund)
        return refund

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

    def _reason(self, claim: Claim, state: RefundState, held_until: int | None) -> str:
        if state != "held":
            return self._why_owed(claim)
        if held_until is not None:
            return "goods_still_to_ship"
        return "unknown_refund" if self._hold_all else "exceeds_paid"

    def _why_owed(self, claim: Claim) -> str:
        match claim.kind:
            case "return":
                return "goods_returned"
            case "fee":
                return "everything_cancelled"
            case "decision":
                return "by_hand" if claim.by_hand else "decided"
        if self._where.all_cancelled():
            return "everything_cancelled"
        return "nothing_to_ship" if self._gate_is_open else "maximum_hold_reached"

    def _note_unknown(self) -> None:
        if not self._payments.issued:
            return
        listed = {refund.refund_id: refund.amount for refund in self._refunds}
        for refund, event in self._payments.issued.items():
            if refund not in listed:
                self.unknown.append(refund)
                detail = f"{refund} was issued and is no refund of this order"
                self._discrepancies.append(Discrepancy.of(event, "unknown_refund", detail))
            elif event.currency == self._placed.currency and listed[refund] != event.amount:
                ours, theirs = self._text(listed[refund]), self._text(event.amount)
                detail = f"{refund} is {ours}, and {theirs} was issued"
                self._discrepancies.append(Discrepancy.of(event, "refund_amount_differs", detail))

    def _text(self, amount: int) -> str:
        return f"{to_text(amount, self._placed.currency)} {self._placed.currency}"

    def _at_large(self) -> tuple[Item, ...]:
        if not self._payments.asked:
            return ()
        entitled: dict[str, int] = {}
        for line_id, line in self._where.lines.items():
            if line.cancelled_by or line.returned_by or line.decided_by:
                entitled[line_id] = (
                    sum(units.succeeded for units in line.cancelled_by)
                    + sum(units.quantity for units in line.returned_by)
                    + sum(units.quantity for units in line.decided_by)
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
