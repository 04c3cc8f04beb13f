"""The ingest loop: poll a batch, hear, decide, commit events and positions together, repeat.

Positions live in the database and nowhere else. Whatever goes wrong, the way out is the same:
drop the batch, read the positions again, seek, go on.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Protocol

from application.event_store import (
    Conflict,
    EventStore,
    StalePosition,
    Step,
    StoreUnavailable,
    UnknownStoredName,
)
from consumers.backlog import Backlog
from consumers.bad_message import internal_error
from consumers.batch import Record
from consumers.cloudevents import BadMessage
from consumers.dead_limit import DeadLimit, Window
from consumers.intake import Contended, Taken
from consumers.kafka import KafkaRefused, KafkaSettings, KafkaUnavailable, Member, OutOfRange
from consumers.partitions import Standing, stand
from consumers.polled import Item, by_place, last_offsets, merged
from consumers.topics import Place
from consumers.watchdog import Watchdog

log = logging.getLogger(__name__)

POLL = 0.5
"""Seconds that a poll waits for records."""
LOOK_AGAIN = 10.0
"""Seconds after which a stopped partition is looked at again."""
TELL = 1.0
LONGEST_PAUSE = 8.0
STOP_AT = DeadLimit()
_NO_FAULT_OF_A_RECORD = (
    Conflict,
    StoreUnavailable,
    Contended,
    UnknownStoredName,
    KafkaUnavailable,
    KafkaRefused,
)


def nowhere(_: str) -> None:
    """Do nothing at a named point of the loop."""


class Forgetful(Protocol):
    """What is remembered for partitions that are ours, and forgotten when they are not."""

    def forget(self) -> None: ...


class WayIn(Protocol):
    """Where the records go: the intake, or a translation. `hear` says which are bad."""

    @property
    def orders(self) -> Forgetful: ...
    def hear(self, records: Sequence[Record]) -> list[Any]: ...
    def record(
        self, records: Sequence[Record], said: Sequence[Any], steps: Sequence[Step] = ()
    ) -> Taken: ...


class Ingest:
    """One member of the group, or (`places`) one that reads what it is told to, on its own.

    `at` is called at named points, for fault tests: "polled", "committed".
    """

    def __init__(  # noqa: PLR0913 - the parts that it joins, and two for tests
        self,
        store: EventStore,
        intake: WayIn,
        kafka: KafkaSettings,
        limit: DeadLimit = STOP_AT,
        *,
        places: Collection[Place] | None = None,
        at: Callable[[str], None] = nowhere,
    ) -> None:
        self.counts: Counter[str] = Counter()
        """Records by what became of them, batches, and `stale` ones that were turned away."""
        self.stopped: dict[Place, str] = {}
        self._store, self._intake = store, intake
        self._kafka, self._limit = kafka, limit
        self._places, self._reached = places, at
        self._member: Member | None = None
        self._backlog = Backlog(kafka.max_records)
        self._at: dict[Place, int | None] = {}
        self._next: dict[Place, int] = {}
        self._windows: dict[Place, Window] = {}
        self._need: set[Place] = set()
        self._beat: Callable[[], None] = lambda: None
        self._failures = 0
        self._retry_at = self._look_at = self._tell_at = 0.0

    def run(self, stop: threading.Event, silence: float = 60.0) -> None:
        """Work until `stop` is set. Raises KafkaRefused when only an operator can help.

        Raises UnknownStoredName when a newer version of us wrote to an order: it goes on, not we.
        Ends the process with exit code 70 when nothing moves for `silence` seconds.
        """
        with Watchdog(silence) as dog:
            self._beat = dog.beat
            try:
                while not stop.is_set():
                    dog.beat()
                    self.turn()
            finally:
                self._leave()

    def turn(self, timeout: float = POLL) -> None:
        """One round: notice what changed, poll, take what came."""
        try:
            member = self._member or self._join()
            self._notice(member)
            self._settle(member)
            polled = self._backlog.poll(member, self._at, timeout)
            self._notice(member)
            known = {place: some for place, some in polled.items() if place in self._at}
            if known:
                self._take(known)
            elif not self._backlog:
                self._idle(member)
        except OutOfRange as out:
            self._drop(out.places)
        except KafkaUnavailable as gone:
            log.warning("Kafka is away: %s", gone)
            self._leave()
            self._pause_before_retry(sleep=True)

    def _join(self) -> Member:
        member = Member(self._kafka, self._places)
        try:
            member.places()  # says clearly when topics are missing
        except BaseException:
            member.close()
            raise
        self._member = member
        return member

    def _leave(self) -> None:
        if self._member is not None:
            self._member.close()
        self._member = None
        self._forget()

    def _forget(self) -> None:
        self._intake.orders.forget()
        self._backlog.forget()
        for known in (self._at, self._next, self._windows, self.stopped):
            known.clear()
        self._need = set()

    def _notice(self, member: Member) -> None:
        """Learn of a rebalance: with eager assignment all of ours go, then all of ours come."""
        came, lost = member.noted()
        if lost:
            self._forget()
        if came:
            log.info("partitions assigned: %s", sorted(came))
            self._need |= came

    def _settle(self, member: Member) -> None:
        """Read the positions of new, dropped and stopped partitions, and start them from there."""
        now = time.monotonic()
        if now >= self._look_at:
            self._look_at = now + LOOK_AGAIN
            self._need |= self.stopped.keys()
        if not self._need or now < self._retry_at:
            return
        try:
            found = stand(self._store, member, self._need, self._limit)
        except StoreUnavailable as away:
            self._database_away(away)
            return
        self._failures = 0
        self._need = set()
        for standing in found.values():
            self._stop_or_keep(standing)
        member.start({one.place: one.next for one in found.values() if one.stopped is None})
        member.hold({one.place: one.end for one in found.values() if one.stopped is not None})

    def _stop_or_keep(self, standing: Standing) -> None:
        place = standing.place
        if standing.stopped is None:
            self.stopped.pop(place, None)
            self._at[place] = standing.position
            self._next[place] = standing.next
            self._windows[place] = standing.window
            return
        if self.stopped.get(place) != standing.stopped:
            log.error("partition %s/%s is stopped: %s", *place, standing.stopped)
        self.stopped[place] = standing.stopped

    def _take(self, polled: Mapping[Place, list[Record]]) -> None:
        self._reached("polled")
        try:
            heard = {place: self._hear(place, some) for place, some in polled.items()}
            self._record(merged(heard))
        except StalePosition as stale:
            self.counts["stale"] += 1
            log.warning("a batch is dropped: %s", stale)
            self._drop(polled)
        except (StoreUnavailable, Contended) as away:
            self._database_away(away)
        else:
            self._check_windows(polled)
            self._tell()

    def _hear(self, place: Place, records: list[Record]) -> list[Item]:
        """Hear a partition's records, up to the one that is a bad one too many."""
        said = self._intake.hear(records)
        items = list(zip(records, said, strict=True))
        if not any(type(one) is BadMessage for one in said):
            return items
        seen = self._windows[place].copy()
        for number, one in enumerate(said, 1):
            seen.add(dead=type(one) is BadMessage)
            if seen.over:
                return items[:number]
        return items

    def _record(self, items: Sequence[Item]) -> None:
        """Commit; what cannot be committed for no known reason is halved until one is left."""
        records, said = [one[0] for one in items], [one[1] for one in items]
        self._beat()
        try:
            taken = self._intake.record(records, said, self._steps(records))
        except _NO_FAULT_OF_A_RECORD:
            raise
        except Exception as error:
            if len(items) == 1 and type(said[0]) is BadMessage:
                raise
            log.exception("a batch of %s could not be written", len(items))
            half = len(items) // 2
            alone = [(records[0], internal_error(error))]
            for part in (items[:half], items[half:]) if half else (alone,):
                self._record(part)
        else:
            self._reached("committed")
            self._committed(records, taken)

    def _steps(self, records: Sequence[Record]) -> list[Step]:
        reached = last_offsets(records)
        return [Step(place.position, self._at[place], last) for place, last in reached.items()]

    def _committed(self, records: Sequence[Record], taken: Taken) -> None:
        self.counts["batches"] += 1
        self.counts.update(taken.outcomes)
        for place, last in last_offsets(records).items():
            self._at[place], self._next[place] = last, last + 1
        dead = "dead" in taken.outcomes
        for place, outcomes in by_place(records, taken.outcomes).items():
            if dead:
                for outcome in outcomes:
                    self._windows[place].add(dead=outcome == "dead")
            else:
                self._windows[place].add_good(len(outcomes))

    def _check_windows(self, places: Collection[Place]) -> None:
        self._drop([place for place in places if self._windows[place].over])

    def _drop(self, places: Collection[Place]) -> None:
        """Stop reading these partitions until their positions are read again."""
        if not places or self._member is None:
            return
        self._member.pause(places)
        self._backlog.forget(places)
        self._need |= set(places)
        for place in places:
            self._at.pop(place, None)

    def _database_away(self, error: Exception) -> None:
        """Pause everything, but go on polling: the group must not think that we are dead."""
        log.warning("nothing is read until the database is back: %s", error)
        self._drop(list(self._at))
        self._pause_before_retry(sleep=False)

    def _pause_before_retry(self, *, sleep: bool) -> None:
        pause = min(LONGEST_PAUSE, 0.25 * 2**self._failures)
        self._failures = min(self._failures + 1, 10)
        self._retry_at = time.monotonic() + pause
        if sleep:
            time.sleep(pause)

    def _idle(self, member: Member) -> None:
        """Step over what is not for us, such as marks of transactions, so that no lag is left."""
        beyond = {}
        for place in self._at:
            reads = member.read_to(place)
            if reads is not None and reads > self._next[place]:
                beyond[place] = reads
        if beyond:
            self._step_over(beyond)
        self._tell()

    def _step_over(self, beyond: Mapping[Place, int]) -> None:
        steps = [Step(at.position, self._at[at], reads - 1) for at, reads in beyond.items()]
        try:
            self._store.append([], steps)
        except (Conflict, StoreUnavailable):
            self._drop(list(self._at))
            return
        for place, reads in beyond.items():
            self._at[place], self._next[place] = reads - 1, reads

    def _tell(self) -> None:
        now = time.monotonic()
        if self._member is None or self._places is not None or now < self._tell_at:
            return
        self._tell_at = now + TELL
        known = {place: last for place, last in self._at.items() if last is not None}
        if known:
            self._member.tell(known)
