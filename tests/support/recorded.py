"""Ready events of made-up orders, and a log to put them into."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import count

from application.event_store import Append, EventStore, stream_id
from domain import events
from domain.events import Event
from domain.items import Item, Line, ReturnedItem

START = 1_800_000_000_000_000
"""When the made-up world begins, in microseconds; every event is a second later."""


@dataclass
class Story:
    """The events of one order, each recorded a second after the one before."""

    order_id: str
    buyer_id: str = "mira"
    seller_id: str = "fjell"
    told: list[Event] = field(default_factory=list)
    at: int = START

    def placed(self, *quantities: int, fee: int = 490) -> Story:
        lines = tuple(
            Line(f"L{n}", f"SKU-{n}", f"Enamel mug no. {n}", quantity, 1190, 1190 * quantity)
            for n, quantity in enumerate(quantities or (3, 2), 1)
        )
        return self.tell(
            events.OrderPlaced,
            order_id=self.order_id,
            buyer_id=self.buyer_id,
            seller_id=self.seller_id,
            currency="EUR",
            lines=lines,
            shipping_fee=fee,
            paid=sum(line.amount for line in lines) + fee,
        )

    def released(self) -> Story:
        return self.tell(events.ReleasedToWarehouse, warehouse_id="w1")

    def cancelled(self, cancellation_id: str = "C1", **units: int) -> Story:
        items = tuple(Item(line_id, quantity) for line_id, quantity in units.items())
        return self.tell(
            events.ItemCancelRequested,
            cancellation_id=cancellation_id,
            requested_by="buyer",
            reason="changed_mind",
            items=items,
            asked=items,
        )

    def withdrawn(self, cancellation_id: str = "C1") -> Story:
        return self.tell(events.CancellationWithdrawn, cancellation_id=cancellation_id)

    def shipped(self, shipment_id: str = "S1", **units: int) -> Story:
        items = tuple(Item(line_id, quantity) for line_id, quantity in units.items())
        return self.tell(events.ShippedFromWarehouse, shipment_id=shipment_id, items=items)

    def rejected(self, shipment_id: str = "S1") -> Story:
        return self.tell(events.DeliveryRejected, shipment_id=shipment_id)

    def returned(self, return_id: str = "R1", **units: int) -> Story:
        items = tuple(ReturnedItem(line_id, quantity) for line_id, quantity in units.items())
        return self.tell(events.ReturnedToWarehouse, return_id=return_id, items=items)

    def tell(self, kind: type[Event], /, *, later: int = 1_000_000, **values: object) -> Story:
        """Add an event, recorded `later` microseconds after the last."""
        self.at += later
        self.told.append(
            kind(
                occurred_at=self.at,
                recorded_at=self.at,
                source="/shop",
                message_id=f"{self.order_id}-{len(self.told) + 1}",
                **values,
            )
        )
        return self


def refused_at_the_door(order_id: str) -> Story:
    """Placed, part cancelled, shipped all the same, refused, and back."""
    story = Story(order_id).placed(3, 2).cancelled(L1=2)
    return story.shipped(L1=2, L2=2).rejected().returned(L1=1)


def record(store: EventStore, *stories: Story, upto: int | None = None) -> int:
    """Write stories to the log, event by event in turn, as they would come; return the position."""
    position = 0
    for version in range(1, 1 + max(len(story.told) for story in stories)):
        appends = [
            Append(stream_id(story.order_id), version, [story.told[version - 1]])
            for story in stories
            if len(story.told) >= version and (upto is None or version <= upto)
        ]
        if appends:
            position = store.append(appends) or 0
    return position


def orders(number: int, first: int = 1) -> list[Story]:
    """Many different orders, of which some are untouched, cancelled, crossed, and back."""
    made: list[Story] = []
    for n, kind in zip(range(first, first + number), _kinds(first), strict=False):
        story = Story(f"A-{n:05}", buyer_id=f"b{n % 3}", seller_id=f"s{n % 2}")
        made.append(_shape(story, kind))
    return made


def _kinds(first: int) -> Iterable[int]:
    return (n % 5 for n in count(first))


def _shape(story: Story, kind: int) -> Story:
    story.placed(3, 2)
    if kind == 1:
        story.cancelled(L1=2)
    if kind == 2:
        story.cancelled(L1=3, L2=2)
    if kind == 3:
        story.cancelled(L1=2).shipped(L1=2, L2=2).rejected().returned(L1=1)
    if kind == 4:
        story.released().cancelled(L1=1).withdrawn()
    return story
