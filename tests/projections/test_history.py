"""History tells every event of an order, with both times, its cause and a sentence."""

from __future__ import annotations

from application.event_store import EventStore
from domain import events
from domain.items import Item
from projections.history import history
from tests.support.recorded import Story, record


def test_an_event_is_told_with_its_times_its_cause_and_a_sentence(store: EventStore) -> None:
    record(store, Story("A-1").placed(3).cancelled(L1=2))

    told = history(store, "A-1")

    assert told is not None
    assert told["order_id"] == "A-1"
    assert told["events"][1] == {
        "version": 2,
        "type": "ItemCancelRequested",
        "occurred_at": "2027-01-15T08:00:02Z",
        "recorded_at": "2027-01-15T08:00:02Z",
        "cause": {"source": "/shop", "id": "A-1-2"},
        "data": {
            "cancellation_id": "C1",
            "requested_by": "buyer",
            "reason": "changed_mind",
            "items": [{"line_id": "L1", "quantity": 2}],
            "asked": [{"line_id": "L1", "quantity": 2}],
        },
        "sentence": "The buyer cancelled 2 x Enamel mug no. 1, because of a changed mind.",
    }


def test_amounts_are_decimal_strings_of_their_currency(store: EventStore) -> None:
    story = Story("A-1").placed(3)
    story.tell(events.RefundIssued, refund_id="r-1", amount=1500, currency="JPY")
    record(store, story)

    told = history(store, "A-1")

    assert told is not None
    placed, issued = (event["data"] for event in told["events"])
    assert (placed["paid"], placed["shipping_fee"]) == ("40.60", "4.90")
    assert placed["lines"] == [
        {
            "line_id": "L1",
            "sku": "SKU-1",
            "title": "Enamel mug no. 1",
            "quantity": 3,
            "unit_price": "11.90",
            "amount": "35.70",
        }
    ]
    assert issued == {"refund_id": "r-1", "amount": "1500", "currency": "JPY"}


def test_an_order_that_never_was_has_no_history(store: EventStore) -> None:
    assert history(store, "A-1") is None


def test_versions_are_those_of_the_log(store: EventStore) -> None:
    story = Story("A-1").placed(3).shipped(L1=2)
    story.tell(events.Delivered, shipment_id="S1")
    story.tell(events.LostInTransit, shipment_id="S2", items=(Item("L1", 1),))
    record(store, story)

    told = history(store, "A-1")

    assert told is not None
    assert [(one["version"], one["type"]) for one in told["events"]] == [
        (1, "OrderPlaced"),
        (2, "ShippedFromWarehouse"),
        (3, "Delivered"),
        (4, "LostInTransit"),
    ]
