"""Orders and processes of the walk, each kept once, and what messages and wake-ups make of them."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import NamedTuple

from application.late_cancellations import Rules
from domain import order as orders
from domain.events import Event
from domain.late_cancellation import INTERESTING, Process, evolve
from domain.order import Order, decide
from domain.process_events import SOURCE, ProcessEvent
from tests.walk.laws import broken
from tests.walk.letters import Letter, placed
from tests.walk.looking import Commit, Looker
from tests.walk.sameness import OrderKeys, process_key

NO_PROCESS = 0
NONE, DULL, INTERESTED = 0, 1, 2
"""What is unread: nothing that a runner looks at, only what needs a row, or what may begin one."""


class Done(NamedTuple):
    """A process, and the events that made it."""

    process: Process | None
    events: tuple[ProcessEvent, ...]


class Look(NamedTuple):
    """What one wake-up leads to, in numbers of orders and processes."""

    commit: Commit
    order: int
    process: int
    seen: int
    """The process that was looked at."""


class Broken(Exception):
    """A law does not hold."""


class Histories:
    """Every order and every process that was met, by number."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.orders: list[Order] = []
        self.processes: list[Done] = [Done(None, ())]
        self.looker = Looker(rules)
        self._order_keys = OrderKeys()
        self._order_numbers: dict[Hashable, int] = {}
        self._process_numbers: dict[Hashable, int] = {None: NO_PROCESS}
        self.looks: list[Look] = []
        self._look_numbers: dict[tuple[int, int, int, int], int] = {}
        first = decide(None, placed(), rules.policy).events
        self.first = self.number_order(Order(first[0], first))  # type: ignore[arg-type]

    def number_order(self, order: Order) -> int:
        """The number of an order, a new one if none like it was met before."""
        number = self._order_numbers.setdefault(self._order_keys.key(order), len(self.orders))
        if number == len(self.orders):
            self.orders.append(order)
        return number

    def _number_process(self, done: Done) -> int:
        key = process_key(done.process)
        number = self._process_numbers.setdefault(key, len(self.processes))
        if number == len(self.processes):
            self.processes.append(done)
        return number

    def hear(self, order: int, process: int, letter: Letter, now: int) -> tuple[int, int, Order]:
        """The order after a message, what is unread of it then, and the order as it came."""
        before = self.orders[order]
        message = letter.say(before, self.processes[process].process, now)
        events = () if message is None else decide(before, message, self.rules.policy).events
        if not events:
            return order, NONE, before
        after = before
        for event in events:
            after = orders.evolve(after, event)
        unread = max(kind_of(event) for event in events)
        return self.number_order(after), unread, after

    def look(self, order: int, process: int, unread: int, now: int, *, has_row: bool) -> int:
        """What the real runner commits: it follows what is unread, or (NONE) fires a deadline."""
        known = (order, process, unread + 4 * has_row, now)
        found = self._look_numbers.get(known)
        if found is None:
            found = self._look_numbers[known] = len(self.looks)
            self.looks.append(self._look(order, process, unread, now, has_row=has_row))
        return found

    def _look(self, order: int, process: int, unread: int, now: int, *, has_row: bool) -> Look:
        ours, done = self.orders[order], self.processes[process]
        if unread == NONE:
            commit = self.looker.fire(ours, done.events, now)
        else:
            event = _one_of(ours, unread)
            commit = self.looker.follow(ours, done.events, has_row=has_row, unread=event, now=now)
        self._judge(ours, done, commit, now)
        return Look(commit, *self._after(order, process, commit), process)

    def _judge(self, ours: Order, done: Done, commit: Commit, now: int) -> None:
        wrong = broken(ours, done.events, commit, now, self.rules)
        if wrong:
            raise Broken("; ".join(wrong) + "\n" + story(ours, done, commit))

    def write_over(self, order: int, process: int, commit: Commit, now: int) -> tuple[int, int]:
        """What a commit leads to that saw an older process, judged as if it fits."""
        self._judge(self.orders[order], self.processes[process], commit, now)
        return self._after(order, process, commit)

    def _after(self, order: int, process: int, commit: Commit) -> tuple[int, int]:
        ours, done = self.orders[order], self.processes[process]
        for event in commit.order_events:
            ours = orders.evolve(ours, event)
        state = done.process
        for said in commit.process_events:
            state = evolve(state, said)
        if commit.order_events:
            order = self.number_order(ours)
        if commit.process_events:
            process = self._number_process(Done(state, done.events + commit.process_events))
        return order, process


def kind_of(event: Event) -> int:
    """Whether a runner that reads this event may have to look at its order."""
    if event.source == SOURCE:
        return NONE
    return INTERESTED if type(event) in INTERESTING else DULL


def _one_of(order: Order, unread: int) -> Event:
    return next(event for event in reversed(order.events) if kind_of(event) == unread)


def story(order: Order, done: Done, commit: Commit) -> str:
    """Everything that happened, one event a line, to read why."""
    parts: tuple[tuple[str, Sequence[Event]], ...] = (
        ("order", order.events),
        ("process", done.events),
        ("then, of the order", commit.order_events),
        ("then, of the process", commit.process_events),
    )
    lines = [f"  {part}: {event}" for part, events in parts for event in events]
    return "\n".join([*lines, f"  row: {commit.row}"])
