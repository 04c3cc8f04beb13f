"""Every stored event of a process manager: what it asked, told and awaited for one order.

Each order with a cancellation has one process, with a stream of its own beside the order's. The
shapes are the storage format, as in `domain.events`: never change one, add a version. Whatever a
process sends has an id derived from its cause, so that it is the same however often it is sent.
"""

from __future__ import annotations

from typing import Literal

from domain.events import Event
from domain.items import Item

WaitsFor = Literal["warehouse", "buyer", "return", "payment", "seller"]

SOURCE = "/countermand/process"
"""The `source` of every message of a process."""


class ProcessEvent(Event, frozen=True, kw_only=True):
    """What every event of a process knows. `occurred_at` and `recorded_at` are the same: ours."""

    order_id: str
    order_version: int
    """The version of the order that it was decided at."""


class StopRequested(ProcessEvent, frozen=True, kw_only=True):
    """The warehouse was asked to stop units, none of which it was asked about before."""

    cancellation_id: str
    items: tuple[Item, ...]


class StopWithdrawn(ProcessEvent, frozen=True, kw_only=True):
    """The warehouse was told that a cancellation was taken back: it may ship those units."""

    cancellation_id: str
    items: tuple[Item, ...]


class RefusalRequested(ProcessEvent, frozen=True, kw_only=True):
    """The buyer was told to refuse a parcel, because it holds units that are not wanted."""

    shipment_ids: tuple[str, ...]
    items: tuple[Item, ...]
    """The units in it that are to be refused, at most."""


class RefusalWithdrawn(ProcessEvent, frozen=True, kw_only=True):
    """The buyer was told that a parcel need not be refused any more."""

    shipment_ids: tuple[str, ...]


class RefundRetried(ProcessEvent, frozen=True, kw_only=True):
    """The payment provider was asked again, under the same id: it failed, or said nothing."""

    refund_id: str
    amount: int
    currency: str
    attempt: int
    """2 or more: the first was RefundRequested, an event of the order."""


class CancellationSucceeded(ProcessEvent, frozen=True, kw_only=True):
    """Units of a cancellation are cancelled for good, and the buyer was told."""

    cancellation_id: str
    items: tuple[Item, ...]


class CancellationLapsed(ProcessEvent, frozen=True, kw_only=True):
    """Units that crossed were taken at the door: their cancellation has no effect any more."""

    items: tuple[Item, ...]


class RefundHeld(ProcessEvent, frozen=True, kw_only=True):
    """The buyer was told that a refund waits, why, and until when at the latest."""

    refund_id: str
    amount: int
    currency: str
    reason: str
    held_until: int | None = None


class ExposureChanged(ProcessEvent, frozen=True, kw_only=True):
    """Refunded goods turned out to have left, or some of them are back. No items: all are."""

    items: tuple[Item, ...]


class WaitStarted(ProcessEvent, frozen=True, kw_only=True):
    """Something is awaited, until a deadline. Of a seller: a case."""

    wait: str
    """Names the wait within the process, such as `stop:c-1`; once ended, it may start again."""
    waits_for: WaitsFor
    reason: str
    items: tuple[Item, ...] = ()
    until: int | None = None
    """When it is overdue; none: never."""


class WaitChanged(ProcessEvent, frozen=True, kw_only=True):
    """A wait goes on for other units, or for another reason; it may have a later deadline now."""

    wait: str
    reason: str
    items: tuple[Item, ...] = ()
    until: int | None = None


class DeadlinePassed(ProcessEvent, frozen=True, kw_only=True):
    """A deadline fired: what was awaited is now a case of the seller, or a case is overdue."""

    wait: str
    deadline: int
    """The moment that passed."""
    reason: str
    """Why it is a case now."""
    until: int | None = None
    """By when the seller should decide; none: the case itself was overdue, and stays open."""


class WaitEnded(ProcessEvent, frozen=True, kw_only=True):
    """Nothing more is awaited here: it has come, or was decided, or is not needed any more."""

    wait: str


PROCESS_NAMES: dict[str, type[ProcessEvent]] = {
    f"{kind.__name__}.v1": kind
    for kind in (
        StopRequested,
        StopWithdrawn,
        RefusalRequested,
        RefusalWithdrawn,
        RefundRetried,
        CancellationSucceeded,
        CancellationLapsed,
        RefundHeld,
        ExposureChanged,
        WaitStarted,
        WaitChanged,
        DeadlinePassed,
        WaitEnded,
    )
}
"""Stored name to shape, for ever; no name is one of an order's events."""
