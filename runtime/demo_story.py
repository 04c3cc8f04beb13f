"""What the demo tells: orders are cancelled in time, or cross, are refused, come back, are paid."""

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
    RefundIssued,
    ReturnedToWarehouse,
    ShippedFromWarehouse,
)
from domain.information import OrderInformation, order_information
from domain.money import to_text
from domain.order import Order, evolve
from domain.process_events import (
    CancellationLapsed,
    DeadlinePassed,
    ProcessEvent,
    WaitEnded,
    WaitStarted,
)
from domain.process_sentences import ProcessTeller
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
PAID = "paid back"
LAPSED = "taken all the same"
CASE = "the seller decides"


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
        self._tellers: dict[str, ProcessTeller] = {}
        self._cases: dict[str, set[str]] = {}
        """What each order's seller has to decide about, by the names of the waits."""

    def news(self) -> Iterator[News]:
        """What happened since the last call."""
        for page in self._store.scan(self._position):
            for recorded in page:
                self._position = recorded.position
                found = self._hear(recorded)
                if found:
                    self._kinds.setdefault(found.order_id, set()).add(found.kind)
                    yield found

    def _hear(self, recorded: Recorded) -> News | None:
        if isinstance(recorded.event, ProcessEvent):
            return self._hear_step(recorded.event)
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

    def _hear_step(self, event: ProcessEvent) -> News | None:
        """What the service did by itself: most of it is asking, which says little to a reader."""
        sentence = self._teller(event.order_id).tell(event)
        cases = self._cases.setdefault(event.order_id, set())
        if isinstance(event, WaitEnded):
            cases.discard(event.wait)
        kind = kind_of_step(event)
        if kind == CASE and isinstance(event, WaitStarted | DeadlinePassed):
            cases.add(event.wait)
        return News(event.order_id, kind, sentence, "") if kind else None

    def _teller(self, order_id: str) -> ProcessTeller:
        teller = self._tellers.get(order_id)
        if teller is None:
            from application.event_store import stream_id

            lines = self._orders[stream_id(order_id)].placed.lines
            teller = ProcessTeller({line.line_id: line.title for line in lines})
            self._tellers[order_id] = teller
        return teller

    def paid(self) -> dict[str, str]:
        """The money that was reported as paid back, by currency."""
        sums: Counter[str] = Counter()
        for order in self._orders.values():
            issued = (event for event in order.events if isinstance(event, RefundIssued))
            once = {event.refund_id: event for event in issued}
            for event in once.values():
                sums[event.currency] += event.amount
        return {currency: to_text(total, currency) for currency, total in sorted(sums.items())}

    def examples(self) -> dict[str, str]:
        """One order for each thing that can have happened by now, by what happened."""
        found: dict[str, str] = {}
        now = self._clock()
        for order in self._orders.values():
            info = order_information(order, now, self._policy)
            has_case = bool(self._cases.get(info.order_id))
            what = outcome(info, self._kinds.get(info.order_id, set()), has_case=has_case)
            if what:
                found.setdefault(what, info.order_id)
        return dict(sorted(found.items()))


IN_TIME_DUE = "Cancelled in time, everything else has left: the refund is due"
IN_TIME_HELD = "Cancelled in time, goods still to ship: the refund is held"
AT_THE_DOOR = "Cancelled while it was being shipped: the buyer is to refuse it at the door"
ON_THE_WAY_BACK = "Cancelled too late, refused at the door, on its way back: no refund yet"
BACK_DUE = "Cancelled too late, refused at the door, back again: the refund is due"


IN_TIME_PAID = "Cancelled in time: the refund is paid"
BACK_PAID = "Cancelled too late, refused at the door, back again: the refund is paid"
KEPT = "Cancelled too late, and taken at the door all the same: the cancellation has lapsed"
STUCK = "Nobody can say what became of something: the seller has to decide"


def outcome(info: OrderInformation, kinds: set[str], *, has_case: bool = False) -> str | None:
    """Say what an order is an example of, by its figures and by what happened to it."""
    states: set[str] = {refund.state for refund in info.refunds}
    if has_case:
        return STUCK
    if info.status == "refuse_delivery":
        return AT_THE_DOOR
    if info.status == "returning":
        return ON_THE_WAY_BACK if states <= {"held"} else None
    if CROSSED in kinds:
        return _crossed(states, kinds)
    if "held" in states:
        return IN_TIME_HELD
    return _in_time(states) if kinds <= {IN_TIME, WAITS, PAID} else None


def _crossed(states: set[str], kinds: set[str]) -> str | None:
    if LAPSED in kinds:
        return KEPT
    if BACK not in kinds:
        return None
    if "due" in states:
        return BACK_DUE
    return BACK_PAID if states == {"issued"} else None


def _in_time(states: set[str]) -> str | None:
    if "due" in states:
        return IN_TIME_DUE
    return IN_TIME_PAID if states == {"issued"} else None


def kind_of_step(event: ProcessEvent) -> str | None:
    """Name what a process did, where that is worth telling."""
    if isinstance(event, CancellationLapsed):
        return LAPSED
    is_case = isinstance(event, WaitStarted) and event.waits_for == "seller"
    became_one = isinstance(event, DeadlinePassed) and event.until is not None
    return CASE if is_case or became_one else None


def kind_of(event: Event, was: OrderInformation, is_now: OrderInformation) -> str | None:
    """Name what an event did to an order; None: nothing about cancelling."""
    if isinstance(event, ItemCancelRequested | ShippedFromWarehouse | CancellationConfirmed):
        return _figures_say(_sums(was), _sums(is_now))
    return _SPEAK_FOR_THEMSELVES.get(type(event))


_SPEAK_FOR_THEMSELVES: dict[type[Event], str] = {
    CancellationRefused: TOO_LATE,
    CancellationWithdrawn: CHANGED_MIND,
    DeliveryRejected: REFUSED,
    ReturnedToWarehouse: BACK,
    RefundIssued: PAID,
}


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
