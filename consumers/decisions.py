"""A seller's decision about a case, as it is asked for: the contract, and the domain's word for it.

No topic carries it: it comes by the command line and by HTTP, and is answered at once.
"""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from consumers.bad_message import Malformed, complaint
from consumers.fields import Amount, Id, Quantity, ReasonText
from consumers.messages import Contract
from consumers.notes import MARK, Note
from consumers.placing import read_amount
from consumers.translate import reason_of
from domain.commands import DecideCase
from domain.events import CaseOutcome, OrderPlaced

SOURCE = "/countermand/decisions"
"""The `source` of every decision; its message id is the decision's."""


class CaseDecision(Contract):
    """What a seller says about units of a line. `amount`, with a refund only: else their worth."""

    decision_id: Id
    line_id: Id
    quantity: Quantity
    outcome: CaseOutcome
    reason: ReasonText
    amount: Amount | None = None


def read(body: dict[str, Any]) -> CaseDecision:
    """Check a decision. Raises Malformed, which names the field and the rule."""
    try:
        decision = CaseDecision.model_validate(body)
    except ValidationError as error:
        raise complaint(error.errors(include_url=False)[0]) from None
    if decision.amount is not None and decision.outcome != "refund":
        raise Malformed("amount", "not_with_this_outcome", "is said with the outcome refund only")
    return decision


def command(
    decision: CaseDecision, placed: OrderPlaced, now: int, note_key: bytes
) -> tuple[DecideCase, Note | None]:
    """The domain's word for it, and the note that stays out of it. Raises Malformed (amount)."""
    reason, text = reason_of(decision.reason, decision.decision_id, placed.order_id, note_key)
    amount = decision.amount
    if amount is not None and read_amount(amount, placed.currency, "amount") == 0:
        raise Malformed("amount", "too_small", "must be more than 0; no_refund refunds nothing")
    return DecideCase(
        occurred_at=now,
        now=now,
        source=SOURCE,
        message_id=decision.decision_id,
        decision_id=decision.decision_id,
        line_id=decision.line_id,
        quantity=decision.quantity,
        outcome=decision.outcome,
        reason=reason,
        amount=None if amount is None else read_amount(amount, placed.currency, "amount"),
    ), None if text is None else Note(reason.removeprefix(MARK), placed.order_id, text)
