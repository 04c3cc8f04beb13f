"""One example of every stored event of a process manager, with every field filled."""

from __future__ import annotations

from domain.items import Item
from domain.process_events import (
    SOURCE,
    CancellationLapsed,
    CancellationSucceeded,
    DeadlinePassed,
    ExposureChanged,
    ProcessEvent,
    RefundHeld,
    RefundRetried,
    RefusalRequested,
    RefusalWithdrawn,
    StopRequested,
    StopWithdrawn,
    WaitChanged,
    WaitEnded,
    WaitStarted,
)

AT = 1_767_262_445_000_000  # 2026-01-01T10:14:05Z
DAY = 86_400_000_000
ITEMS = (Item("1", 2), Item("2", 1))
REFUND = "r-5d41402abc4b2a76b9719d911017c592"


def _told(number: int, message_id: str) -> dict[str, int | str]:
    """What every event of a process says; its two times are the same."""
    at = AT + number * 60_000_000
    return {
        "occurred_at": at,
        "recorded_at": at,
        "source": SOURCE,
        "message_id": message_id,
        "order_id": "order-1",
        "order_version": number + 2,
    }


PROCESS_EXAMPLES: dict[str, ProcessEvent] = {
    "StopRequested.v1": StopRequested(
        **_told(0, "stop:c-1:1"),  # type: ignore[arg-type]
        cancellation_id="c-1",
        items=ITEMS,
    ),
    "StopWithdrawn.v1": StopWithdrawn(
        **_told(1, "withdraw:c-1:1"),  # type: ignore[arg-type]
        cancellation_id="c-1",
        items=ITEMS,
    ),
    "RefusalRequested.v1": RefusalRequested(
        **_told(2, "refuse:S1:1"),  # type: ignore[arg-type]
        shipment_ids=("S1",),
        items=ITEMS,
    ),
    "RefusalWithdrawn.v1": RefusalWithdrawn(
        **_told(3, "take:S1:1"),  # type: ignore[arg-type]
        shipment_ids=("S1",),
    ),
    "RefundRetried.v1": RefundRetried(
        **_told(4, f"again:{REFUND}:1"),  # type: ignore[arg-type]
        refund_id=REFUND,
        amount=3_031,
        currency="EUR",
        attempt=2,
    ),
    "CancellationSucceeded.v1": CancellationSucceeded(
        **_told(5, "succeeded:c-1:1"),  # type: ignore[arg-type]
        cancellation_id="c-1",
        items=ITEMS,
    ),
    "CancellationLapsed.v1": CancellationLapsed(
        **_told(6, "lapsed:1"),  # type: ignore[arg-type]
        items=ITEMS,
    ),
    "RefundHeld.v1": RefundHeld(
        **_told(7, f"held:{REFUND}:1"),  # type: ignore[arg-type]
        refund_id=REFUND,
        amount=3_031,
        currency="EUR",
        reason="goods_still_to_ship",
        held_until=AT + 30 * DAY,
    ),
    "ExposureChanged.v1": ExposureChanged(
        **_told(8, "exposure:1"),  # type: ignore[arg-type]
        items=ITEMS,
    ),
    "WaitStarted.v1": WaitStarted(
        **_told(9, "wait:stop:c-1:1"),  # type: ignore[arg-type]
        wait="stop:c-1",
        waits_for="warehouse",
        reason="warehouse_to_stop",
        items=ITEMS,
        until=AT + DAY,
    ),
    "WaitChanged.v1": WaitChanged(
        **_told(10, "change:stop:c-1:1"),  # type: ignore[arg-type]
        wait="stop:c-1",
        reason="warehouse_to_stop",
        items=(Item("1", 1),),
        until=AT + 2 * DAY,
    ),
    "DeadlinePassed.v1": DeadlinePassed(
        **_told(11, "deadline:stop:c-1:1"),  # type: ignore[arg-type]
        wait="stop:c-1",
        deadline=AT + DAY,
        reason="warehouse_silent",
        until=AT + 8 * DAY,
    ),
    "WaitEnded.v1": WaitEnded(
        **_told(12, "end:stop:c-1:1"),  # type: ignore[arg-type]
        wait="stop:c-1",
    ),
}
