"""What HTTP costs: reads, cancellations and pages, beside a bare handler and one SQL statement.

Rounds of all contenders, one after the other, on one PostgreSQL with fsync on. One process serves,
one asks, each connection for the next thing when it has its answer.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg

from bench import http_pages, http_serving, http_sql, http_told, http_world, parts
from bench.apart import Failed
from bench.http_contenders import LAID_OUT, Contender, Setting, contenders, lay_out
from bench.http_figures import Figure, figure, medians
from bench.http_pages import FirstByte
from bench.meter import Meter
from bench.parts import Postgres
from bench.progress import say

A_SECOND = 1_000
"""Cancellations a second that there are orders for; a run that needs more ends early."""
_RECORDED = (
    b"SELECT count(*) FROM countermand.orders_events WHERE topic = 'ItemCancelRequested.v1'"
    b" AND position('\"source\":\"/countermand/api\"' IN convert_from(state, 'UTF8')) > 0"
)


def arguments(words: list[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser("python -m bench http", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="%(default)s")
    parser.add_argument("--seconds", type=float, default=1.0, help="of a run; %(default)s")
    parser.add_argument("--orders", type=int, default=2_000, help="with a story; %(default)s")
    parser.add_argument("--connections", type=int, nargs="+", default=[1, 8], help="%(default)s")
    parser.add_argument("--times", type=int, default=100, help="for each page; %(default)s")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures there, too")
    return parser.parse_args(words)


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """Let all contenders run; every figure, and the medians of the rounds."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="cm-bench-")))
        server = stack.enter_context(parts.postgres(folder))
        url = stack.enter_context(server.database())
        setting = _prepare(stack, options, folder, url)
        runs = list(_rounds(options, server, setting))
        _check(url, runs)
        say("pages, each in turns with a bare one of its size")
        shown = []
        servers = setting.open, setting.bare, server.pid
        for one in http_pages.measure(*servers, setting.world, options.times):
            shown.append(one)
            say(http_told.page_line(one))
    return answer(options, runs, shown)


def _prepare(stack: ExitStack, options: argparse.Namespace, folder: Path, url: str) -> Setting:
    fresh = round(4 + 2 * len(options.connections) * options.rounds * A_SECOND * options.seconds)
    say(f"one moment: {options.orders:,} orders live, {fresh:,} are placed")
    world = http_world.fill(url, options.orders, fresh)
    with psycopg.connect(url) as conn:
        conn.execute(http_sql.TABLE)
    who = stack.enter_context(http_serving.identity())
    open_to_all = stack.enter_context(http_serving.ours(url, folder))
    lay_out(folder, open_to_all, world)
    return Setting(
        url,
        world,
        who,
        open_to_all,
        stack.enter_context(http_serving.ours(url, folder, who)),
        stack.enter_context(http_serving.bare(folder)),
        stack.enter_context(ProcessPoolExecutor(1, get_context("spawn"))),
        round(A_SECOND * options.seconds),
    )


def _rounds(options: argparse.Namespace, server: Postgres, setting: Setting) -> Iterator[Figure]:
    every = contenders(setting)
    for _ in range(options.rounds):
        for connections in options.connections:
            for one in every:
                server.settle()
                found = _run(server, one, connections, options.seconds)
                say(http_told.line(found))
                yield found


def _run(server: Postgres, one: Contender, connections: int, seconds: float) -> Figure:
    pids = {"database": [server.pid], "server": [one.pid] if one.pid else []}
    meter = Meter(pids)
    seen = one.run(connections, seconds)
    lap = meter.lap()
    if set(seen.statuses) != {one.status}:
        raise Failed(f"{one.work}, {one.name}: answered with {seen.statuses}")
    return figure(one, connections, seen, lap.cpu)


def _check(url: str, runs: list[Figure]) -> None:
    """Every cancellation that was answered is in the log."""
    answered = sum(run.answers for run in runs if run.work == "cancel" and run.is_ours)
    with psycopg.connect(url) as conn:
        (row,) = conn.execute(_RECORDED).fetchall()
    if row != (answered + LAID_OUT,):
        raise Failed(f"{answered} cancellations were answered, and {row[0]} recorded")


def answer(
    options: argparse.Namespace, runs: list[Figure], pages: list[FirstByte]
) -> dict[str, Any]:
    """Everything as plain values."""
    best = medians(runs)
    return {
        "options": {name: str(value) for name, value in vars(options).items()},
        "runs": [run._asdict() for run in runs],
        "medians": [one._asdict() for one in best],
        "ratios": http_told.ratios(best),
        "pages": [
            {
                **one._asdict(),
                "ratio": one.ratio,
                "ratio_at_best": one.ratio_at_best,
                "ratio_of_cpu": one.ratio_of_cpu,
            }
            for one in pages
        ],
        "wanted": http_pages.WANTED,
    }


def main(words: list[str]) -> int:
    """Measure and print; 0 also where a page is late: the figures say so."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)  # everything is stopped then, too
    options = arguments(words)
    try:
        found = measure(options)
    except Failed as failed:
        say(f"bench: {failed}")
        return 1
    print(http_told.table(found))
    if options.json:
        options.json.write_text(json.dumps(found, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
