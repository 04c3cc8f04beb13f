"""The walk itself: from every state every message, every step of two processes, and every crash.

A state is what is committed (order, process, what is unread, the row, the time) and what is in
flight: up to two wake-ups that have read and not yet committed. A process that dies, or whose
answer is lost, is the same state without its flight, so each crash point is a state of its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple

from domain.next_steps import advance
from domain.order import Order
from tests.walk.histories import DULL, NONE, Broken, Done, Histories, story
from tests.walk.letters import JUMP, Letter
from tests.walk.looking import NOTHING, Commit
from tests.walk.rules import UNIT
from tests.walk.settling import Settling

NO_ROW = -1
ONE_IN = 20
"""Of so many histories that are taken for one that was met before, one is worked out both ways."""


class Kept(NamedTuple):
    """What is committed."""

    order: int
    process: int
    unread: int
    due: int
    """The row's deadline; 0: it has none, NO_ROW: there is no row."""
    leased: bool
    now: int


class Flight(NamedTuple):
    """A wake-up between its reading and its commit."""

    kind: Literal["claimed", "follow", "fire"]
    look: int
    """The number of what it would commit; of a claim: the moment of it."""
    behind: int = 0
    """How many events the order got since it was read."""
    since: int = NONE
    """What of these is for a follower to read."""


Flights = tuple[Flight, ...]
State = tuple[Kept, Flights]
IDLE: Flights = ()


def is_refused(flight: Flight, ours: Commit, written: Flight, theirs: Commit) -> bool:
    """Whether the store refuses our commit once theirs is written."""
    if theirs.order_events and ours.order_events:
        return True  # the version of the order is taken
    if theirs.process_events and ours.process_events:
        return True  # that of the process is
    if theirs.moves and ours.moves:
        return True  # another follower has moved the position
    return is_outdated(flight, ours, written, theirs)


def is_outdated(flight: Flight, ours: Commit, written: Flight, theirs: Commit) -> bool:
    """Whether the row that they wrote has seen newer versions than we have."""
    if ours.row is None or theirs.row is None:
        return False
    return bool(theirs.process_events) or flight.behind > written.behind


