"""One example of every stored event version, with every field filled.

`python -m tests.support.stored_examples` writes the golden files that are missing. It never
overwrites one: what is stored once stays as it is for ever.
"""

from __future__ import annotations

from pathlib import Path

from application.stored_events import encode
from domain.events import (
    CancellationConfirmed,
    CancellationRefused,
    CancellationWithdrawn,
    CaseDecided,
    DecisionRefused,
    Delivered,
    DeliveryRejected,
    Event,
    FactCorrected,
    GrantRefused,
    ItemCancelRequested,
    LostInTransit,
    MessageSetAside,
    OrderPlaced,
    RefundFailed,
    RefundGranted,
    RefundIssued,
    RefundRequested,
    ReleasedToWarehouse,
    ReturnedToWarehouse,
    ShippedFromWarehouse,
    StopRefused,
    WithdrawalRefused,
)
from domain.items import (
    Confirmed,
    CorrectedData,
    Covered,
    Item,
    Line,
    ReturnedItem,
    Settled,
)
from tests.support.stored_process_examples import PROCESS_EXAMPLES

PLACED_AT = 1_767_262_445_000_000  # 2026-01-01T10:14:05Z


def _cause(number: int, source: str) -> dict[str, int | str]:
    return {
        "occurred_at": PLACED_AT + number * 60_000_000,
        "recorded_at": PLACED_AT + number * 60_000_000 + 250_000,
        "source": source,
        "message_id": f"{source}-{number}",
    }


SHOP, WAREHOUSE, BANK = "shop", "warehouse-7", "bank"
ITEMS = (Item("1", 2), Item("2", 1))
COVERS = (Covered("1", 2, 1_998), Covered("2", 1, 450))
NOTE = "0a1b2c3d4e5f60718293a4b5c6d7e8f9"
REFUND = "r-5d41402abc4b2a76b9719d911017c592"

