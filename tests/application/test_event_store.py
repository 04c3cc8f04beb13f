"""The store on a real PostgreSQL: what is appended is read back, in order, once."""

from __future__ import annotations

from application.event_store import Append, EventStore, Recorded, stream_id
from domain.events import Delivered, RefundFailed

DELIVERED = Delivered(
    occurred_at=1, recorded_at=2, source="warehouse", message_id="m1", shipment_id="S1"
)
FAILED = RefundFailed(
    occurred_at=3, recorded_at=4, source="bank", message_id="m2", refund_id="r-1", reason="closed"
)
A, B = stream_id("A"), stream_id("B")


def test_what_is_appended_is_read_back_in_order(store: EventStore) -> None:
    last = store.append([Append(A, 1, [DELIVERED, FAILED]), Append(B, 1, [FAILED])])

    assert store.read(0, 10) == [
        Recorded(1, A, 1, DELIVERED),
        Recorded(2, A, 2, FAILED),
        Recorded(3, B, 1, FAILED),
    ]
    assert last == store.head() == 3
