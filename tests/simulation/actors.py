"""The processes of the service, each with nothing but its memory: whoever dies starts anew."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, cast

from application.event_store import EventStore, stream_id
from application.late_cancellations import LateCancellations, Pace, Rules
from application.orders import Orders
from application.owner import position_of
from application.recording import Conflict, Recorded, Statement, Step, StoreUnavailable
from consumers.cloudevents import Heard, Incoming, hear
from consumers.known_orders import Known
from consumers.outgoing import Outgoing
from consumers.saying import said_of
from consumers.topics import CHANNELS, Place
from domain.commands import PlaceOrder
from domain.events import OrderPlaced
from domain.process_events import ProcessEvent
from tests.simulation.broker import Broker, SendUnknown
from tests.simulation.deadlines import MemoryDeadlines
from tests.simulation.store import MemoryStore, Tables, statement

Clock = Callable[[], int]
PARKED = "parked"
PUBLISH = position_of("publish")


class Actor(Protocol):
    """One process. `step` does a little; what it raises is what the real one would log."""

    def step(self) -> bool:
        """Do the next part; false: there is nothing to do now."""


class Ingest:
    """Hears records, decides by the real orders, commits events and positions together."""

    def __init__(self, store: MemoryStore, broker: Broker, clock: Clock, rules: Rules) -> None:
        self._store, self._broker, self._clock = store, broker, clock
        self._orders = Orders(cast("EventStore", store), policy=rules.policy)
        self._places = [Place(topic, n) for topic in CHANNELS for n in range(broker.partitions)]
        self._at: dict[str, int] | None = None

    def step(self) -> bool:
        """Take up to three records of the first partition that has some."""
        try:
            if self._at is None:
                self._orders.forget()
                self._at = self._store.positions("kafka/")
            return self._turn(self._at)
        except (Conflict, StoreUnavailable):
            self._at = None
            return True

    def _turn(self, at: dict[str, int]) -> bool:
        for place in self._places:
            known = at.get(place.position)
            records = self._broker.fetch(place, 0 if known is None else known + 1, 3)
            if records:
                records = _up_to_an_order(records)
                last = records[-1][0]
                self._take([value for _, value in records], Step(place.position, known, last))
                at[place.position] = last
                return True
        return False

    def _take(self, values: list[bytes], step: Step) -> None:
        also: list[Statement] = []
        for value in values:
            said = self._hear(value)
            self._orders.warm([said.order_id])
            if self._orders.get(said.order_id) is not None:
                self._orders.decide(said.order_id, said.message)
            elif isinstance(said.message, PlaceOrder):
                also.append(self._place(said))
            else:
                also.append(self._park(said.order_id, value))
        self._store.append(self._orders.appends(), [step], also)
        self._orders.kept()

    def _hear(self, value: bytes) -> Heard:
        return hear(Incoming(value), self._clock(), b"key" * 11)

    def _place(self, said: Heard) -> Statement:
        """Decide the order, then what waits for it, in arrival order."""
        order_id = said.order_id
        self._orders.decide(order_id, said.message)
        waiting = self._store.tables.get(PARKED, {}).get(order_id, ())
        for value in waiting:
            self._orders.decide(order_id, self._hear(value).message)

        def release(tables: Tables) -> None:
            if tables.setdefault(PARKED, {}).pop(order_id, ()) != waiting:
                raise Conflict("a message was parked while its order came")

        return statement(release)

    def _park(self, order_id: str, value: bytes) -> Statement:
        def park(tables: Tables) -> None:
            if self._store.streams.get(stream_id(order_id)):
                raise Conflict("an order came while a message was being parked for it")
            parked = tables.setdefault(PARKED, {})
            if value not in parked.get(order_id, ()):
                parked[order_id] = (*parked.get(order_id, ()), value)

        return statement(park)


def _up_to_an_order(records: list[tuple[int, bytes]]) -> list[tuple[int, bytes]]:
    """Cut a batch before an order in it, so that what waits for it is parked before it comes."""
    for number, (_, value) in enumerate(records):
        if number and b'"OrderPlaced"' in value:
            return records[:number]
    return records


class Runner:
    """Follows the log and fires deadlines by the real runner, in turns."""

    def __init__(
        self, store: MemoryStore, deadlines: MemoryDeadlines, clock: Clock, rules: Rules
    ) -> None:
        self._runner = LateCancellations(store, deadlines, rules, clock, Pace(5, 2))
        self._begun = False

    def step(self) -> bool:
        """Read on, and fire what is due."""
        try:
            if not self._begun:
                self._runner.begin()
                self._begun = True
            return bool(self._runner.follow() + self._runner.fire())
        except (Conflict, StoreUnavailable):
            self._begun = False
            return True


class Relay:
    """The log to the topics: send, then move the position, by the real words."""

    def __init__(self, store: MemoryStore, broker: Broker) -> None:
        self._store, self._broker = store, broker
        self._at: int | None = None
        self._begun = False

    def step(self) -> bool:
        """Send the next few events; after an error go on from the stored position."""
        try:
            if not self._begun:
                self._at = self._store.positions(PUBLISH).get(PUBLISH)
                self._begun = True
            batch = self._store.read(self._at or 0, 4)
            if batch:
                self._publish(batch)
            return bool(batch)
        except (Conflict, StoreUnavailable, SendUnknown):
            self._begun = False
            return True

    def _publish(self, batch: list[Recorded]) -> None:
        for message in self._said(batch):
            self._send(message)
        self._move(batch[-1].position)

    def _said(self, batch: list[Recorded]) -> list[Outgoing]:
        return [message for one in batch for message in said_of(one, self._known(one))]

    def _send(self, message: Outgoing) -> None:
        self._broker.send(message.channel, message.key or b"", message.value or b"")

    def _move(self, position: int) -> None:
        self._store.append([], [Step(PUBLISH, self._at, position)])
        self._at = position

    def _known(self, one: Recorded) -> Known:
        event, stream = one.event, one.stream_id
        if isinstance(event, ProcessEvent):
            stream = stream_id(event.order_id)
        placed = self._store.streams[stream][0]
        assert isinstance(placed, OrderPlaced)
        return Known(placed.order_id, placed.buyer_id, placed.currency)
