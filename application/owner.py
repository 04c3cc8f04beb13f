"""One owner at a time does a named work on the log; whoever else tries waits and takes over.

NOTIFY is only a hint to look sooner. Whatever breaks is said in the log and tried again.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from threading import Event as Flag
from typing import Any, NamedTuple, Protocol, Self

import psycopg
from psycopg import Connection
from psycopg.conninfo import conninfo_to_dict

from application.event_store import CHANNEL, EventStore, StoreUnavailable

_LOG = logging.getLogger(__name__)

MANY = 1_000
"""Of so many in one step it is better to wait for more than to go on at once."""

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


class Work(Protocol):
    """What an owner does: one step after the other, for as long as its connection lives."""

    @property
    def position(self) -> int:
        """The last position that was done; 0: none."""

    @property
    def is_level(self) -> bool:
        """Whether the last step took all that there was."""

    def step(self) -> int:
        """Do the next part, and return how much it was; 0: nothing (left).

        Has to use the owner's connection: the server closes one that is silent for 20 seconds.
        """


class Job(NamedTuple):
    """A work that has one owner at a time, and how it is begun."""

    name: str
    begin: Callable[[Connection[Any]], Work]
    """Given the connection that the ownership hangs on."""
    poll: float
    """Seconds between two looks where nobody says that there is something to do."""
    beside: Callable[[], int] = lambda: 0
    """What may be done without owning anything, while another one owns it; how much was done."""
    away: tuple[type[Exception], ...] = ()
    """What else says that something is away for now: it is waited for, as the database is."""


class Owner:
    """One who does a job, or waits to."""

    def __init__(self, database_url: str, store: EventStore, job: Job) -> None:
        self.name = job.name
        self._database_url = database_url
        self._store = store
        self._job = job

    def run(self, stop: Flag) -> None:
        """Work until `stop` is set. What breaks is logged and tried again after a pause."""
        pause = _FIRST_PAUSE
        while not stop.is_set():
            began = time.monotonic()
            try:
                self._work(stop)
            except (psycopg.OperationalError, StoreUnavailable) as away:
                _LOG.warning("%s waits %.1f s for the database: %s", self.name, pause, away)
                stop.wait(pause)
            except self._job.away as away:
                _LOG.warning("%s tries again in %.1f s: %s", self.name, pause, away)
                stop.wait(pause)
            except Exception:  # noqa: BLE001  # our own faults too: one that stands still helps nobody
                _LOG.exception("%s stopped, and starts again in %.1f s", self.name, pause)
                stop.wait(pause)
            healthy = time.monotonic() - began > _LONGEST_PAUSE
            pause = _FIRST_PAUSE if healthy else min(2 * pause, _LONGEST_PAUSE)

    def catch_up(self, timeout: float | None = None) -> int:
        """Do what is in the log now, or wait until the owner has; return the position.

        Raises TimeoutError after `timeout` seconds, and what the database raises.
        """
        goal = self._store.head()
        until = None if timeout is None else time.monotonic() + timeout
        with self._connect() as conn:
            while True:
                if try_lock(conn, self.name):
                    return self._catch_up(self._job.begin(conn), goal, until)
                position = self._store.positions(self.name).get(self.name, 0)
                if position >= goal:
                    return position
                _in_time(until, self.name, position, goal)
                time.sleep(self._job.poll / 10)

    def _catch_up(self, work: Work, goal: int, until: float | None) -> int:
        while work.position < goal:
            work.step()
            _in_time(until, self.name, work.position, goal)
        # What time alone has changed, too; but no new events, or it would never end beside writers.
        reached = work.position
        while work.position == reached and work.step():
            _in_time(until, self.name, work.position, goal)
        return work.position

    def _work(self, stop: Flag) -> None:
        with self._connect() as conn, Ear(self._database_url) as ear:
            while not try_lock(conn, self.name):
                if stop.is_set() or (not self._job.beside() and stop.wait(self._job.poll)):
                    return
            work = self._job.begin(conn)
            _LOG.info("%s goes on from position %d", self.name, work.position)
            while not stop.is_set():
                began = time.monotonic()
                done = work.step()
                if not done:
                    ear.wait(self._job.poll)
                elif work.is_level and done >= MANY:
                    # Many come, and most are of the same orders: each is worked out once a batch.
                    stop.wait(max(0.0, began + self._job.poll - time.monotonic()))

    @contextmanager
    def _connect(self) -> Iterator[Connection[Any]]:
        url, name = self._database_url, f"countermand {self.name}"
        options = f"{conninfo_to_dict(url).get('options', '')} {_FROZEN}"
        with psycopg.connect(url, application_name=name, options=options, **_SESSION) as conn:
            yield conn


class Ear:
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


FOLLOWER = "follower/"
"""What the stored name of every follower's position begins with."""


def position_of(name: str) -> str:
    """What the position of a follower is stored as."""
    return FOLLOWER + name


def try_lock(conn: Connection[Any], name: str) -> bool:
    """Try to become the one owner of `name`, for as long as `conn` lives."""
    row = conn.execute("SELECT pg_try_advisory_lock(%s)", (lock_key(name),)).fetchone()
    return row is not None and bool(row[0])


def unlock(conn: Connection[Any], name: str) -> None:
    """Give up what `try_lock` took, for the next one to have it at once.

    Closing `conn` gives it up, too, but only when the server has noticed, some time after.
    """
    if not conn.closed:
        conn.execute("SELECT pg_advisory_unlock(%s)", (lock_key(name),))


def lock_key(name: str) -> int:
    """The number that PostgreSQL locks for `name`."""
    return int.from_bytes(sha256(name.encode()).digest()[:8], signed=True)


def _in_time(until: float | None, name: str, position: int, goal: int) -> None:
    if until is not None and time.monotonic() > until:
        raise TimeoutError(f"{name} is at position {position}, and has not reached {goal} in time")
