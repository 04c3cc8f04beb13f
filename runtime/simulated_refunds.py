"""What the payment provider reports.

Only refunds whose id and amount follow from the public rules: telescoping line amounts, and the
shipping fee with the refund that completes the order.
"""

from hashlib import sha256

from runtime.simulated_order import HOUR, MINUTE, PAYMENTS, Content, Due, Order

_FAILURES = ("account_closed", "provider_unavailable", "limit_exceeded")


def report_refunds(order: Order) -> None:
    if not order.money_known or not order.world.refunds_reported:
        return
    opens_at = _gate_opens_at(order)
    with_fee = _completing(order)
    asked = [0] * len(order.lines)

    def due_at(due: Due) -> int:
        return max(due.at, opens_at) if due.kind == "cancellation" else due.at

    for due in sorted(order.dues, key=due_at):
        amount = order.fee if due is with_fee else 0
        for place, count in enumerate(due.units):
            line = order.lines[place]
            amount += worth(line.amount, line.ordered, asked[place] + count)
            amount -= worth(line.amount, line.ordered, asked[place])
            asked[place] += count
        if order.chance(order.world.refunds_reported):
            _report(order, due, due_at(due), amount)


def worth(amount: int, quantity: int, units: int) -> int:
    """The first units of a line, rounded half up."""
    return (2 * amount * units + quantity) // (2 * quantity)


def refund_id(order_id: str, kind: str, cause: str, number: int = 1) -> str:
    named = f"{order_id}\n{kind}\n{cause}\n{number}"
    return f"r-{sha256(named.encode()).hexdigest()[:32]}"


def _gate_opens_at(order: Order) -> int:
    """A part cancelled in time is refunded after the remaining goods have left."""
    stopped_at = [due.at for due in order.dues if due.kind == "cancellation"]
    return max((parcel.at for parcel in order.parcels), default=max(stopped_at, default=0))


def _completing(order: Order) -> Due | None:
    """The last one, where nothing of the order remains: the shipping fee goes with it."""
    returned = sum(sum(due.units) for due in order.dues)
    if returned < sum(line.ordered for line in order.lines):
        return None
    return max(order.dues, key=lambda due: due.at)


def _report(order: Order, due: Due, due_at: int, amount: int) -> None:
    named = refund_id(order.order_id, due.kind, due.cause)
    at = due_at + order.between(2, 120) * MINUTE
    if order.random() < 0.1:
        failed: Content = {
            "refund_id": named,
            "reason": _FAILURES[order.between(0, len(_FAILURES) - 1)],
        }
        order.tell(at, "payments", "RefundFailed", PAYMENTS, failed)
        at += order.between(1, 8) * HOUR
        if order.random() < 0.2:
            return
    issued: Content = {
        "refund_id": named,
        "amount": order.money(amount),
        "currency": order.currency,
    }
    order.tell(at, "payments", "RefundIssued", PAYMENTS, issued)
