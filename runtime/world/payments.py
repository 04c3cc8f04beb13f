"""The payment provider: pays each refund once, whatever it is asked, and keeps its own books."""

from __future__ import annotations

from typing import ClassVar, NamedTuple

from typing_extensions import override

from runtime.world.book import Book
from runtime.world.habits import MINUTE, SECOND, World
from runtime.world.program import Program
from runtime.world.wire import Heard, Message

SOURCE = "/payments/provider"
HOPELESS = 0.1
"""Of refunds that fail, and of those that nobody hears of and that are not paid: for ever."""
PAYS_IN_SILENCE = 0.5
"""Of refunds that nobody hears of at first."""
EVER = 10**9

_ASKED = """CREATE TABLE IF NOT EXISTS asked (
    number INTEGER PRIMARY KEY, refund_id TEXT NOT NULL, order_id TEXT NOT NULL,
    amount TEXT NOT NULL, currency TEXT NOT NULL, at INTEGER NOT NULL)"""
_PAID = """CREATE TABLE IF NOT EXISTS paid (
    number INTEGER PRIMARY KEY, refund_id TEXT NOT NULL, order_id TEXT NOT NULL,
    amount TEXT NOT NULL, currency TEXT NOT NULL, at INTEGER NOT NULL)"""
_INDEXES = (
    "CREATE INDEX IF NOT EXISTS asked_refund ON asked (refund_id)",
    "CREATE INDEX IF NOT EXISTS paid_refund ON paid (refund_id)",
)


class Payment(NamedTuple):
    """Money that left, and when."""

    order_id: str
    amount: str
    currency: str
    at: int


class Payments(Program):
    name: ClassVar[str] = "payments"
    hears: ClassVar[tuple[str, ...]] = ("payment-requests",)

    def __init__(self, world: World, book: Book) -> None:
        super().__init__(world, book)
        for definition in (_ASKED, _PAID, *_INDEXES):
            book.table(definition)

    @override
    def hear(self, message: Heard) -> None:
        if message.type != "RefundRequested":
            return
        data = message.data
        asked = (data["refund_id"], data["order_id"], data["amount"], data["currency"])
        self.book.run(
            "INSERT INTO asked (refund_id, order_id, amount, currency, at) VALUES (?, ?, ?, ?, ?)",
            *asked,
            self.now,
        )
        times = self._times_asked(data["refund_id"])
        self.later("answer", f"{data['refund_id']}:{times}", 20 * SECOND, 4 * MINUTE)

    def _times_asked(self, refund_id: str) -> int:
        ((number,),) = self.book.run("SELECT count(*) FROM asked WHERE refund_id = ?", refund_id)
        return int(str(number))

    @override
    def remember(self, what: str, about: str) -> None:
        refund_id, _, attempt = about.rpartition(":")
        if self._is_silent(refund_id, int(attempt)):
            self._count("silent_payments", attempt)
            if self._pays_in_silence(refund_id):
                self._pay(refund_id)
        elif self._fails(refund_id, int(attempt)):
            self._count("failed_payments", attempt)
            self._say_failed(refund_id, about)
        else:
            self._say_issued(refund_id, self._pay(refund_id))

    def _count(self, fault: str, attempt: str) -> None:
        if attempt == "1":
            self.book.count(f"fault:{fault}")

    def _is_silent(self, refund_id: str, attempt: int) -> bool:
        if not self.world.chance("silent_payments", refund_id):
            return False
        hopeless = not self._pays_in_silence(refund_id) and self._is_hopeless(refund_id)
        return attempt <= (EVER if hopeless else self.world.between(1, 2, "silent", refund_id))

    def _pays_in_silence(self, refund_id: str) -> bool:
        return self.world.draw("pays in silence", refund_id) < PAYS_IN_SILENCE

    def _fails(self, refund_id: str, attempt: int) -> bool:
        if self._payment(refund_id) or not self.world.chance("failed_payments", refund_id):
            return False
        hopeless = self._is_hopeless(refund_id)
        return attempt <= (EVER if hopeless else self.world.between(1, 3, "fails", refund_id))

    def _is_hopeless(self, refund_id: str) -> bool:
        return self.world.draw("hopeless", refund_id) < HOPELESS

    def _payment(self, refund_id: str) -> Payment | None:
        rows = self.book.run(
            "SELECT order_id, amount, currency, at FROM paid WHERE refund_id = ?", refund_id
        )
        return Payment(*rows[0]) if rows else None  # type: ignore[arg-type]

    def _pay(self, refund_id: str) -> Payment:
        """Let the money go, as it was asked for the first time; not again if it has left."""
        payment = self._payment(refund_id)
        if payment is None:
            ((order_id, amount, currency),) = self.book.run(
                "SELECT order_id, amount, currency FROM asked WHERE refund_id = ?"
                " ORDER BY number LIMIT 1",
                refund_id,
            )
            payment = Payment(str(order_id), str(amount), str(currency), self.now)
            self.book.run(
                "INSERT INTO paid (refund_id, order_id, amount, currency, at)"
                " VALUES (?, ?, ?, ?, ?)",
                refund_id,
                *payment,
            )
        return payment

    def _say_issued(self, refund_id: str, payment: Payment) -> None:
        """Tell it as it was when the money left: asked again, the provider says the same again."""
        data = {"refund_id": refund_id, "amount": payment.amount, "currency": payment.currency}
        message = Message(
            "payments", "RefundIssued", payment.order_id, SOURCE, f"paid:{refund_id}", data
        )
        if self.book.is_unsaid(message.id):
            self.answer(message, payment.at)
        else:
            self.tell_again(message, payment.at)

    def _say_failed(self, refund_id: str, about: str) -> None:
        ((order_id,),) = self.book.run(
            "SELECT order_id FROM asked WHERE refund_id = ? LIMIT 1", refund_id
        )
        data = {"refund_id": refund_id, "reason": "the bank does not answer"}
        failed = f"failed:{about}"
        self.answer(Message("payments", "RefundFailed", str(order_id), SOURCE, failed, data))
