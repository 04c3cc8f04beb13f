"""Follow the log: read on from a position, apply, and write rows and the position together.

One owner at a time feeds a projection; whoever else tries waits and takes over. NOTIFY is only a
hint to look sooner. Whatever breaks is said in the log and tried again.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from threading import Event as Flag
from typing import Any, NamedTuple, Protocol, Self

import psycopg
from psycopg import Connection, Cursor
from psycopg.conninfo import conninfo_to_dict

from application.collecting import no_collection
from application.event_store import (
    CHANNEL,
    EventStore,
    Recorded,
    Step,
    StoreUnavailable,
    set_positions,
)

_LOG = logging.getLogger(__name__)

_FEW = 1_000
_SECONDS = 1.0
"""A transaction that takes longer is followed by a smaller one, of no less than `_FEW` events."""

_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 10.0
"""Seconds between tries while something is broken."""

_SESSION: dict[str, Any] = {
    "autocommit": True,
    "connect_timeout": 3,
    "keepalives_idle": 10,
    "tcp_user_timeout": 15_000,
}
# A frozen owner is thrown out by the server, so that another one can take over. Longer than a poll.
_FROZEN = "-c idle_session_timeout=20s -c idle_in_transaction_session_timeout=20s"


class Projection(Protocol):
    """What a follower feeds. Called by one thread, inside the follower's transaction."""

    @property
    def name(self) -> str:
        """The follower's name; its position is stored as `follower/<name>`."""

    def prepare(self, conn: Connection[Any]) -> None:
        """Make a new connection ready for what is sent over it."""

    def forget(self) -> None:
        """Drop all that is remembered: a transaction failed, or somebody else went on."""

    def apply(self, cursor: Cursor[Any], batch: Sequence[Recorded], now: int) -> None:
        """Write what a batch of events changes. `now` is in microseconds and never goes back."""

    def tick(self, cursor: Cursor[Any], position: int, now: int) -> int:
        """Write what time alone has changed, and return how much that was; 0: nothing (left)."""


class Pace(NamedTuple):
    """How a follower goes on."""

    batch: int = 20_000
    """Events in one transaction at most. The more, the fewer times an order is worked out."""
    poll: float = 0.5
    """Seconds between two looks at the log where nobody says that something was written."""


class Follower:
    """One projection's reader of the log."""

    def __init__(
        self,
        database_url: str,
        store: EventStore,
        projection: Projection,
        clock: Callable[[], int],
        pace: Pace | None = None,
    ) -> None:
        self._database_url = database_url
        self._store = store
        self._projection = projection
        self._clock = clock
        self._pace = pace or Pace()
        self.name = position_of(projection.name)

    def run(self, stop: Flag) -> None:
        """Follow until `stop` is set. What breaks is logged and tried again after a pause."""
        pause = _FIRST_PAUSE
        while not stop.is_set():
            began = time.monotonic()
            try:
                self._follow(stop)
            except (psycopg.OperationalError, StoreUnavailable) as away:
                _LOG.warning("%s waits %.1f s for the database: %s", self.name, pause, away)
                stop.wait(pause)
            except Exception:  # noqa: BLE001  # our own faults too: a view that stands still helps nobody
                _LOG.exception("%s stopped, and starts again in %.1f s", self.name, pause)
                stop.wait(pause)
            healthy = time.monotonic() - began > _LONGEST_PAUSE
            pause = _FIRST_PAUSE if healthy else min(2 * pause, _LONGEST_PAUSE)

    def catch_up(self, timeout: float | None = None) -> int:
        """Apply what is in the log now, or wait until the owner has; return the position.

        Raises TimeoutError after `timeout` seconds, and what the database raises.
        """
        goal = self._store.head()
        until = None if timeout is None else time.monotonic() + timeout
        with self._connect() as conn:
            while True:
                if try_lock(conn, self.name):
                    return self._catch_up(conn, goal, until)
                position = self._store.positions(self.name).get(self.name, 0)
                if position >= goal:
                    return position
                _in_time(until, self.name, position, goal)
                time.sleep(self._pace.poll / 10)

    def _catch_up(self, conn: Connection[Any], goal: int, until: float | None) -> int:
        turn = self._turn(conn)
        while turn.position < goal:
            turn.step()
            _in_time(until, self.name, turn.position, goal)
        # What time alone has changed, too; but no new events, or it would never end beside writers.
        reached = turn.position
        while turn.position == reached and turn.step():
            _in_time(until, self.name, turn.position, goal)
        return turn.position

    def _follow(self, stop: Flag) -> None:
        with self._connect() as conn, _Ear(self._database_url) as ear:
            while not try_lock(conn, self.name):
                if stop.wait(self._pace.poll):
                    return
            turn = self._turn(conn)
            _LOG.info("%s goes on from position %d", self.name, turn.position)
            while not stop.is_set():
                began = time.monotonic()
                done = turn.step()
                if not done:
                    ear.wait(self._pace.poll)
                elif turn.is_level and done >= _FEW:
                    # Many come, and most are of the same orders: each is worked out once a batch.
                    stop.wait(max(0.0, began + self._pace.poll - time.monotonic()))

    def _turn(self, conn: Connection[Any]) -> Turn:
        return Turn(self._store, conn, self._projection, self._clock, self._pace)

    @contextmanager
    def _connect(self) -> Iterator[Connection[Any]]:
        url, name = self._database_url, f"countermand {self.name}"
        options = f"{conninfo_to_dict(url).get('options', '')} {_FROZEN}"
        with psycopg.connect(url, application_name=name, options=options, **_SESSION) as conn:
            self._projection.prepare(conn)
            yield conn


