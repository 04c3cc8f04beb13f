"""Lines that journeys have in common, as `journeys_told` writes them."""

from __future__ import annotations

PLACED = "OrderPlaced ReleasedToWarehouse ItemCancelRequested"
STOP = "stop:c1 warehouse warehouse_to_stop 0 ended 0"
REFUSE = "refuse:S1 buyer buyer_to_refuse 0 ended 2"
RETURN = "return:1 return goods_on_their_way_back 2 ended 8"
PAY_RETURN = "pay:return payment payment_pending 8 ended 8"


def stop(items: str, day: int = 0) -> str:
    return f"{day} StopRequested cancellation_id=c1 items={items}"


def accepted(items: str) -> str:
    more = "requested_by=buyer reason=changed_mind"
    return f"0 CancellationAccepted cancellation_id=c1 {more} items={items}"


def confirmed(items: str, day: int = 0) -> str:
    return f"{day} CancellationConfirmed cancellation_id=c1 items={items}"


def refuse(items: str, day: int = 0) -> str:
    return f"{day} RefusalRequested shipment_ids=S1 items={items}"


def decided(day: int, outcome: str, quantity: int, *, by: str = "seller") -> str:
    called = "d1" if by == "seller" else by
    about = f"decision_id={called} line_id=1 quantity={quantity}"
    return f"{day} CaseDecided {about} outcome={outcome} decided_by={by} currency=EUR"


def asked(day: int, refund: str, amount: str = "20.00", attempt: int = 1) -> str:
    about = f"refund_id={refund} amount={amount} currency=EUR"
    return f"{day} RefundRequested {about} attempt={attempt}"


def paid(day: int, refund: str, amount: str = "20.00") -> str:
    return f"{day} RefundIssued refund_id={refund} amount={amount} currency=EUR"


HELD = (
    "0 RefundHeld refund_id=c1 amount=20.00 currency=EUR reason=goods_still_to_ship"
    " held_until=day_30"
)
FOUR_TIMES = [asked(day, "c1", attempt=n) for n, day in enumerate((0, 0, 2, 8), 1)]
"""Asked, and asked again after five minutes, twenty minutes and more than an hour of silence."""
