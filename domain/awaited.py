"""Every wait of an order's process, those that have ended too, and what was done about each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from domain import events as of_order
from domain import process_events as of_process
from domain.events import Event
from domain.items import Item
from domain.process_events import (
    DeadlinePassed,
    ProcessEvent,
    WaitChanged,
    WaitEnded,
    WaitsFor,
    WaitStarted,
)
from domain.timeline import Entry, timeline

_FIRST, _LAST = 4, 16
"""Steps told of a wait: so many of the first, and of the latest."""


class Step(Struct, frozen=True, gc=False):
    """Something that was done about a wait, or that happened to what it is about."""

    at: int
    what: str


class Awaited(Struct, frozen=True, gc=False):
    """One wait, from its start on; of a seller: a case. Times are microseconds, ours."""

    number: int
    """The version of the process at which it started: a name that may wait again has more."""
    wait: str
    waits_for: WaitsFor
    reason: str
    items: tuple[Item, ...]
    since: int
    until: int | None
    ended_at: int | None = None
    steps: tuple[Step, ...] = ()


def awaited(events: Sequence[Event], did: Sequence[ProcessEvent]) -> list[Awaited]:
    """All waits, in the order in which they started; both streams from their first event on."""
    if not any(type(event) is WaitStarted for event in did):
        return []
    told = timeline(events, did)
    about = list(_subjects(told))
    found: list[Awaited] = []
    open_now: dict[str, int] = {}
    for place, entry in enumerate(told):
        event = entry.event
        if isinstance(event, WaitStarted):
            open_now[event.wait] = len(found)
            found.append(_started(event, entry.version))
        elif isinstance(event, WaitChanged | DeadlinePassed):
            index = open_now[event.wait]
            found[index] = _changed(found[index], event)
        elif isinstance(event, WaitEnded):
            index = open_now.pop(event.wait)
            ended = replace(found[index], ended_at=event.recorded_at)
            found[index] = _with_steps(ended, told[: place + 1], about)
    for index in open_now.values():
        found[index] = _with_steps(found[index], told, about)
    return found


# As `domain.late_cancellation` has it, which keeps more of a process, and none that has ended.
def _started(event: WaitStarted, number: int) -> Awaited:
    return Awaited(
        number,
        event.wait,
        event.waits_for,
        event.reason,
        event.items,
        event.recorded_at,
        event.until,
    )


def _changed(before: Awaited, event: WaitChanged | DeadlinePassed) -> Awaited:
    if isinstance(event, WaitChanged):
        return replace(before, reason=event.reason, items=event.items, until=event.until)
    if event.until is None:
        return before
    return replace(
        before,
        waits_for="seller",
        reason=event.reason,
        since=event.recorded_at,
        until=event.until,
    )


def _with_steps(wait: Awaited, told: Sequence[Entry], about: Sequence[frozenset[str]]) -> Awaited:
    wanted = {_subject(wait.wait), *(f"decision:{item.line_id}" for item in wait.items)}
    steps = [
        Step(entry.event.recorded_at, entry.sentence)
        for entry, subjects in zip(told, about, strict=False)
        if not wanted.isdisjoint(subjects)
    ]
    return replace(wait, steps=_shortened(steps))


def _shortened(steps: list[Step]) -> tuple[Step, ...]:
    """Leave out the middle of a long story: a refund is asked for again and again."""
    left_out = steps[_FIRST:-_LAST]
    if len(left_out) < 2:  # noqa: PLR2004  # one is as short as the word for it
        return tuple(steps)
    word = Step(left_out[-1].at, f"{len(left_out)} more steps; the order's timeline has them all.")
    return (*steps[:_FIRST], word, *steps[-_LAST:])


def _subject(wait: str) -> str:
    """What a wait is about, such as `stop:c-1`; a seller's *not stopped* makes it `stop:c-1#2`."""
    return wait.partition("#")[0]


def _subjects(told: Sequence[Entry]) -> Iterator[frozenset[str]]:
    """What each event is about, in the names of the waits that it concerns."""
    lines_of: dict[str, set[str]] = {}
    for entry in told:
        event = entry.event
        if isinstance(event, of_order.ShippedFromWarehouse):
            lines_of.setdefault(event.shipment_id, set()).update(
                item.line_id for item in event.items
            )
        find = _ABOUT.get(type(event))
        yield frozenset(find(event, lines_of)) if find else frozenset()


Lines = dict[str, set[str]]


def _cancellation(event: Any, _: Lines) -> list[str]:  # noqa: ANN401  # one of several shapes
    return [f"stop:{event.cancellation_id}"]


def _refund(event: Any, _: Lines) -> list[str]:  # noqa: ANN401  # one of several shapes
    return [f"pay:{event.refund_id}"]


def _parcel(event: Any, lines_of: Lines) -> list[str]:  # noqa: ANN401  # one of several shapes
    named = event.items if event.items is not None else ()
    lines = {item.line_id for item in named} or lines_of.get(event.shipment_id, set())
    return [f"refuse:{event.shipment_id}", *_goods(lines)]


def _told_parcels(event: Any, _: Lines) -> list[str]:  # noqa: ANN401  # one of several shapes
    return [f"refuse:{shipment_id}" for shipment_id in event.shipment_ids]


def _items(event: Any, _: Lines) -> list[str]:  # noqa: ANN401  # one of several shapes
    return _goods({item.line_id for item in event.items})


def _goods(lines: set[str]) -> list[str]:
    kinds = ("unaccounted", "return", "damaged", "lost", "large", "returned", "wanted_lost")
    return [f"{kind}:{line_id}" for line_id in lines for kind in kinds]


_ABOUT: dict[type[Event], Callable[[Any, Lines], list[str]]] = {
    of_order.CancellationConfirmed: _cancellation,
    of_order.CancellationWithdrawn: _cancellation,
    of_order.StopRefused: _cancellation,
    of_order.Delivered: lambda event, _: [f"refuse:{event.shipment_id}"],
    of_order.DeliveryRejected: _parcel,
    of_order.LostInTransit: _parcel,
    of_order.ReturnedToWarehouse: _items,
    of_order.RefundRequested: _refund,
    of_order.RefundIssued: _refund,
    of_order.RefundFailed: _refund,
    of_order.CaseDecided: lambda event, _: [
        f"decision:{event.line_id}",
        *("odd" for settled in event.settles if settled.kind == "odd"),
    ],
    of_order.DecisionRefused: lambda event, _: [f"decision:{event.line_id}"],
    of_process.StopRequested: _cancellation,
    of_process.StopWithdrawn: _cancellation,
    of_process.CancellationSucceeded: _cancellation,
    of_process.RefusalRequested: _told_parcels,
    of_process.RefusalWithdrawn: _told_parcels,
    of_process.RefundRetried: _refund,
    of_process.CancellationLapsed: _items,
    of_process.ExposureChanged: _items,
    WaitStarted: lambda event, _: [_subject(event.wait)],
    WaitChanged: lambda event, _: [_subject(event.wait)],
    DeadlinePassed: lambda event, _: [_subject(event.wait)],
    WaitEnded: lambda event, _: [_subject(event.wait)],
}
"""What an event is about. Others, such as a placed order, are about no wait in particular."""
