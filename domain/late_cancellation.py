"""The process manager of one order: what it has asked, told and awaits, folded from its events.

It never changes goods or money by itself. What to do next is worked out in `domain.next_steps`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from domain.events import (
    CancellationWithdrawn,
    CaseDecided,
    DeliveryRejected,
    Event,
    FactCorrected,
    ItemCancelRequested,
    LostInTransit,
    RefundFailed,
    RefundGranted,
    RefundIssued,
    RefundRequested,
    ReturnedToWarehouse,
)
from domain.items import Item, add_units
from domain.process_events import (
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
    WaitsFor,
    WaitStarted,
)

MINUTE = 60 * 1_000_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
_GROWTH = 4
"""How much longer each pause before asking for a refund again is."""

INTERESTING: frozenset[type[Event]] = frozenset(
    {
        ItemCancelRequested,
        CancellationWithdrawn,
        DeliveryRejected,
        ReturnedToWarehouse,
        LostInTransit,
        FactCorrected,
        RefundRequested,
        RefundIssued,
        RefundFailed,
        CaseDecided,
        RefundGranted,
    }
)
"""Events that an order without a process may need one for. Most orders just ship."""


class Terms(Struct, frozen=True, gc=False):
    """How long each is waited for, in microseconds, from when we began to wait."""

    stop: int = DAY
    """A warehouse answers a stop: it works every day, and more than that ships by itself."""
    refusal: int = 14 * DAY
    """A parcel is refused or taken: carriers keep an unclaimed one for a week or two."""
    back: int = 21 * DAY
    """A refused parcel is counted back: the way back is slower than the way out."""
    rest: int = 7 * DAY
    """The rest of goods that are back in part."""
    case: int = 7 * DAY
    """A seller decides."""
    payment: int = 3 * DAY
    """A refund is paid: a bank's weekend, and a working day."""
    retry_first: int = 5 * MINUTE
    """The first pause before the payment provider is asked again; each next one is four times as
    long."""
    retry_longest: int = DAY

    def asks_again_at(self, times: int, asked_at: int, answered_at: int | None) -> int:
        """When the payment provider is asked again that was asked so many times (1 or more).

        From its answer to what was last asked, if it gave one; all in microseconds.
        """
        pause: int = self.retry_first * _GROWTH ** min(times - 1, 16)
        since = asked_at if answered_at is None else answered_at
        return since + min(pause, self.retry_longest)


class Wait(Struct, frozen=True, gc=False):
    """Something that is awaited. Of a seller: a case."""

    wait: str
    waits_for: WaitsFor
    reason: str
    items: tuple[Item, ...]
    since: int
    until: int | None
    was: WaitsFor
    """Whom it waited for at first."""
    is_overdue: bool = False
    """Its last deadline has passed: nothing but a fact or a seller can end it."""


REFUSE_AGAIN = "refuse-again"
"""Begins the ids of what is told of a parcel that was taken, as we were told, and was not."""


class Process(Struct, frozen=True, gc=False):
    """What one order's process has done so far. Nothing in it is ever changed in place."""

    order_id: str
    version: int = 0
    """How many events it has."""
    latest: int = 0
    """When the last one was recorded."""
    sent: Mapping[str, int] = {}
    """How often something was done, by its name: the `n` in the ids of its events."""
    waits: Mapping[str, Wait] = {}
    """What is awaited now, by name."""
    stops: Mapping[str, Mapping[str, int]] = {}
    """Units that the warehouse was asked to stop, by cancellation and line."""
    withdrawn: frozenset[str] = frozenset()
    refusals: Mapping[str, Mapping[str, int]] = {}
    """Units that the buyer is told to refuse, by parcel and line."""
    succeeded: Mapping[str, Mapping[str, int]] = {}
    lapsed: Mapping[str, int] = {}
    held: Mapping[str, tuple[str, int]] = {}
    """Why refunds wait and what they come to, as the buyer was told last."""
    retried: Mapping[str, tuple[int, int]] = {}
    """The last attempt to have a refund paid, and when; from the second on."""
    at_large: tuple[Item, ...] = ()

    @property
    def is_done(self) -> bool:
        """Whether nothing is awaited; a later fact may open it again."""
        return not self.waits