EXAMPLES: dict[str, Event] = {
    "OrderPlaced.v1": OrderPlaced(
        **_cause(0, SHOP),  # type: ignore[arg-type]
        order_id="order-1",
        buyer_id="buyer-1",
        seller_id="seller-1",
        currency="EUR",
        lines=(
            Line("1", "KETTLE-RED", "A kettle, red", 3, 999, 2_997, 100, 570, coming_soon=True),
            Line("2", "MUG-☕", "Mug with a ☕ on it", 1, 450, 450),
        ),
        discount=50,
        shipping_fee=490,
        shipping_tax=93,
        paid=3_980,
    ),
    "ItemCancelRequested.v1": ItemCancelRequested(
        **_cause(1, SHOP),  # type: ignore[arg-type]
        cancellation_id="c-1",
        requested_by="buyer",
        reason="changed_mind",
        items=ITEMS,
        asked=ITEMS,
        note_ref=NOTE,
    ),
    "CancellationRefused.v1": CancellationRefused(
        **_cause(2, SHOP),  # type: ignore[arg-type]
        cancellation_id="c-2",
        requested_by="seller",
        reason="out_of_stock",
        rule="more_than_cancellable",
        at_version=2,
        cancellable=ITEMS,
        asked=(Item("1", 9),),
        note_ref=NOTE,
    ),
    "CancellationWithdrawn.v1": CancellationWithdrawn(
        **_cause(3, SHOP),  # type: ignore[arg-type]
        cancellation_id="c-1",
    ),
    "WithdrawalRefused.v1": WithdrawalRefused(
        **_cause(4, SHOP),  # type: ignore[arg-type]
        cancellation_id="c-9",
        rule="unknown_cancellation",
        at_version=4,
    ),
    "ReleasedToWarehouse.v1": ReleasedToWarehouse(
        **_cause(5, WAREHOUSE),  # type: ignore[arg-type]
        warehouse_id="w-7",
        items=ITEMS,
    ),
    "CancellationConfirmed.v1": CancellationConfirmed(
        **_cause(6, WAREHOUSE),  # type: ignore[arg-type]
        cancellation_id="c-1",
        confirmed_by="warehouse",
        items=ITEMS,
    ),
    "StopRefused.v1": StopRefused(
        **_cause(7, WAREHOUSE),  # type: ignore[arg-type]
        cancellation_id="c-1",
        reason="already_packed",
        items=ITEMS,
    ),
    "ShippedFromWarehouse.v1": ShippedFromWarehouse(
        **_cause(8, WAREHOUSE),  # type: ignore[arg-type]
        shipment_id="S1",
        items=ITEMS,
        warehouse_id="w-7",
        carrier="post",
        tracking_number="JD0146",
    ),
    "Delivered.v1": Delivered(
        **_cause(9, WAREHOUSE),  # type: ignore[arg-type]
        shipment_id="S1",
    ),
    "DeliveryRejected.v1": DeliveryRejected(
        **_cause(10, WAREHOUSE),  # type: ignore[arg-type]
        shipment_id="S1",
        items=ITEMS,
        kind="unclaimed",
    ),
    "ReturnedToWarehouse.v1": ReturnedToWarehouse(
        **_cause(11, WAREHOUSE),  # type: ignore[arg-type]
        return_id="R1",
        items=(ReturnedItem("1", 2), ReturnedItem("2", 1, "damaged")),
        shipment_id="S1",
    ),
    "LostInTransit.v1": LostInTransit(
        **_cause(12, WAREHOUSE),  # type: ignore[arg-type]
        shipment_id="S2",
        items=ITEMS,
    ),
    "FactCorrected.v1": FactCorrected(
        **_cause(13, WAREHOUSE),  # type: ignore[arg-type]
        corrects_source=WAREHOUSE,
        corrects_id="warehouse-7-8",
        data=CorrectedData(
            order_id="order-1",
            warehouse_id="w-7",
            cancellation_id="c-1",
            shipment_id="S1",
            return_id="R1",
            items=(ReturnedItem("1", 1, "damaged"),),
            confirmed_by="warehouse",
            reason="already_packed",
            kind="refused",
            carrier="post",
            tracking_number="JD0146",
        ),
    ),
    "RefundRequested.v1": RefundRequested(
        **_cause(14, "countermand"),  # type: ignore[arg-type]
        refund_id=REFUND,
        amount=3_031,
        covers=COVERS,
        fee=583,
    ),
    "RefundIssued.v1": RefundIssued(
        **_cause(15, BANK),  # type: ignore[arg-type]
        refund_id=REFUND,
        amount=3_031,
        currency="EUR",
        listed_amount=3_031,
        covers=COVERS,
        fee=583,
    ),
    "RefundFailed.v1": RefundFailed(
        **_cause(16, BANK),  # type: ignore[arg-type]
        refund_id=REFUND,
        reason="account_closed",
    ),
    "MessageSetAside.v1": MessageSetAside(
        **_cause(17, WAREHOUSE),  # type: ignore[arg-type]
        type="Delivered",
        rule="id_in_use",
        detail="the same source and id came before with other content",
        digest="9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    ),
    "CaseDecided.v1": CaseDecided(
        **_cause(18, SHOP),  # type: ignore[arg-type]
        decision_id="d-1",
        line_id="1",
        quantity=3,
        outcome="refund",
        reason="it was packed badly",
        decided_by="deadline",
        amount=1_250,
        settles=(Settled("damaged", 2), Settled("missing", 1)),
        confirms=(Confirmed("c-1", 3),),
    ),
    "DecisionRefused.v1": DecisionRefused(
        **_cause(19, SHOP),  # type: ignore[arg-type]
        decision_id="d-2",
        line_id="1",
        quantity=9,
        outcome="no_refund",
        reason="never sent",
        rule="more_than_open",
        at_version=19,
        amount=0,
    ),
    "RefundGranted.v1": RefundGranted(
        **_cause(20, SHOP),  # type: ignore[arg-type]
        decision_id="d-3",
        reason="the cup has a scratch",
        amount=500,
        items=ITEMS,
    ),
    "GrantRefused.v1": GrantRefused(
        **_cause(21, SHOP),  # type: ignore[arg-type]
        decision_id="d-4",
        reason="goodwill",
        rule="more_than_refundable",
        at_version=21,
        amount=99_999,
        items=ITEMS,
    ),
    **PROCESS_EXAMPLES,
}


def main() -> None:
    folder = Path(__file__).parents[1] / "golden"
    for name, event in EXAMPLES.items():
        path = folder / f"{name}.json"
        if not path.exists():
            path.write_bytes(encode(event) + b"\n")


if __name__ == "__main__":
    main()
