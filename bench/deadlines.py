"""How fast deadlines fire, beside a job queue that only marks rows, and how the next one is found.

Each round: the same open deadlines, all passed at once, fired by one and by two processes; then the
same rows worked off by two processes that take and mark one row in each transaction.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator
from multiprocessing import get_context
from multiprocessing.synchronize import Barrier
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import psycopg

from application.deadlines import DUE, SqlDeadlines
from application.event_store import Append, EventStore, stream_id
from application.late_cancellations import LateCancellations, Rules
from bench import parts
from bench.apart import Failed
from bench.meter import Meter
from bench.parts import Postgres
from bench.progress import say
from domain import events
from domain.events import Event
from domain.items import Item, Line
from domain.late_cancellation import HOUR

BEGAN = 1_800_000_000_000_000
PASSED = BEGAN + 25 * HOUR
WANTED = 5_000
"""Deadlines a second that two cores should fire."""
AT_ONCE = 2_000
LOOKS = 200
RULES = Rules()
OURS, PLAIN = "two processes", "row by row"

_MARK = b"""
UPDATE countermand.processes SET due_at = NULL WHERE ctid = (
    SELECT ctid FROM countermand.processes WHERE due_at <= %s
    ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED
)
"""
_FIRED = (
    b"SELECT count(DISTINCT originator_id), count(*) FROM countermand.orders_events"
    b" WHERE topic = 'DeadlinePassed.v1'"
)


class Fired(NamedTuple):
    """One run of one contender; CPU in microseconds a deadline."""

    contender: str
    per_second: float
    client_us: float
    database_us: float


def main(words: list[str]) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser("python -m bench deadlines", description=__doc__)
    parser.add_argument("--deadlines", type=int, default=100_000, help="open; %(default)s")
    parser.add_argument("--rounds", type=int, default=3, help="%(default)s")
    parser.add_argument("--json", action="store_true", help="as one JSON object")
    asked = parser.parse_args(words)
    with TemporaryDirectory(prefix="cm-bench-") as folder, parts.postgres(Path(folder)) as server:
        found = measure(server, asked.deadlines, asked.rounds)
    print(json.dumps(found) if asked.json else _table(found))
    return 0


def measure(server: Postgres, number: int, rounds: int) -> dict[str, Any]:
    """Let all contenders run; medians of the rounds."""
    runs: list[Fired] = []
    few = max(number // 100, 1)
    with server.database(name="few") as some, server.database(name="many") as many:
        _fill(some, few)
        say(f"one moment: {number:,} orders begin to wait")
        _fill(many, number)
        looks = {few: _next_due(some), number: _next_due(many)}
        for _ in range(rounds):
            for one in _contenders():
                server.settle()
                with server.database(copy_of="many") as url:
                    runs.append(_run(server, url, one, number))
                    say(_line(runs[-1]))
    best = _medians(runs)
    return {
        "deadlines": number,
        "next_due_us": looks,
        "medians": {name: one._asdict() for name, one in best.items()},
        "ratio": best[OURS].per_second / best[PLAIN].per_second,
        "wanted": WANTED,
    }


class Contender(NamedTuple):
    """Who works the deadlines off, and with how many processes."""

    name: str
    processes: int
    work: Callable[[str, Barrier], None]


def _contenders() -> Iterator[Contender]:
    yield Contender(OURS, 2, fire)
    yield Contender("one process", 1, fire)
    yield Contender(PLAIN, 2, mark)


def _run(server: Postgres, url: str, one: Contender, number: int) -> Fired:
    context = get_context("spawn")
    ready = context.Barrier(one.processes + 1)
    workers = [context.Process(target=one.work, args=(url, ready)) for _ in range(one.processes)]
    for worker in workers:
        worker.start()
    meter = Meter({"client": [one.pid or 0 for one in workers], "database": [server.pid]})
    ready.wait(60)
    meter.start()
    ready.wait()  # the last of them; their processes are still there to be looked at
    lap = meter.lap()
    ready.wait()
    for worker in workers:
        worker.join()
    _check(url, number, marked=one.work is mark)
    client, database = (lap.cpu[part] / number * 1e6 for part in ("client", "database"))
    return Fired(one.name, number / lap.seconds, client, database)


def _check(url: str, number: int, *, marked: bool) -> None:
    with psycopg.connect(url) as conn:
        fired = conn.execute(_FIRED).fetchone()
        due = conn.execute(
            b"SELECT count(*) FROM countermand.processes WHERE due_at <= %s", (PASSED,)
        ).fetchone()
    if due != (0,) or fired != ((0, 0) if marked else (number, number)):
        raise Failed(f"of {number} deadlines {fired} were fired, and {due} are left")


def fire(url: str, ready: Barrier) -> None:
    """Fire all deadlines, as a process of the role does."""
    with EventStore.open(url) as store:
        deadlines = SqlDeadlines(store, *RULES)
        runner = LateCancellations(store, deadlines, RULES, lambda: PASSED)
        ready.wait()
        while runner.fire():
            pass
        ready.wait()
    ready.wait()


def mark(url: str, ready: Barrier) -> None:
    """Take one row after the other, and mark it as done."""
    with psycopg.connect(url, autocommit=True) as conn:
        ready.wait()
        while conn.execute(_MARK, (PASSED,), prepare=True).rowcount:
            pass
        ready.wait()
    ready.wait()


def _next_due(url: str) -> float:
    """How long it takes to find and lease the next deadline, in microseconds, without a commit."""
    taken = []
    with psycopg.connect(url, autocommit=True) as conn:
        for _ in range(LOOKS):
            with conn.transaction(force_rollback=True):
                began = time.perf_counter()
                conn.execute(DUE, (PASSED, PASSED, PASSED, 1), prepare=True).fetchall()
                taken.append(time.perf_counter() - began)
    return round(median(taken) * 1e6, 1)


def _fill(url: str, number: int) -> None:
    """Write orders whose warehouse was asked to stop, and does not answer."""
    with EventStore.open(url) as store:
        deadlines = SqlDeadlines(store, *RULES)
        runner = LateCancellations(store, deadlines, RULES, lambda: BEGAN)
        runner.begin()
        for first in range(0, number, AT_ONCE):
            some = range(first, min(first + AT_ONCE, number))
            store.append([Append(stream_id(f"A-{one:07}"), 1, _story(one)) for one in some])
            while runner.follow():
                pass
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute(b"VACUUM ANALYZE")


def _story(number: int) -> list[Event]:
    """Placed, given to the warehouse, and cancelled in part."""
    known: dict[str, Any] = {"occurred_at": BEGAN, "recorded_at": BEGAN, "source": "/bench"}
    goods = tuple(
        Line(str(n), f"SKU-{n}", f"Enamel mug, 0.35 l, no. {n}", 3, 1_190, 3_570) for n in (1, 2)
    )
    return [
        events.OrderPlaced(
            **known,
            message_id=f"{number}-1",
            order_id=f"A-{number:07}",
            buyer_id=f"b{number % 500}",
            seller_id=f"s{number % 7}",
            currency="EUR",
            lines=goods,
            shipping_fee=490,
            paid=7_630,
        ),
        events.ReleasedToWarehouse(**known, message_id=f"{number}-2", warehouse_id="w1"),
        events.ItemCancelRequested(
            **known,
            message_id=f"{number}-3",
            cancellation_id=f"C-{number}",
            requested_by="buyer",
            reason="changed_mind",
            items=(Item("1", 2),),
            asked=(Item("1", 2),),
        ),
    ]


def _medians(runs: list[Fired]) -> dict[str, Fired]:
    found = {}
    for name in dict.fromkeys(run.contender for run in runs):
        of_it = [run[1:] for run in runs if run.contender == name]
        found[name] = Fired(name, *map(median, zip(*of_it, strict=True)))
    return found


def _table(found: dict[str, Any]) -> str:
    lines = [
        f"{found['deadlines']:,} open deadlines",
        f"{'':<18}{'deadlines/s':>12}{'client us':>12}{'database us':>12}",
    ]
    lines += [_line(Fired(**one)) for one in found["medians"].values()]
    best = found["medians"][OURS]
    ours, cpu = best["per_second"], best["client_us"] + best["database_us"]
    reached = "yes" if ours >= found["wanted"] else "NO"
    lines += [
        f"{OURS} / {PLAIN} = {found['ratio']:.2f}",
        f"{OURS}: deadlines a second: {ours:,.0f}  (to reach {found['wanted']:,}: {reached})",
        f"by the CPU that they took, two whole cores allow {2e6 / cpu:,.0f} a second",
        "the next one is found in: "
        + ", ".join(f"{us} us of {number:,}" for number, us in found["next_due_us"].items()),
    ]
    return "\n".join(lines)


def _line(one: Fired) -> str:
    cpu = f"{one.client_us:>12,.1f}{one.database_us:>12,.1f}"
    return f"{one.contender:<18}{one.per_second:>12,.0f}{cpu}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