class Turn:
    """The owner's work: one transaction after the other, for as long as its connection lives."""

    def __init__(
        self,
        store: EventStore,
        conn: Connection[Any],
        projection: Projection,
        clock: Callable[[], int],
        pace: Pace,
    ) -> None:
        self._store = store
        self._conn = conn
        self._name = position_of(projection.name)
        self._projection = projection
        self._clock = clock
        self._now = 0
        self._pace = pace
        self._size = min(_FEW, pace.batch)
        self._ticks_at = 0.0
        self._stored = store.positions(self._name).get(self._name)
        self.is_level = False
        """Whether the last batch was all that there was."""
        projection.forget()

    @property
    def position(self) -> int:
        """The last position that was applied; 0: none."""
        return self._stored or 0

    def step(self) -> int:
        """Apply the next batch in one transaction; return how many events, or what time changed.

        Raises StalePosition when somebody else went on, and what the database raises.
        """
        self._now = max(self._now, self._clock())
        began = time.monotonic()
        with no_collection():
            batch = self._store.read(self.position, self._size)
            done = self._write(batch)
        self.is_level = len(batch) < self._size
        self._fit(len(batch), time.monotonic() - began)
        return done

    def _write(self, batch: Sequence[Recorded]) -> int:
        last = batch[-1].position if batch else self.position
        try:
            with self._conn.transaction(), self._conn.cursor() as cursor:
                if batch:
                    # First of all: it locks the position against a swap of rebuilt tables.
                    set_positions(cursor, [Step(self._name, self._stored, last)])
                    self._projection.apply(cursor, batch, self._now)
                done = len(batch) + self._tick(cursor, last, is_idle=not batch)
        except BaseException:
            self._projection.forget()
            raise
        self._stored = last if batch else self._stored
        return done

    def _tick(self, cursor: Cursor[Any], position: int, *, is_idle: bool) -> int:
        """Let time pass, now and then also while there are always more events."""
        if not is_idle and time.monotonic() < self._ticks_at:
            return 0
        self._ticks_at = time.monotonic() + self._pace.poll
        return self._projection.tick(cursor, position, self._now)

    def _fit(self, applied: int, seconds: float) -> None:
        if seconds > _SECONDS:
            self._size = max(self._size // 2, min(_FEW, self._pace.batch))
        elif applied == self._size:
            self._size = min(self._size * 2, self._pace.batch)


class _Ear:
    """Hears that events were written. Deaf, it is a pause: the log is looked at all the same."""

    def __init__(self, database_url: str) -> None:
        self._database_url = database_url
        self._conn: Connection[Any] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def wait(self, seconds: float) -> None:
        """Return when something was written, at the latest after `seconds`."""
        began = time.monotonic()
        try:
            conn = self._listening()
            for _ in conn.notifies(timeout=seconds, stop_after=1):
                pass
        except psycopg.Error as error:
            _LOG.warning("not notified of new events, looking for them instead: %s", error)
            self._close()
            time.sleep(max(0.0, began + seconds - time.monotonic()))

    def _listening(self) -> Connection[Any]:
        if self._conn is None:
            self._conn = psycopg.connect(self._database_url, autocommit=True, connect_timeout=3)
            self._conn.execute(f"LISTEN {CHANNEL}".encode())
        return self._conn

    def _close(self) -> None:
        if self._conn is not None:
            self._conn.close()
            self._conn = None


def position_of(name: str) -> str:
    """What the position of a follower is stored as."""
    return f"follower/{name}"


def try_lock(conn: Connection[Any], name: str) -> bool:
    """Try to become the one owner of `name`, for as long as `conn` lives."""
    key = int.from_bytes(sha256(name.encode()).digest()[:8], signed=True)
    row = conn.execute("SELECT pg_try_advisory_lock(%s)", (key,)).fetchone()
    return row is not None and bool(row[0])


def _in_time(until: float | None, name: str, position: int, goal: int) -> None:
    if until is not None and time.monotonic() > until:
        raise TimeoutError(f"{name} is at position {position}, and has not reached {goal} in time")
