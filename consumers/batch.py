"""One batch being decided: the outcomes, and what has to be written with its events."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Literal, NamedTuple
from uuid import UUID

from application.event_store import EventStore, Statement, stream_id
from application.orders import Orders
from consumers import dead_letters, letters_of_orders, notes, parking, traces
from consumers.bad_message import Left, internal_error
from consumers.cloudevents import BadMessage, Heard, Incoming, hear
from consumers.dead_letters import DeadLetter
from consumers.letters_of_orders import Told
from consumers.parking import Key, Parked, Waiting
from consumers.record_batches import Unreadable
from domain.commands import PlaceOrder
from domain.corrections import effective_facts
from domain.events import FactCorrected
from domain.order import Problem

log = logging.getLogger(__name__)

Outcome = Literal["recorded", "repeated", "refused", "parked", "dead"]
Record = Incoming | Unreadable
Said = Heard | BadMessage
Result = tuple[Outcome, Problem | None]


class Released(NamedTuple):
    """A parked message that was decided when its order came."""

    order_id: str
    source: str | None
    message_id: str | None
    outcome: Outcome


class Batch:
    """Decides records one after another, then says what to write. Good for one try."""

    def __init__(self, store: EventStore, orders: Orders, now: int, note_key: bytes) -> None:
        self.order_ids: set[str] = set()
        self.outcomes: list[Outcome] = []
        self.problems: list[Problem | None] = []
        self.released: list[Released] = []
        self._store, self._orders = store, orders
        self._now, self._note_key = now, note_key
        self._waiting: dict[str, list[Waiting | Parked]] = {}
        self._parked: set[Key] = set()
        self._came: set[Key] = set()
        self._told: dict[str, list[Told]] = {}
        self._placed: dict[str, None] = {}
        self._taken_out: list[Waiting] = []
        self._letters: list[DeadLetter] = []
        self._notes: list[notes.Note] = []
        self._traces: list[traces.Row] = []
        self._corrected: set[str] = set()

    def decide(self, records: Sequence[Record], said: Sequence[Said]) -> None:
        """Decide every record, in order, on the batch's own copies of the orders."""
        self.order_ids = {one.order_id for one in said if one.order_id is not None}
        self._orders.warm(self.order_ids)
        self._look_up(said)
        tell, why = self.outcomes.append, self.problems.append
        for place, one in enumerate(said):
            if type(one) is Heard:
                outcome, problem = self._heard(one, records[place], place)
            else:
                outcome, problem = self._dead(_letter(records[place], one))  # type: ignore[arg-type]
            tell(outcome)
            why(problem)

    def _look_up(self, said: Sequence[Said]) -> None:
        """Fetch what waits for the orders that this batch may place."""
        get = self._orders.get
        new = {
            one.order_id
            for one in said
            if type(one) is Heard and type(one.message) is PlaceOrder and get(one.order_id) is None
        }
        if not new:
            return
        with self._store.connection() as conn, conn.pipeline():
            waiting, told = (
                parking.waiting(conn, new),
                letters_of_orders.of_orders(conn, new, self._now),
            )
            for one in waiting():
                self._waiting.setdefault(one.order_id, []).append(one)
                self._parked.add(one.key)
            for letter in told():
                self._told.setdefault(letter.order_id, []).append(letter)

    def _heard(self, said: Heard, record: Record, place: int | None = None) -> Result:
        order_id, message = said.order_id, said.message
        order = self._orders.get(order_id)
        if order is None and type(message) is not PlaceOrder:
            return self._park(parking.parked(said, record, place)), None  # type: ignore[arg-type]
        try:
            decision = self._orders.decide(order_id, message)
        except Exception as error:  # a bug of ours must not stop the partition
            log.exception("a message could not be decided", extra={"order_id": order_id})
            return self._dead(_letter_of(record, said, internal_error(error)))
        if decision.outcome == "dead":
            why = decision.problem or Problem("value", "dead", "")
            return self._dead(_letter_of(record, said, why))
        if decision.events:
            trace = traces.trace_of(record)  # type: ignore[arg-type]
            if trace is not None:
                self._trace(order_id, len(decision.events), trace)
            self._after(said, first=order is None)
        return decision.outcome, decision.problem

    def _trace(self, order_id: str, events: int, trace: traces.Trace) -> None:
        order = self._orders.get(order_id)
        version = order.version if order is not None else events
        self._traces += traces.rows_of(order_id, version, events, trace)

    def _after(self, said: Heard, *, first: bool) -> None:
        """Do what follows from a message that was recorded or refused."""
        note = notes.note_of(said) if said.note is not None else None
        if note is not None:
            self._notes.append(note)
        if first:
            self._came_in(said.order_id)
        elif type(said.message) is FactCorrected:
            self._corrected.add(said.order_id)

    def _park(self, message: Parked) -> Outcome:
        if message.key in self._parked:
            return "repeated"
        self._parked.add(message.key)
        self._waiting.setdefault(message.said.order_id, []).append(message)
        return "parked"

    def _dead(self, letter: DeadLetter) -> Result:
        """Keep the letter, and let its order show it, now or when it comes."""
        self._letters.append(letter)
        order_id = letter.order_id
        if order_id is not None:
            command = letter.set_aside(self._now)
            if self._orders.get(order_id) is None:
                self._told.setdefault(order_id, []).append(Told(None, order_id, command))
            else:
                self._orders.decide(order_id, command)
                self._corrected.add(order_id)
        return "dead", Problem(letter.field, letter.rule, letter.detail)

    def _came_in(self, order_id: str) -> None:
        """Decide what waited for an order, in arrival order."""
        self._placed[order_id] = None
        for letter in self._told.get(order_id, ()):
            self._orders.decide(order_id, letter.command)
        for one in self._waiting.pop(order_id, ()):
            if isinstance(one, Waiting):
                self._taken_out.append(one)
                outcome = self._again(one.record)
            else:
                outcome = self._heard(one.said, one.record)[0]
            self.released.append(Released(order_id, one.key.source, one.key.message_id, outcome))

    def _again(self, record: Incoming) -> Outcome:
        try:
            said = hear(record, self._now, self._note_key)
        except BadMessage as bad:  # an older version of ours parked it
            return self._dead(_letter(record, bad))[0]
        return self._heard(said, record)[0]

    def statements(self) -> list[Statement]:
        """What to write, and to prove, in the transaction of the batch's events."""
        found = []
        parked = self._to_park()
        if self._taken_out:
            found.append(parking.release(self._taken_out))
        if self._placed:
            told = [one for order_id in self._placed for one in self._told.get(order_id, ())]
            found.append(parking.nobody_waits(self._placed))
            found.append(letters_of_orders.none_missed(self._placed, told))
        if parked:
            found.append(parking.park(parked, self._now, self._came))
        if unknown := self._unknown(parked):
            found.append(parking.still_unknown(unknown))
        if self._letters:
            found.append(dead_letters.keep(self._letters, self._now))
        if resolved := self._resolved():
            found.append(letters_of_orders.resolve(resolved, self._now))
        if self._notes:
            found.append(notes.keep(self._notes, self._now))
        if self._traces:
            found.append(traces.keep(self._traces))
        return found

    def _to_park(self) -> list[Parked]:
        return [one for some in self._waiting.values() for one in some if isinstance(one, Parked)]

    def _unknown(self, parked: Sequence[Parked]) -> list[UUID]:
        """Orders that we believe to be unknown: if one is placed meanwhile, we decide again."""
        ids = {one.said.order_id for one in parked}
        ids |= {one.order_id for one in self._letters if one.order_id is not None}
        return [stream_id(order_id) for order_id in ids if self._orders.get(order_id) is None]

    def _resolved(self) -> list[tuple[str, str, str]]:
        """Letters that a correction speaks for, whichever of the two came first."""
        found = []
        for order_id in self._corrected | (self._placed.keys() & self._told.keys()):
            order = self._orders.get(order_id)
            if order is not None:
                letters = effective_facts(order_id, order.events).resolved_letters
                found += [(order_id, *key) for key in letters]
        return found

    def settle(self) -> None:
        """After the commit: what was parked before already is a repetition."""
        for one in self._to_park():
            if one.place is not None and one.key not in self._came:
                self.outcomes[one.place] = "repeated"


def _letter(record: Record, bad: BadMessage) -> DeadLetter:
    return DeadLetter(
        _as_record(record),
        bad.rule,
        bad.field,
        dead_letters.clean(bad.detail),
        bad.order_id,
        bad.source,
        bad.message_id,
        bad.type,
    )


def _letter_of(record: Record, said: Heard, why: Problem | BadMessage) -> DeadLetter:
    return _letter(record, BadMessage(why.field, why.rule, why.detail, _envelope(said)))


def _envelope(said: Heard) -> Left:
    return Left(said.order_id, said.source, said.message_id, said.type)


def _as_record(record: Record) -> Incoming:
    return record.as_record() if isinstance(record, Unreadable) else record