def evolve(process: Process | None, event: ProcessEvent) -> Process:
    """The process with one more event. Never refuses: what is recorded was done."""
    before = process or Process(event.order_id)
    name, _, _ = event.message_id.rpartition(":")
    changes = _EVOLVE[type(event)](before, event)
    return replace(
        before,
        version=before.version + 1,
        latest=event.recorded_at,
        sent={**before.sent, name: before.sent.get(name, 0) + 1},
        **changes,
    )


def fold(events: Iterable[ProcessEvent]) -> Process | None:
    """The process that a stream's events lead to, from its first on; none: there are none."""
    process: Process | None = None
    for event in events:
        process = evolve(process, event)
    return process


Changes = dict[str, Any]


def _asked_to_stop(process: Process, event: StopRequested) -> Changes:
    return {"stops": _added(process.stops, event.cancellation_id, event.items)}


def _told_withdrawn(process: Process, event: StopWithdrawn) -> Changes:
    return {"withdrawn": process.withdrawn | {event.cancellation_id}}


def _told_to_refuse(process: Process, event: RefusalRequested) -> Changes:
    units = {item.line_id: item.quantity for item in event.items}
    if event.message_id.startswith(f"{REFUSE_AGAIN}:"):
        left = {line: max(0, n - units.get(line, 0)) for line, n in process.lapsed.items()}
        return {"lapsed": left}
    return {"refusals": {**process.refusals, **dict.fromkeys(event.shipment_ids, units)}}


def _told_to_take(process: Process, event: RefusalWithdrawn) -> Changes:
    left = {name: of for name, of in process.refusals.items() if name not in event.shipment_ids}
    return {"refusals": left}


def _succeeded(process: Process, event: CancellationSucceeded) -> Changes:
    return {"succeeded": _added(process.succeeded, event.cancellation_id, event.items)}


def _lapsed(process: Process, event: CancellationLapsed) -> Changes:
    return {"lapsed": _sums(process.lapsed, event.items)}


def _held(process: Process, event: RefundHeld) -> Changes:
    return {"held": {**process.held, event.refund_id: (event.reason, event.amount)}}


def _retried(process: Process, event: RefundRetried) -> Changes:
    attempt = (event.attempt, event.recorded_at)
    return {"retried": {**process.retried, event.refund_id: attempt}}


def _exposed(_: Process, event: ExposureChanged) -> Changes:
    return {"at_large": event.items}


def _started(process: Process, event: WaitStarted) -> Changes:
    wait = Wait(
        event.wait,
        event.waits_for,
        event.reason,
        event.items,
        event.recorded_at,
        event.until,
        event.waits_for,
    )
    return {"waits": {**process.waits, event.wait: wait}}


def _changed(process: Process, event: WaitChanged) -> Changes:
    before = process.waits[event.wait]
    wait = replace(
        before,
        reason=event.reason,
        items=event.items,
        until=event.until,
        is_overdue=before.is_overdue and event.until == before.until,
    )
    return {"waits": {**process.waits, event.wait: wait}}


def _passed(process: Process, event: DeadlinePassed) -> Changes:
    before = process.waits[event.wait]
    if event.until is None:
        wait = replace(before, is_overdue=True)
    else:
        wait = replace(
            before,
            waits_for="seller",
            reason=event.reason,
            since=event.recorded_at,
            until=event.until,
        )
    return {"waits": {**process.waits, event.wait: wait}}


def _ended(process: Process, event: WaitEnded) -> Changes:
    return {"waits": {name: wait for name, wait in process.waits.items() if name != event.wait}}


def _added(
    told: Mapping[str, Mapping[str, int]], name: str, items: Iterable[Item]
) -> dict[str, Mapping[str, int]]:
    return {**told, name: _sums(told.get(name, {}), items)}


def _sums(units: Mapping[str, int], items: Iterable[Item]) -> dict[str, int]:
    sums = dict(units)
    add_units(sums, items)
    return sums


_EVOLVE: dict[type[ProcessEvent], Callable[[Process, Any], Changes]] = {
    StopRequested: _asked_to_stop,
    StopWithdrawn: _told_withdrawn,
    RefusalRequested: _told_to_refuse,
    RefusalWithdrawn: _told_to_take,
    CancellationSucceeded: _succeeded,
    CancellationLapsed: _lapsed,
    RefundHeld: _held,
    RefundRetried: _retried,
    ExposureChanged: _exposed,
    WaitStarted: _started,
    WaitChanged: _changed,
    DeadlinePassed: _passed,
    WaitEnded: _ended,
}
