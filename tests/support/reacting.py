"""The reacting world and the core in memory, on a clock that jumps: no Kafka, no database.

The programs are the real ones, each with its book; the service is the domain alone, with everything
in it done at once. A world of months takes seconds, and the same seed is the same story.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

from application.event_store import Recorded, stream_id
from consumers.cloudevents import BadMessage, Incoming, hear
from consumers.known_orders import Known
from consumers.saying import said_of
from domain.commands import PlaceOrder
from domain.events import Event
from domain.late_cancellation import INTERESTING, Process, Terms
from domain.next_steps import advance
from domain.order import Order, decide, evolve
from domain.process_events import ProcessEvent
from domain.refunds import Policy
from runtime.world.book import Book
from runtime.world.habits import DAY, SECOND, World
from runtime.world.loop import PROGRAMS
from runtime.world.program import Program
from runtime.world.wire import Heard, Said, heard

BEGAN = 1_800_000_000_000_000
HOP = SECOND
"""How long a message is on its way."""

Published = Iterator[Heard]


@dataclass
class Core:
    """The domain as a service: everything that a message leads to, at once."""

    policy: Policy
    terms: Terms
    orders: dict[str, Order] = field(default_factory=dict)
    processes: dict[str, Process | None] = field(default_factory=dict)
    due: dict[str, int] = field(default_factory=dict)
    parked: dict[str, list[Said]] = field(default_factory=dict)
    outcomes: Counter[str] = field(default_factory=Counter)
    steps: dict[str, list[Event]] = field(default_factory=dict)
    """All events of an order and its process, as they came."""

    def take(self, message: Said, now: int) -> Published:
        try:
            said = hear(Incoming(message.value, channel=message.channel), now, b"key" * 11)
        except BadMessage as bad:
            raise AssertionError(f"{bad.field}: {bad.rule}: {bad.detail}: {message}") from bad
        order = self.orders.get(said.order_id)
        if order is None and not isinstance(said.message, PlaceOrder):
            self.parked.setdefault(said.order_id, []).append(message)
            return
        decision = decide(order, said.message, self.policy)
        self.outcomes[decision.outcome] += 1
        assert decision.outcome != "dead", (decision, message)
        yield from self._record(said.order_id, order, decision.events)
        yield from self.advance(said.order_id, now)
        for waiting in self.parked.pop(said.order_id, []):
            yield from self.take(waiting, now)

    def advance(self, order_id: str, now: int) -> Published:
        order = self.orders[order_id]
        process = self.processes.get(order_id)
        if process is None and not any(type(event) in INTERESTING for event in order.events):
            return
        done = advance(order, process, now, self.policy, self.terms)
        again = advance(done.order, done.process, now, self.policy, self.terms)
        assert (again.order_events, again.process_events) == ((), ())
        self.orders[order_id], self.processes[order_id] = done.order, done.process
        self.due.pop(order_id, None)
        if done.due_at is not None:
            self.due[order_id] = done.due_at
        events = [*done.order_events, *done.process_events]
        self.steps[order_id] += events
        yield from published(done.order, events, order.version)

    def _record(self, order_id: str, order: Order | None, events: tuple[Event, ...]) -> Published:
        version = order.version if order else 0
        for event in events:
            order = evolve(order, event)
        if order is not None:
            self.orders[order_id] = order
            self.steps.setdefault(order_id, []).extend(events)
            yield from published(order, events, version)


def published(order: Order, events: Iterable[Event], version: int) -> Published:
    """What the relay makes of events; those of the order have the versions after `version`."""
    placed = order.placed
    known = Known(placed.order_id, placed.buyer_id, placed.currency)
    for event in events:
        version += not isinstance(event, ProcessEvent)
        for out in said_of(Recorded(0, stream_id(placed.order_id), version, event), known):
            yield heard(out.channel, out.value, ())


class Killed(Exception):
    """A program ended as if by kill -9."""


POINTS = ("before it is written", "before it is sent", "after it was sent")


def _kill(wanted: str, point: str) -> None:
    if wanted == point:
        raise Killed(point)


class InMemory:
    """A whole world on a clock that jumps."""

    def __init__(self, world: World, folder: Path, terms: Terms, crashes: float = 0) -> None:
        """`crashes`: the share of steps in which a program is killed."""
        self.now = BEGAN
        self.killed = 0
        self._random = Random(world.seed)
        self._crashes = crashes
        self.core = Core(Policy(), terms)
        self.told: list[Said] = []
        """Everything that was said, by anybody."""
        self.programs: dict[str, Program] = {}
        self._folder = folder
        self._world = world
        self._numbers = count()
        self._wakes: dict[str, int] = {}
        self._queue: list[tuple[int, int, str, Any]] = []
        for name in PROGRAMS:
            self.start(name)

    def start(self, name: str) -> None:
        """Start a program, or start it again from its book after it was killed."""
        book = Book(self._folder / f"{name}.book")
        program = PROGRAMS[name](self._world, book)
        with book.step():
            program.begin(BEGAN)
        self.programs[name] = program
        self._wake(name, self.now)

    def _wake(self, name: str, at: int) -> None:
        if self._wakes.get(name) != at:
            self._wakes[name] = at
            self._put(at, "wake", name)

    def _put(self, at: int, what: str, about: Any) -> None:  # noqa: ANN401
        heapq.heappush(self._queue, (at, next(self._numbers), what, about))

    def run(self, until: int) -> None:
        """Let everything happen up to a moment, in microseconds after the beginning."""
        while self._queue and self._queue[0][0] <= BEGAN + until:
            self.now, _, what, about = heapq.heappop(self._queue)
            if what == "wake":
                if self._wakes.get(about) == self.now:
                    del self._wakes[about]
                    self._step(self.programs[about], [])
            elif what == "hear":
                name, message = about
                self._step(self.programs[name], [message])
            elif what == "core":
                self._publish(self.core.take(about, self.now), about.order_id)
            elif self.core.due.get(about) == self.now:
                self._publish(self.core.advance(about, self.now), about)

    def _step(self, program: Program, messages: list[Heard]) -> None:
        point = self._random.choice(POINTS) if self._random.random() < self._crashes else ""
        try:
            self._do_step(program, messages, point)
        except Killed:
            self.killed += 1
            program.book.__exit__()
            self.start(program.name)
            for message in messages:
                self._put(self.now + HOP, "hear", (program.name, message))

    def _do_step(self, program: Program, messages: list[Heard], killed_at: str) -> None:
        """One step as in `Loop`; it may be the program's last."""
        program.now = self.now
        book = program.book
        with book.step():
            for message in messages:
                program.take(message)
            program.do_what_is_due()
            _kill(killed_at, "before it is written")
        unsent = book.unsent(self.now, 1_000)
        _kill(killed_at, "before it is sent")
        for _, said in unsent:
            self._send(said)
        _kill(killed_at, "after it was sent")
        if unsent:
            book.sent([number for number, _ in unsent])
        if (at := book.next_at()) is not None:
            self._wake(program.name, max(at, self.now))

    def _send(self, message: Said) -> None:
        self.told.append(message)
        if message.channel in ("storefront", "warehouse", "payments"):
            self._put(self.now + HOP, "core", message)
        else:
            self._spread(heard(message.channel, message.value, ()))

    def _spread(self, message: Heard) -> None:
        for program in self.programs.values():
            if message.channel in program.hears:
                self._put(self.now + HOP, "hear", (program.name, message))

    def _publish(self, said: Published, order_id: str) -> None:
        for message in said:
            self._spread(message)
        if order_id in self.core.due:
            self._put(self.core.due[order_id], "due", order_id)


MONTHS = 120 * DAY