class Walk:
    """Visits every state that up to `most` messages, the order's own among them, lead to."""

    def __init__(self, histories: Histories, letters: Iterable[Letter], most: int) -> None:
        self.histories = histories
        self.letters = tuple(letters)
        self.most = most
        self.counts: Counter[str] = Counter()
        self._settling = Settling(histories)
        self._seen: set[State] = set()
        self._judged: set[Kept] = set()
        # Equal parts of states are the same objects: a walk has millions.
        self._kept: dict[Kept, Kept] = {}
        self._flights: dict[Flights, Flights] = {}

    def run(self, start: int) -> Counter[str]:
        """Walk; raises `Broken` at the first state that breaks a law."""
        first: State = (Kept(self.histories.first, 0, DULL, NO_ROW, leased=False, now=start), IDLE)
        level = [first]
        for _ in range(self.most):
            reached = self._all_free(level)
            level = [after for state in reached for after in self._heard(state)]
        self._all_free(level)
        self.counts["states"] = len(self._seen)
        self.counts["committed states"] = len(self._kept)
        self.counts["orders"] = len(self.histories.orders)
        self.counts["processes"] = len(self.histories.processes)
        self.counts["settled"] = len(self._settling.settled)
        return self.counts

    def _all_free(self, level: list[State]) -> list[State]:
        """These states, and all that the processes alone make of them."""
        reached: list[State] = []
        waiting = level
        while waiting:
            state = waiting.pop()
            if state in self._seen:
                continue
            kept = self._kept.setdefault(state[0], state[0])
            state = (kept, self._flights.setdefault(state[1], state[1]))
            self._seen.add(state)
            reached.append(state)
            if kept not in self._judged:
                self._judged.add(kept)
                self._judge(kept)
            for after in self._free(*state):
                self.counts["transitions"] += 1
                if after not in self._seen:
                    waiting.append(after)
        return reached

    def _heard(self, state: State) -> Iterator[State]:
        kept, flights = state
        for letter in self.letters:
            self.counts["transitions"] += 1
            if letter is JUMP:
                yield kept._replace(now=kept.now + UNIT, leased=False), flights
                continue
            order, unread, came = self.histories.hear(kept.order, kept.process, letter, kept.now)
            if unread == NONE:
                continue  # it was repeated, or makes no sense here
            yield self._after_message(state, order, unread)
            if came is not self.histories.orders[order]:
                self._compare(came, order, kept)

    def _after_message(self, state: State, order: int, unread: int) -> State:
        kept, flights = state
        orders = self.histories.orders
        more = orders[order].version - orders[kept.order].version
        after = kept._replace(order=order, unread=max(kept.unread, unread))
        if not flights:
            return after, IDLE
        return after, self._alive(self._outrun(flight, more, unread) for flight in flights)

    def _alive(self, flights: Iterable[Flight | None]) -> Flights:
        return tuple(sorted(flight for flight in flights if flight is not None))

    def _outrun(self, flight: Flight, more: int, unread: int) -> Flight | None:
        """A flight whose order got more events; none: its commit is refused from now on."""
        if flight.kind == "claimed":
            return flight
        if self.histories.looks[flight.look].commit.order_events:
            self.counts["refused"] += 1
            return None
        return flight._replace(behind=flight.behind + more, since=max(flight.since, unread))

    def _free(self, kept: Kept, flights: Flights) -> Iterator[State]:
        """What the processes may do next: read, claim, load, commit; and what a lease does."""
        if len(flights) < 2:
            yield from self._begin(kept, flights)
        for place, flight in enumerate(flights):
            others = flights[:place] + flights[place + 1 :]
            yield kept, others  # it died, or its answer was lost before it was written
            if flight.kind == "claimed":
                look = self.histories.look(
                    kept.order, kept.process, NONE, flight.look, has_row=True
                )
                yield from self._take_off(kept, others, Flight("fire", look))
            else:
                yield self._commit(kept, flight, others)
        if kept.leased:
            yield kept._replace(leased=False), flights

    def _begin(self, kept: Kept, flights: Flights) -> Iterator[State]:
        if kept.unread != NONE:
            look = self.histories.look(
                kept.order, kept.process, kept.unread, kept.now, has_row=kept.due != NO_ROW
            )
            yield from self._take_off(kept, flights, Flight("follow", look))
        if 0 < kept.due <= kept.now and not kept.leased:
            leased = kept._replace(leased=True)
            yield leased, self._alive((*flights, Flight("claimed", kept.now)))

    def _take_off(self, kept: Kept, flights: Flights, flight: Flight) -> Iterator[State]:
        """A flight more; two of which only one can ever commit are the same as one alone."""
        if flights and flights[0].kind != "claimed":
            other = flights[0]
            if not (self.survives(other, flight) or self.survives(flight, other)):
                self.counts["refused"] += 2
                return
        yield kept, self._alive((*flights, flight))

    def _commit(self, kept: Kept, flight: Flight, others: Flights) -> State:
        """Write it; the version checks of the store are in `survives`."""
        look = self.histories.looks[flight.look]
        commit, row = look.commit, look.commit.row
        order, process = look.order, look.process
        if commit.process_events and kept.process != look.seen:  # the store let it through
            order, process = self.histories.write_over(kept.order, kept.process, commit, kept.now)
        after = Kept(
            order if commit.order_events else kept.order,
            process if commit.process_events else kept.process,
            flight.since if commit.moves else kept.unread,
            kept.due if row is None else row.due_at or 0,
            leased=kept.leased and row is None,
            now=kept.now,
        )
        alive = self._alive(self.survives(other, flight) for other in others)
        return after, alive

    def survives(self, flight: Flight, written: Flight) -> Flight | None:
        """A flight after another was written; none: the store refuses it from now on."""
        if flight.kind == "claimed":
            return flight
        ours = self.histories.looks[flight.look].commit
        theirs = self.histories.looks[written.look].commit
        flight = flight._replace(behind=flight.behind + len(theirs.order_events))
        if is_refused(flight, ours, written, theirs):
            self.counts["refused"] += 1
            return None
        return flight

    def _judge(self, kept: Kept) -> None:
        """No wake-up is lost, nothing is done too early, and there is a way on."""
        ours, done = self.histories.orders[kept.order], self.histories.processes[kept.process]
        will_look = kept.unread > DULL or (kept.unread == DULL and kept.due != NO_ROW)
        if not will_look:
            if not 0 < kept.due <= kept.now and self._has_steps(kept, kept.now):
                raise Broken(f"nobody looks, and something is to be done\n{_told(ours, done)}")
            if kept.due > kept.now and self._has_steps(kept, kept.due - 1):
                raise Broken(f"something is to be done before {kept.due}\n{_told(ours, done)}")
        if kept.unread == NONE and not 0 < kept.due <= kept.now:
            self._settling.settle(kept.order, kept.process, kept.now)

    def _has_steps(self, kept: Kept, now: int) -> bool:
        self.counts["looks for a lost wake-up"] += 1
        ours, done = self.histories.orders[kept.order], self.histories.processes[kept.process]
        made = advance(ours, done.process, now, *self.histories.rules)
        return bool(made.order_events or made.process_events)

    def _compare(self, came: Order, order: int, kept: Kept) -> None:
        """Two histories are taken for the same: a share of them is worked out both ways."""
        self.counts["taken for the same"] += 1
        if self.counts["taken for the same"] % ONE_IN:
            return
        self.counts["worked out both ways"] += 1
        process, rules = self.histories.processes[kept.process].process, self.histories.rules
        ways = [
            advance(one, process, kept.now, *rules) for one in (came, self.histories.orders[order])
        ]
        found = [(way.order_events, way.process_events, way.due_at) for way in ways]
        if found[0] != found[1]:
            raise Broken(f"not the same, and taken for it: {found}")


def _told(ours: Order, done: Done) -> str:
    return story(ours, done, NOTHING)
