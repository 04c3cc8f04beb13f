"""One plain sentence for each event: who did what, with how many of which goods.

Read by buyers, sellers and auditors alike, so no inner words. An order's events are told in the
order of recording, because a sentence may need what was said before (what a parcel holds).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from domain import events
from domain.events import Event
from domain.wording import Units, because, broken, counted, money, named

Goods = Sequence[Units]


def sentences(told: Iterable[Event]) -> Iterator[str]:
    """A sentence for each event of one order, from its first event on."""
    teller = _Teller()
    for event in told:
        yield teller.tell(event)


class _Teller:
    """Remembers of an order what later sentences need."""

    def __init__(self) -> None:
        self._titles: dict[str, str] = {}
        self._currency = "EUR"
        self._parcels: dict[str, Goods] = {}
        self._cancellations: dict[str, Goods] = {}
        self._refunds: dict[str, str] = {}

    def tell(self, event: Event) -> str:
        sentence = _TELL[type(event)](self, event)
        return f"{sentence[:1].upper()}{sentence[1:]}."

    def placed(self, event: events.OrderPlaced) -> str:
        self._titles = event.titles
        self._currency = event.currency
        units = sum(line.quantity for line in event.lines)
        worth = sum(line.amount for line in event.lines) + event.shipping_fee + event.shipping_tax
        paid = "paid" if event.paid == worth else f"{self._money(event.paid)} paid"
        return (
            f"the buyer ordered {counted(units)} for {self._money(worth)}, {paid}:"
            f" {self._named(event.lines)}"
        )

    def cancelled(self, event: events.ItemCancelRequested) -> str:
        self._cancellations[event.cancellation_id] = event.items
        return (
            f"the {event.requested_by} cancelled {self._named(event.items)}{because(event.reason)}"
        )

    def refused(self, event: events.CancellationRefused) -> str:
        wanted = self._named(event.asked) if event.asked else "everything"
        return (
            f"the {event.requested_by} asked to cancel {wanted}, and this was refused:"
            f" {broken(event.rule)}; nothing was changed"
        )

    def withdrawn(self, event: events.CancellationWithdrawn) -> str:
        goods = self._named(self._cancellations.get(event.cancellation_id, ()))
        return f"cancellation {event.cancellation_id} was taken back: {goods} remain"

    def not_withdrawn(self, event: events.WithdrawalRefused) -> str:
        return (
            f"cancellation {event.cancellation_id} could not be taken back: {broken(event.rule)};"
            " nothing was changed"
        )

    def released(self, event: events.ReleasedToWarehouse) -> str:
        goods = "all goods in stock" if event.items is None else self._named(event.items)
        return f"the shop handed {goods} to warehouse {event.warehouse_id}"

    def confirmed(self, event: events.CancellationConfirmed) -> str:
        goods = self._of_cancellation(event.cancellation_id, event.items)
        return f"the {event.confirmed_by} confirmed that {goods} never left"

    def not_stopped(self, event: events.StopRefused) -> str:
        goods = self._of_cancellation(event.cancellation_id, event.items)
        return f"the warehouse answered that it was too late to stop {goods}"

    def shipped(self, event: events.ShippedFromWarehouse) -> str:
        known = self._parcels.get(event.shipment_id, ())
        self._parcels[event.shipment_id] = (*known, *event.items)
        carrier = f" by {event.carrier}" if event.carrier else ""
        number = f", number {event.tracking_number}" if event.tracking_number else ""
        goods = self._named(event.items)
        return f"parcel {event.shipment_id} left the warehouse{carrier}{number} with {goods}"

    def delivered(self, event: events.Delivered) -> str:
        return f"the buyer took {self._parcel(event.shipment_id, None)}"

    def rejected(self, event: events.DeliveryRejected) -> str:
        who = {
            "unclaimed": "nobody collected",
            "undeliverable": "the carrier could not deliver",
        }.get(event.kind or "", "the buyer refused")
        return f"{who} {self._parcel(event.shipment_id, event.items)}"

    def returned(self, event: events.ReturnedToWarehouse) -> str:
        parts = [
            f"{self._named(items)} in {condition} condition"
            for condition in ("good", "damaged")
            if (items := [item for item in event.items if item.condition == condition])
        ]
        return f"{' and '.join(parts)} came back to the warehouse"

    def lost(self, event: events.LostInTransit) -> str:
        return f"{self._parcel(event.shipment_id, event.items)} got lost on the way"

    def corrected(self, event: events.FactCorrected) -> str:
        message = f"message {event.corrects_id} of {event.corrects_source}"
        if event.data is None:
            return f"{message} should not have been sent, says its sender"
        goods = f": {self._named(event.data.items)}" if event.data.items else ""
        return f"{message} was corrected by its sender{goods}"

    def refund_asked(self, event: events.RefundRequested) -> str:
        refund = f"{self._money(event.amount)}{self._for(event.covers)}"
        self._refunds[event.refund_id] = refund
        return f"the payment provider was asked to pay back {refund}"

    def refund_paid(self, event: events.RefundIssued) -> str:
        amount = money(event.amount, event.currency)
        return f"{amount} was paid back{self._for(event.covers)}"

    def refund_failed(self, event: events.RefundFailed) -> str:
        refund = self._refunds.get(event.refund_id, f"refund {event.refund_id}")
        return f"the payment provider could not pay back {refund}"

    def decided(self, event: events.CaseDecided) -> str:
        goods = self._named((event,))
        who = "the seller decided" if event.decided_by == "seller" else "a deadline decided"
        worth = f" ({self._money(event.amount)})" if event.amount is not None else ""
        what = {
            "refund": f"{goods} are refunded{worth}",
            "no_refund": f"there is no refund for {goods}",
            "stopped": f"{goods} never left",
            "not_stopped": f"{goods} could not be stopped",
        }[event.outcome]
        return f"{who}: {what}"

    def not_decided(self, event: events.DecisionRefused) -> str:
        goods = self._named((event,))
        return (
            f"the seller tried to decide about {goods}, and this was refused:"
            f" {broken(event.rule)}; nothing was changed"
        )

    def granted(self, event: events.RefundGranted) -> str:
        return f"the seller granted a refund by hand{self._of(event)}"

    def not_granted(self, event: events.GrantRefused) -> str:
        return (
            f"the seller tried to grant a refund by hand{self._of(event)}, and this was refused:"
            f" {broken(event.rule)}; nothing was changed"
        )

    def _of(self, grant: events.RefundGranted | events.GrantRefused) -> str:
        amount = "" if grant.amount is None else f" of {self._money(grant.amount)}"
        return amount + self._for(grant.items)

    def set_aside(self, event: events.MessageSetAside) -> str:
        return f"a message ({event.type}) could not be taken and was set aside: {event.detail}"

    def _for(self, covers: Goods) -> str:
        return f", for {self._named(covers)}" if covers else ""

    def _of_cancellation(self, cancellation_id: str, items: Goods | None) -> str:
        known = self._cancellations.get(cancellation_id, ()) if items is None else items
        return self._named(known) if known else f"all goods of cancellation {cancellation_id}"

    def _parcel(self, shipment_id: str, items: Goods | None) -> str:
        if items is not None:
            return f"{self._named(items)} of parcel {shipment_id}"
        holds = self._parcels.get(shipment_id, ())
        return (
            f"parcel {shipment_id} with {self._named(holds)}" if holds else f"parcel {shipment_id}"
        )

    def _named(self, goods: Goods) -> str:
        return named(goods, self._titles)

    def _money(self, minor: int) -> str:
        return money(minor, self._currency)


_TELL: dict[type[Event], Callable[[_Teller, Any], str]] = {
    events.OrderPlaced: _Teller.placed,
    events.ItemCancelRequested: _Teller.cancelled,
    events.CancellationRefused: _Teller.refused,
    events.CancellationWithdrawn: _Teller.withdrawn,
    events.WithdrawalRefused: _Teller.not_withdrawn,
    events.ReleasedToWarehouse: _Teller.released,
    events.CancellationConfirmed: _Teller.confirmed,
    events.StopRefused: _Teller.not_stopped,
    events.ShippedFromWarehouse: _Teller.shipped,
    events.Delivered: _Teller.delivered,
    events.DeliveryRejected: _Teller.rejected,
    events.ReturnedToWarehouse: _Teller.returned,
    events.LostInTransit: _Teller.lost,
    events.FactCorrected: _Teller.corrected,
    events.RefundRequested: _Teller.refund_asked,
    events.RefundIssued: _Teller.refund_paid,
    events.RefundFailed: _Teller.refund_failed,
    events.MessageSetAside: _Teller.set_aside,
    events.CaseDecided: _Teller.decided,
    events.DecisionRefused: _Teller.not_decided,
    events.RefundGranted: _Teller.granted,
    events.GrantRefused: _Teller.not_granted,
}
