"""Asking for a refund, and hearing that it was paid: from then on its amount is final."""

from __future__ import annotations

from domain.commands import AskForRefund
from domain.events import RefundIssued, RefundRequested
from domain.placing import Problem
from domain.refunds import Policy, Refund
from domain.settling import recognised
from domain.state import REPEATED, Decision, Order


def ask_for_refund(order: Order, command: AskForRefund, policy: Policy) -> Decision:
    """Ask for a refund that is due; one that is not due is refused, and nothing is recorded."""
    if any(
        isinstance(event, RefundRequested | RefundIssued) and event.refund_id == command.refund_id
        for event in order.events
    ):
        return REPEATED
    refund = _listed(order, command.refund_id, command.now, policy)
    if refund is None or refund.state == "held":
        why = "it is not listed" if refund is None else f"it is held: {refund.reason}"
        problem = Problem("refund_id", "refund_not_due", f"{command.refund_id}: {why}")
        return Decision("refused", (), problem)
    return Decision("recorded", (requested(command, refund),))


def requested(command: AskForRefund, refund: Refund) -> RefundRequested:
    """The event of asking for a refund as it is listed: its amount is final from here on."""
    return RefundRequested(
        occurred_at=command.occurred_at,
        recorded_at=command.now,
        source=command.source,
        message_id=command.message_id,
        refund_id=refund.refund_id,
        amount=refund.amount,
        covers=refund.covers,
        fee=refund.fee,
    )


def issue_refund(order: Order, fact: RefundIssued, policy: Policy) -> Decision:
    """Being issued counts as asked for: the units and the amount are final from here on."""
    refund = _listed(order, fact.refund_id, fact.recorded_at, policy)
    known = None if refund is None else recognised(fact, refund, order.placed.currency)
    return Decision("recorded", (known or fact,))


def _listed(order: Order, refund_id: str, now: int, policy: Policy) -> Refund | None:
    refunds = order.money(now, policy).refunds
    return next((refund for refund in refunds if refund.refund_id == refund_id), None)
