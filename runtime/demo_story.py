"""What the demo tells: orders that are cancelled in time, cross, are refused and come back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from domain.events import (
    CancellationConfirmed,
    CancellationRefused,
    CancellationWithdrawn,
    DeliveryRejected,
    Event,
    ItemCancelRequested,
    ReturnedToWarehouse,
    ShippedFromWarehouse,
)
from domain.information import OrderInformation, order_information
from domain.money import to_text
from domain.order import Order, evolve
from domain.process_events import ProcessEvent
from domain.refunds import Policy
from domain.sentences import sentences

if TYPE_CHECKING:
    from application.event_store import EventStore, Recorded

IN_TIME = "cancelled in time"
WAITS = "waits for the warehouse"
CROSSED = "crossed"
REFUSED = "refused at the door"
BACK = "came back"
TOO_LATE = "too late"
CHANGED_MIND = "wanted after all"
KINDS = (IN_TIME, WAITS, CROSSED, REFUSED, BACK, TOO_LATE, CHANGED_MIND)


class News(NamedTuple):
    """One thing that happened to an order: its kind, a sentence, and what it made due."""

    order_id: str
    kind: str
    sentence: str
    due: str


class Story:
    """Reads the log as it grows and finds what is worth telling."""

    def __init__(self, store: EventStore, policy: Policy, clock: Callable[[], int]) -> None:
        self._store = store
        self._policy = policy
        self._clock = clock
        self._orders: dict[UUID, Order] = {}
        self._position = 0
        self._kinds: dict[str, set[str]] = {}
        """What has happened to each order."""

    def news(self) -> Iterator[News]:
        """What happened since the last call."""
        for page in self._store.scan(self._position):
            for recorded in page:
                self._position = recorded.position
                if isinstance(recorded.event, ProcessEvent):
                    continue
                found = self._hear(recorded)
                if found:
                    self._kinds.setdefault(found.order_id, set()).add(found.kind)
                    yield found

    def _hear(self, recorded: Recorded) -> News | None:
        before = self._orders.get(recorded.stream_id)
        after = evolve(before, recorded.event)
        self._orders[recorded.stream_id] = after
        if before is None:
            return None
        now = self._clock()
        was = order_information(before, now, self._policy)
        is_now = order_information(after, now, self._policy)
        kind = kind_of(recorded.event, was, is_now)
        if kind is None:
            return None
        *_, sentence = sentences(after.events)
        return News(is_now.order_id, kind, sentence, newly_due(was, is_now))

    def examples(self) -> dict[str, str]:
        """One order for each thing that can have happened by now, by what happened."""
        found: dict[str, str] = {}
        now = self._clock()
        for order in self._orders.values():
            info = order_information(order, now, self._policy)
            what = outcome(info, self._kinds.get(info.order_id, set()))
            if what:
                found.setdefault(what, info.order_id)
        return dict(sorted(found.items()))


IN_TIME_DUE = "Cancelled in time, everything else has left: the refund is due"
IN_TIME_HELD = "Cancelled in time, goods still to ship: the refund is held"
AT_THE_DOOR = "Cancelled while it was being shipped: the buyer is to refuse it at the door"
ON_THE_WAY_BACK = "Cancelled too late, refused at the door, on its way back: no refund yet"
BACK_DUE = "Cancelled too late, refused at the door, back again: the refund is due"


def outcome(info: OrderInformation, kinds: set[str]) -> str | None:
    """Say what an order is an example of, by its figures and by what happened to it."""
    states = {refund.state for refund in info.refunds}
    if info.status == "refuse_delivery":
        return AT_THE_DOOR
    if info.status == "returning":
        return ON_THE_WAY_BACK if states <= {"held"} else None
    if CROSSED in kinds:
        return BACK_DUE if BACK in kinds and "due" in states else None
    if "held" in states:
        return IN_TIME_HELD
    return IN_TIME_DUE if kinds <= {IN_TIME, WAITS} and "due" in states else None


def kind_of(event: Event, was: OrderInformation, is_now: OrderInformation) -> str | None:
    """Name what an event did to an order; None: nothing about cancelling."""
    if isinstance(event, CancellationRefused):
        return TOO_LATE
    if isinstance(event, CancellationWithdrawn):
        return CHANGED_MIND
    if isinstance(event, DeliveryRejected):
        return REFUSED
    if isinstance(event, ReturnedToWarehouse):
        return BACK
    if isinstance(event, ItemCancelRequested | ShippedFromWarehouse | CancellationConfirmed):
        return _figures_say(_sums(was), _sums(is_now))
    return None


def _figures_say(was: Counter[str], is_now: Counter[str]) -> str | None:
    if is_now["refuse_delivery"] > was["refuse_delivery"]:
        return CROSSED
    if is_now["cancelled"] > was["cancelled"]:
        return IN_TIME
    return WAITS if is_now["requested"] > was["requested"] else None


def _sums(info: OrderInformation) -> Counter[str]:
    sums: Counter[str] = Counter()
    for line in info.lines:
        sums["cancelled"] += line.cancelled
        sums["requested"] += line.requested
        sums["refuse_delivery"] += line.refuse_delivery
    return sums


def newly_due(was: OrderInformation, is_now: OrderInformation) -> str:
    """Write the money that an event made due; empty: none."""
    more = _due(is_now) - _due(was)
    return f"{to_text(more, is_now.currency)} {is_now.currency}" if more > 0 else ""


def _due(info: OrderInformation) -> int:
    return sum(refund.amount for refund in info.refunds if refund.state == "due")
