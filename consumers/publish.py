"""The relay: the log to our topics, in order for each order, at least once, under ids that stay.

A batch is sent, every batch of it acknowledged, and only then is the position moved, compared and
set. Whatever comes between, the way out is the same: read the position again, go on from there.
What is sent twice is the same bytes under the same id.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from threading import Event as Flag
from typing import Any

from psycopg import Connection
from typing_extensions import override

from application.collecting import no_collection
from application.event_store import Conflict, EventStore, Recorded, Step, set_positions
from application.owner import Job, Owner, Work, position_of
from consumers import publish_letters, traces
from consumers.kafka import KafkaRefused, KafkaSettings, KafkaUnavailable, Sender, check_said
from consumers.known_orders import KnownOrders
from consumers.outgoing import Outgoing
from consumers.saying import said_of

POSITION = position_of("publish")
POLL = 0.5
"""Seconds between two looks at the log where nobody says that something was written."""
FEWEST, MOST = 100, 4_000
"""Events in one batch."""
PATIENCE = 15.0
LARGE = 16_000_000
"""Bytes of a batch that is followed by a smaller one."""

_LOG = logging.getLogger(__name__)


def nowhere(_: str) -> None:
    """Do nothing at a named point."""


class Relay(Work):
    """The owner's work: batch after batch of events, and dead letters between them.

    `at` is called at named points, for fault tests: "beginning", "sending", "sent",
    "letters sent".
    """

    def __init__(
        self,
        store: EventStore,
        conn: Connection[Any],
        sender: Sender,
        clock: Callable[[], int],
        at: Callable[[str], None] = nowhere,
    ) -> None:
        self._store, self._conn, self._sender = store, conn, sender
        self._clock, self._reached = clock, at
        self._orders = KnownOrders()
        self._size = FEWEST
        self._is_level = False
        self._position = _first_position(store)

    @property
    @override
    def position(self) -> int:
        return self._position

    @property
    @override
    def is_level(self) -> bool:
        return self._is_level

    @override
    def step(self) -> int:
        """Publish the next events, and letters; return how many of both.

        Raises StalePosition when somebody else went on, KafkaUnavailable, KafkaRefused, and what
        the database raises. Then begin anew.
        """
        with no_collection():
            batch = self._store.read(self._position, self._size)
            if batch:
                self._publish(batch)
            self._is_level = len(batch) < self._size
            return len(batch) + self._publish_letters()

    def _publish(self, batch: Sequence[Recorded]) -> None:
        messages = self._said(batch)
        self._reached("sending")
        self._sender.send(messages)
        self._reached("sent")
        last = batch[-1].position
        with self._conn.transaction(), self._conn.cursor() as cursor:
            set_positions(cursor, [Step(POSITION, self._position, last)])
        self._position = last
        self._fit(sum(len(one.value or b"") for one in messages))

    def _said(self, batch: Sequence[Recorded]) -> list[Outgoing]:
        with self._conn.cursor(binary=True) as cursor:
            known = self._orders.of(cursor, batch)
            traced = traces.of_events(cursor, batch)
        return [
            message
            for one, order, headers in zip(batch, known, traced, strict=True)
            for message in said_of(one, order, headers)
        ]

    def _fit(self, sent: int) -> None:
        """Many events at once, but not many megabytes."""
        grown = self._size // 2 if sent > LARGE else self._size * 2
        self._size = min(max(grown, FEWEST), MOST)

    def _publish_letters(self) -> int:
        letters = publish_letters.unpublished(self._conn)
        if letters:
            self._sender.send([message for _, message in letters])
            self._reached("letters sent")
            publish_letters.mark(self._conn, [number for number, _ in letters], self._clock())
        return len(letters)


def _first_position(store: EventStore) -> int:
    """Where to go on. The first relay ever stores a position, so that it is seen."""
    if POSITION not in store.positions(POSITION):
        try:
            store.append([], [Step(POSITION, None, 0)])
        except Conflict:
            _LOG.info("another relay began at the same time")
    return store.positions(POSITION)[POSITION]


class Publisher:
    """A process of the role `publish`. One relays, others wait to take over."""

    def __init__(  # noqa: PLR0913 - the parts that it joins, and two for tests
        self,
        database_url: str,
        store: EventStore,
        kafka: KafkaSettings,
        clock: Callable[[], int],
        *,
        poll: float = POLL,
        patience: float = PATIENCE,
        at: Callable[[str], None] = nowhere,
    ) -> None:
        """`patience`: seconds that the brokers have to take a batch, before it is sent anew."""
        self._patience = patience
        self._store, self._kafka = store, kafka
        self._clock, self._reached = clock, at
        self._sender: Sender | None = None
        away = (KafkaUnavailable, KafkaRefused, Conflict)
        job = Job(POSITION, self._begin, poll, away=away)
        self._owner = Owner(database_url, store, job)

    def run(self, stop: Flag) -> None:
        """Relay until `stop` is set. Raises KafkaRefused when topics are missing at the start."""
        try:
            self._wait_for_topics(stop)
            self._owner.run(stop)
        finally:
            self._close()

    def catch_up(self, timeout: float | None = None) -> int:
        """Publish what is in the log now; return the position. Raises TimeoutError."""
        try:
            return self._owner.catch_up(timeout)
        finally:
            self._close()

    def _wait_for_topics(self, stop: Flag) -> None:
        while not stop.is_set():
            try:
                return check_said(self._kafka)
            except KafkaUnavailable as away:
                _LOG.warning("nothing is published until Kafka is back: %s", away)
                stop.wait(1.0)
        return None

    def _begin(self, conn: Connection[Any]) -> Relay:
        self._close()
        self._reached("beginning")
        self._sender = Sender(self._kafka, self._patience)
        return Relay(self._store, conn, self._sender, self._clock, self._reached)

    def _close(self) -> None:
        if self._sender is not None:
            self._sender.close()
        self._sender = None
