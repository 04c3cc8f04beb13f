"""What was asked of the payment provider, and what it reported, by refund id."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from domain.discrepancies import Discrepancy
from domain.events import (
    CaseDecided,
    Event,
    OrderPlaced,
    RefundFailed,
    RefundGranted,
    RefundIssued,
    RefundRequested,
)

RefundState = Literal["held", "due", "requested", "issued", "failed"]

PAYMENT_EVENTS: frozenset[type[Event]] = frozenset(
    {RefundRequested, RefundIssued, RefundFailed, RefundGranted}
)


def lets_refunds_go_on(decision: CaseDecided) -> bool:
    """Whether a seller looked at money that nobody can place, and lets refunds go on."""
    return decision.outcome == "refund" and any(one.kind == "odd" for one in decision.settles)


@dataclass(slots=True)
class Payments:
    """The payment provider's side of one order."""

    currency: str
    asked: dict[str, RefundRequested | RefundIssued] = field(default_factory=dict)
    issued: dict[str, RefundIssued] = field(default_factory=dict)
    failed: set[str] = field(default_factory=set)
    granted: list[int] = field(default_factory=list)
    """Places of refunds by hand that are about no units."""
    accepted: set[str] = field(default_factory=set)
    """Refunds issued before a seller looked at what did not fit, and let refunds go on."""
    discrepancies: list[Discrepancy] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Whether nothing was asked for and nothing reported."""
        return not (self.asked or self.issued or self.failed or self.discrepancies)

    @classmethod
    def of(
        cls,
        placed: OrderPlaced,
        events: Iterable[Event],
        recognised: Mapping[str, RefundIssued],
    ) -> Payments:
        """Gather what was asked and reported; `recognised` were listed after they were issued."""
        payments = cls(placed.currency)
        for place, event in enumerate(events):
            if type(event) is RefundRequested:
                payments.asked.setdefault(event.refund_id, event)
            elif type(event) is RefundIssued:
                payments._issue(placed, recognised.get(event.refund_id, event))
            elif type(event) is RefundFailed:
                payments.failed.add(event.refund_id)
            elif type(event) is RefundGranted and not event.items:
                payments.granted.append(place)
            elif type(event) is CaseDecided and lets_refunds_go_on(event):
                payments.accepted.update(payments.issued)
        return payments

    def _issue(self, placed: OrderPlaced, event: RefundIssued) -> None:
        if event.currency != placed.currency:
            detail = f"{event.currency} was reported for an order in {placed.currency}"
            self.discrepancies.append(Discrepancy.of(event, "refund_currency_differs", detail))
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

    def spent(self, refund_id: str, amount: int) -> int:
        """What a refund of `amount` takes out of what was paid, or took if that was more."""
        issued = self.issued.get(refund_id)
        if issued is None or issued.currency != self.currency:
            return amount
        return max(amount, issued.amount)

    def refunded(self) -> int:
        """Sum of what was reported as issued; another currency cannot be added up."""
        return sum([e.amount for e in self.issued.values() if e.currency == self.currency])

    def state(self, refund_id: str) -> RefundState:
        if refund_id in self.issued:
            return "issued"  # whatever failed before or after
        return "failed" if refund_id in self.failed else "requested"
