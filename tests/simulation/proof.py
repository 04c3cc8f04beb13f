"""What must hold in every story, after each transaction and at its end."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from uuid import UUID

from application.deadlines import Row
from application.event_store import stream_id
from application.late_cancellations import POSITION, Rules
from application.recording import Append, Statement
from consumers.topics import SAID
from domain import late_cancellation
from domain import order as orders
from domain.events import Event, OrderPlaced, RefundRequested
from domain.late_cancellation import Process
from domain.money import to_text
from domain.next_steps import advance
from domain.order import Order
from domain.process_events import ProcessEvent
from tests.simulation.actors import PUBLISH
from tests.simulation.broker import Broker
from tests.simulation.provider import Provider
from tests.simulation.said import topics_of
from tests.simulation.store import MemoryStore
from tests.walk.complete import units_of
from tests.walk.histories import Done, story
from tests.walk.laws import broken
from tests.walk.looking import Commit


class Unproved(Exception):
    """A law does not hold."""


class Proof:
    """Follows every transaction by its own folds, and looks at everything at the end."""

    def __init__(
        self, store: MemoryStore, broker: Broker, provider: Provider, rules: Rules
    ) -> None:
        self._store, self._broker, self._provider = store, broker, provider
        self._rules = rules
        self.orders: dict[UUID, Order] = {}
        self.done: dict[str, tuple[ProcessEvent, ...]] = {}

    def written(self, appends: Sequence[Append], also: Sequence[Statement]) -> None:
        """Judge a transaction that is about to be written."""
        rows = {
            row.stream_id: row
            for one in also
            for row in tuple(one.params)[1:]
            if isinstance(row, Row)
        }
        of_orders: dict[UUID, Sequence[Event]] = {}
        of_processes: dict[str, tuple[ProcessEvent, ...]] = {}
        for stream, _, events in appends:
            if isinstance(events[0], ProcessEvent):
                of_processes[events[0].order_id] = tuple(events)  # type: ignore[arg-type]
            else:
                of_orders[stream] = events
        for order_id, said in of_processes.items():
            stream = stream_id(order_id)
            ours = of_orders.pop(stream, ())
            self._step(stream, Commit(tuple(ours), said, rows.get(stream), moves=False))
        for stream, events in of_orders.items():
            self._hear(stream, events)

    def _step(self, stream: UUID, commit: Commit) -> None:
        order = self.orders[stream]
        done = self.done.get(order.order_id, ())
        first = commit.process_events[0]
        if not commit.order_events:  # facts may have come since it looked
            order = Order(order.placed, order.events[: first.order_version])
        wrong = broken(order, done, commit, first.recorded_at, self._rules)
        if wrong:
            told = story(order, Done(None, done), commit)
            raise Unproved("; ".join(wrong) + "\n" + told)
        self.done[order.order_id] = done + commit.process_events
        self._hear(stream, commit.order_events)

    def _hear(self, stream: UUID, events: Sequence[Event]) -> None:
        order = self.orders.get(stream)
        for event in events:
            order = orders.evolve(order, event)
        if order is None:
            return
        self.orders[stream] = order
        wrong = [*units_of(order.goods())]
        if wrong:
            raise Unproved("; ".join(wrong))

    def at_the_end(self, open_processes: Mapping[str, Process]) -> None:
        """Judge the whole story."""
        wrong = [
            *self._followed(),
            *self._published(),
            *self._money(),
            *(
                f"{order_id} is still open: {list(process.waits)}"
                for order_id, process in open_processes.items()
            ),
        ]
        if wrong:
            raise Unproved("; ".join(wrong))

    def _followed(self) -> Iterator[str]:
        """Everybody has read everything, and nothing is left to do."""
        for name in (POSITION, PUBLISH):
            if self._store.stored_positions.get(name) != self._store.head():
                yield f"{name} is not at the end of the log"
        for order in self.orders.values():
            process = late_cancellation.fold(self.done.get(order.order_id, ()))
            made = advance(order, process, self._now(), *self._rules)
            if made.order_events or made.process_events:
                yield f"{order.order_id}: something is left to do, and nobody looks"

    def _published(self) -> Iterator[str]:
        """Everything at least once, the same bytes under the same id, in order for each order."""
        expected = [
            (topic, one.event.source, one.event.message_id)
            for one in self._store.log
            for topic in topics_of(one.event)
        ]
        for topic in SAID:
            values: dict[str, bytes] = {}
            sequences: dict[str, list[str]] = {}
            for value in self._broker.records(topic):
                message = json.loads(value)
                if values.setdefault(message["id"], value) != value:
                    yield f"{message['id']} was said with other bytes before"
                elif "sequence" in message:
                    told = sequences.setdefault(message["subject"], [])
                    if message["sequence"] not in told:
                        told.append(message["sequence"])
            if len(values) != sum(where == topic for where, _, _ in expected):
                yield f"{topic}: {len(values)} different messages are not what was to be said"
            for order_id, told in sequences.items():
                if told != [f"{n:010}" for n in range(1, len(told) + 1)]:
                    yield f"{order_id}: the sequence has a gap, or is out of order"

    def _money(self) -> Iterator[str]:
        """What was asked for is what is listed; what was paid is what the books say."""
        books, asked = self._provider.books, self._provider.asked
        for refund_id, requests in asked.items():
            if len(set(requests)) > 1:
                yield f"{refund_id} was asked for with different amounts"
        for order in self.orders.values():
            placed: OrderPlaced = order.placed
            money = order.money(self._now(), self._rules.policy)
            paid = [one for one in books.values() if one.order_id == order.order_id]
            requested = [one for one in order.events if isinstance(one, RefundRequested)]
            total = sum(int(one.amount.replace(".", "")) for one in paid)
            if money.refunded != total:
                yield f"{order.order_id}: refunded {money.refunded}, and {total} by the books"
            if total > placed.paid:
                yield f"{order.order_id}: more was paid back than was paid"
            said = {one.refund_id: to_text(one.amount, placed.currency) for one in requested}
            for refund_id, one in books.items():
                if one.order_id == order.order_id and said.get(refund_id) != one.amount:
                    yield f"{refund_id} was paid, and never asked for like that"
            for refund in money.refunds:
                if refund.state != "issued" and refund.reason != "exceeds_paid":
                    yield f"{refund.refund_id} is {refund.state} at the end: {refund.reason}"

    def _now(self) -> int:
        return max(one.event.recorded_at for one in self._store.log)
