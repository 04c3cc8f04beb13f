"""The entries of an order's story as marks: whose lane, which shape, what colour, a short label.

A circle happened; a square was asked for. What is only awaited is told in the list, not drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Literal, NamedTuple

from domain import events as ev
from domain import process_events as pr
from domain.timeline import Entry
from domain.wording import money

Lane = Literal["buyer", "shop", "warehouse", "carrier", "payment"]
Shape = Literal["circle", "square"]
WHO: dict[Lane, str] = {
    "buyer": "Buyer",
    "shop": "Shop",
    "warehouse": "Warehouse",
    "carrier": "Carrier",
    "payment": "Payment",
}
_LONGEST = 22
"""Characters of a label; the list has it whole."""


class Mark(NamedTuple):
    """One entry, numbered by recording from 1. Times are microseconds."""

    number: int
    lane: Lane
    shape: Shape
    tone: str
    """`x1` the cancellation, `x2` what the buyer refuses, `p` money; and what went wrong."""
    label: str
    entry: Entry
    is_known: bool
    """Whether it was recorded by the moment that is looked at."""

    @property
    def occurred(self) -> int:
        return self.entry.event.occurred_at

    @property
    def recorded(self) -> int:
        return self.entry.event.recorded_at

    @property
    def is_drawn(self) -> bool:
        return bool(self.label)


class _Way(NamedTuple):
    """How a kind of event is drawn."""

    lane: Lane
    shape: Shape
    tone: str
    label: Callable[[Any, str], str]


def marks(entries: Sequence[Entry], at: int | None) -> list[Mark]:
    """All entries, known or not at `at`; none: at the end, everything is known."""
    currency = next((e.event.currency for e in entries if isinstance(e.event, ev.OrderPlaced)), "")
    refused = set(_refused_parcels(entries))
    still = {True: True, False: True}  # each stream is known up to its first later event
    told = []
    for number, entry in enumerate(entries, 1):
        is_known = still[entry.is_process] and (at is None or entry.event.recorded_at <= at)
        still[entry.is_process] = is_known
        lane, shape, tone, label = _drawn(entry.event, currency, refused)
        told.append(Mark(number, lane, shape, tone, _short(label), entry, is_known))
    return told


def parcel_of(event: ev.Event) -> str | None:
    """The parcel that an event is about."""
    return getattr(event, "shipment_id", None)


def _refused_parcels(entries: Iterable[Entry]) -> Iterable[str]:
    for entry in entries:
        if isinstance(entry.event, pr.RefusalRequested):
            yield from entry.event.shipment_ids


def _short(label: str) -> str:
    return label if len(label) <= _LONGEST else f"{label[: _LONGEST - 1]}…"


def _drawn(event: ev.Event, currency: str, refused: set[str]) -> tuple[Lane, Shape, str, str]:
    way = _WAYS.get(type(event), _NOT_DRAWN)
    tone = "x2" if parcel_of(event) in refused and not way.tone else way.tone
    lane = way.lane
    if isinstance(event, ev.ItemCancelRequested | ev.CancellationRefused):
        lane = "buyer" if event.requested_by == "buyer" else "shop"
    return lane, way.shape, tone, way.label(event, currency)


def _said(words: str) -> Callable[[Any, str], str]:
    return lambda _event, _currency: words


def _parcel(word: str) -> Callable[[Any, str], str]:
    return lambda event, _currency: f"{event.shipment_id} {word}"


def _units(word: str) -> Callable[[Any, str], str]:
    return lambda event, _: f"{word} {sum(item.quantity for item in event.items)}"


def _paid(word: str) -> Callable[[Any, str], str]:
    def label(event: Any, currency: str) -> str:  # noqa: ANN401  # any event with an amount
        return f"{money(event.amount, getattr(event, 'currency', None) or currency)} {word}"

    return label


_NOT_DRAWN = _Way("shop", "square", "", _said(""))
_WAYS: dict[type[ev.Event], _Way] = {
    ev.OrderPlaced: _Way("buyer", "circle", "", _said("Ordered")),
    ev.ItemCancelRequested: _Way("buyer", "square", "x1", _units("Cancels")),
    ev.CancellationRefused: _Way("buyer", "square", "no-x", _said("Cancels: refused")),
    ev.CancellationWithdrawn: _Way("buyer", "square", "x1", _said("Takes it back")),
    ev.WithdrawalRefused: _Way("buyer", "square", "no-x", _said("Taking back: refused")),
    ev.ReleasedToWarehouse: _Way("warehouse", "circle", "", _said("Released")),
    ev.CancellationConfirmed: _Way("warehouse", "circle", "x1", _said("Stopped")),
    ev.StopRefused: _Way("warehouse", "circle", "x1", _said("Too late")),
    ev.ShippedFromWarehouse: _Way("warehouse", "circle", "", _parcel("left")),
    ev.Delivered: _Way("carrier", "circle", "", _parcel("taken")),
    ev.DeliveryRejected: _Way("carrier", "circle", "", _parcel("refused")),
    ev.ReturnedToWarehouse: _Way("warehouse", "circle", "", _units("Back:")),
    ev.LostInTransit: _Way("carrier", "circle", "disc", _parcel("lost")),
    ev.FactCorrected: _Way("warehouse", "circle", "corr", _said("Corrected")),
    ev.RefundRequested: _Way("shop", "square", "", _paid("asked")),
    ev.RefundIssued: _Way("payment", "circle", "p", _paid("paid")),
    ev.RefundFailed: _Way("payment", "circle", "disc", _said("Not paid")),
    ev.MessageSetAside: _Way("shop", "circle", "disc", _said("Set aside")),
    ev.CaseDecided: _Way("shop", "square", "", _said("Decided")),
    ev.DecisionRefused: _Way("shop", "square", "no-x", _said("Decision refused")),
    pr.StopRequested: _Way("shop", "square", "x1", _said("Stop asked")),
    pr.StopWithdrawn: _Way("shop", "square", "x1", _said("May ship")),
    pr.RefusalRequested: _Way("shop", "square", "x2", _said("Please refuse")),
    pr.RefusalWithdrawn: _Way("shop", "square", "x2", _said("May be taken")),
    pr.RefundRetried: _Way("shop", "square", "", _paid("asked again")),
    pr.CancellationSucceeded: _Way("shop", "square", "x1", _said("Cancelled for good")),
    pr.CancellationLapsed: _Way("shop", "square", "x1", _said("Lapsed")),
    pr.RefundHeld: _Way("shop", "square", "", _paid("held")),
    pr.DeadlinePassed: _Way("shop", "square", "disc", _said("Time is up")),
}
