"""The payment provider, with books of its own: each refund id is paid once, whatever is asked."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

from tests.simulation.outside import Data, Outside

MOST_ANSWERS = 3
"""How often it says that it paid, however often it is asked."""


class Payment(NamedTuple):
    """Money that went out, as the books have it."""

    order_id: str
    amount: str
    currency: str


class Provider:
    """Pays, fails, says nothing, or answers twice."""

    def __init__(self, outside: Outside) -> None:
        self._outside = outside
        self.books: dict[str, Payment] = {}
        self.asked: dict[str, list[Payment]] = {}
        """Everything it was asked to pay, by refund id."""
        self._answers: Counter[str] = Counter()

    def asked_to_pay(self, data: Data) -> None:
        """One request, heard for the first time or again."""
        payment = Payment(data["order_id"], data["amount"], data["currency"])
        self.asked.setdefault(data["refund_id"], []).append(payment)
        if not self._outside.happens(self._outside.habits.forgets_request):
            self._outside.after(60, lambda: self._pay(data["refund_id"], payment))

    def _pay(self, refund_id: str, payment: Payment) -> None:
        outside = self._outside
        if refund_id not in self.books and outside.happens(outside.habits.fails):
            outside.say(
                "RefundFailed", payment.order_id, refund_id=refund_id, reason="card_expired"
            )
            return
        self.books.setdefault(refund_id, payment)
        if not outside.happens(outside.habits.pays_silently):
            self._answer(refund_id)
        if outside.happens(outside.habits.answers_twice):
            outside.after(50, lambda: self._answer(refund_id))

    def _answer(self, refund_id: str) -> None:
        paid = self.books[refund_id]
        self._answers[refund_id] += 1
        if self._answers[refund_id] > MOST_ANSWERS:
            return
        self._outside.say(
            "RefundIssued",
            paid.order_id,
            refund_id=refund_id,
            amount=paid.amount,
            currency=paid.currency,
        )
