"""The product through Kafka: processes of `run --role ingest` and one of `run --role project`.

Or with a process manager and the relay beside them: then all that they do is waited for, too.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
from psycopg import Connection

from application.event_store import EventStore
from bench.apart import Failed, end_tree
from bench.figures import Figure
from bench.from_file import check
from bench.meter import Meter
from bench.parts import Broker, Postgres
from bench.told import PREFIX

_NUMBERS = count(1)
_LOOK = 0.01
_SILENCE = 120.0
"""Seconds without progress after which a run has failed."""
_FIRST = 5_000
"""Among so many events of the log is the first that was heard, of all processes."""

_REACHED = """
SELECT coalesce(sum(notification_id + 1)
                FILTER (WHERE starts_with(application_name, 'kafka/')), 0)::bigint,
       CASE count(*) FILTER (WHERE application_name = ANY(%(followers)s))
           WHEN cardinality(%(followers)s)
           THEN min(notification_id) FILTER (WHERE application_name = ANY(%(followers)s))
           ELSE 0
       END
FROM countermand.orders_tracking
"""
_HEARD = """
SELECT count(*) FROM countermand.orders_events
WHERE position('"source":"/countermand/process"' IN convert_from(state, 'UTF8')) = 0
"""
BESIDE = ("process", "publish")
"""The roles that do more than record and show."""


def name(processes: int, beside: tuple[str, ...]) -> str:
    return f"all roles x{processes}" if beside else f"kafka x{processes}"


class Look(NamedTuple):
    """How far it is: messages recorded, and where all followers are. `at` is the wall clock's."""

    at: float
    messages: int
    shown: int


class Run(NamedTuple):
    """What one run needs."""

    server: Postgres
    kafka: Broker
    database_url: str
    folder: Path
    messages: int
    warm_up: int
    batch: int
    beside: tuple[str, ...] = ()
    """Roles that run, too, and have to reach the log's end."""

    @property
    def followers(self) -> list[str]:
        names = {"project": "views"}
        return [f"follower/{names.get(role, role)}" for role in ("project", *self.beside)]


def run(one: Run, processes: int) -> Figure:
    """Start that many ingest processes and a follower; end when the views show everything."""
    with ExitStack() as stack:
        roles = ["ingest"] * processes + ["project", *one.beside]
        environment = _environment(one)
        started = [stack.enter_context(_role(role, environment, one.folder)) for role in roles]
        pids = {"database": [one.server.pid], "broker": [one.kafka.pid]}
        for role, process in zip(roles, started, strict=True):
            pids.setdefault(role if role in one.beside else "client", []).append(process.pid)
        with psycopg.connect(one.database_url, autocommit=True) as conn:
            return _watch(_Watch(conn, one, started), Meter(pids), name(processes, one.beside))


class _Watch(NamedTuple):
    """Whom to look at while it runs."""

    conn: Connection[Any]
    run: Run
    started: list[subprocess.Popen[bytes]]


def _watch(watch: _Watch, meter: Meter, contender: str) -> Figure:
    one = watch.run
    first = _wait(watch, 1)
    meter.start()
    warm = _wait(watch, one.warm_up)
    head, last = 0, _wait(watch, one.messages)
    while head != _head(watch.conn):  # a process manager writes to the log that it reads
        head = _head(watch.conn)
        last = _wait(watch, one.messages, head)
    lap = meter.lap()
    _check(watch, head)
    left = one.messages - first.messages
    cpu = {part: used / left * 1e6 for part, used in lap.cpu.items()}
    after = (one.messages - warm.messages) / (last.at - warm.at)
    return Figure(contender, one.messages, last.at - _began(one), cpu, after)


def _check(watch: _Watch, head: int) -> None:
    """Every message gave its event; who writes events beside them is not checked further here."""
    if not watch.run.beside:
        return check(watch.run.database_url, watch.run.messages, head)
    (found,) = watch.conn.execute(_HEARD).fetchall()
    if found != (watch.run.messages,):
        raise Failed(f"{watch.run.messages} messages, but {found[0]} events of them")
    return None


def _wait(watch: _Watch, messages: int, shown: int = 0) -> Look:
    """Look until that much is recorded and followed."""
    conn, one, started = watch
    before, until = None, time.monotonic() + _SILENCE
    while True:
        (row,) = conn.execute(_REACHED, {"followers": one.followers}, prepare=True).fetchall()
        if row[0] >= messages and row[1] >= shown:
            return Look(time.time(), *row)
        ended = [process.returncode for process in started if process.poll() is not None]
        if ended:
            raise Failed(f"a role ended with {ended}")
        if row != before:
            before, until = row, time.monotonic() + _SILENCE
        elif time.monotonic() > until:
            raise Failed(f"nothing moves: {row[0]} of {messages} messages, followers at {row[1]}")
        time.sleep(_LOOK)


def _head(conn: Connection[Any]) -> int:
    (row,) = conn.execute("SELECT max(notification_id) FROM countermand.orders_events").fetchall()
    return int(row[0])


def _began(one: Run) -> float:
    """When the first record was heard: events say when their batch was."""
    with EventStore.open(one.database_url) as store:
        return min([found.event.recorded_at for found in store.read(0, _FIRST)]) / 1e6


def _environment(one: Run) -> dict[str, str]:
    return {
        **os.environ,
        "COUNTERMAND_DATABASE_URL": one.database_url,
        "COUNTERMAND_KAFKA_BOOTSTRAP_SERVERS": one.kafka.bootstrap,
        "COUNTERMAND_TOPIC_PREFIX": PREFIX,
        "COUNTERMAND_KAFKA_GROUP": f"bench-{next(_NUMBERS)}",
        "COUNTERMAND_BATCH": str(one.batch),
        "COUNTERMAND_LOG_LEVEL": "warning",
    }


@contextmanager
def _role(
    role: str, environment: dict[str, str], folder: Path
) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "runtime.cli", "run", "--role", role]
    process = subprocess.Popen(command, cwd=folder, env=environment, start_new_session=True)
    try:
        yield process
    finally:
        end_tree(process.pid)
        process.wait()
