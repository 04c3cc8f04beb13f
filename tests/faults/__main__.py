"""`python -m tests.faults --kills 50 --freezes 20 --seed N`: the long storm, and its proof."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from urllib.parse import urlsplit, urlunsplit

import psycopg

from application.event_store import EventStore
from application.migrations import migrate
from runtime import embedded
from tests.faults.proof import figures
from tests.faults.run import plainly, storm_and_proof
from tests.faults.storm import Plan, Report
from tests.support.kafka import Broker, with_topics


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--freezes", type=int, default=20)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--interval", type=float, default=5.0, help="seconds, on average")
    parser.add_argument("--rate", type=int, default=400, help="messages a second")
    parser.add_argument("--messages", type=Path, help="JSON lines instead of a simulated world")
    args = parser.parse_args()
    plan = Plan(args.kills, args.freezes, args.seed, args.interval, args.rate)
    print(f"seed {plan.seed}: {plan.kills} kills and {plan.freezes} freezes", flush=True)  # noqa: T201
    began = time.monotonic()
    folder, broker = Path(mkdtemp(prefix="cm-faults-")), Broker()
    try:
        with embedded.start(folder) as postgres:
            storm, quiet, plain = (
                _database(postgres.url, name) for name in ("storm", "quiet", "plain")
            )
            kafka = with_topics(broker.bootstrap, partitions=4)
            report, proved = storm_and_proof(plan, kafka, storm, quiet, args.messages)
            if args.messages:
                proved["figures"] = same_figures(storm, plain, args.messages)
    finally:
        broker.remove()
        rmtree(folder, ignore_errors=True)
    print(f"{time.monotonic() - began:.0f} s; proved: {proved}")  # noqa: T201
    return judged(plan, report)


def same_figures(storm: str, plain: str, file: Path) -> int:
    """Compare with one process that took the file in as it is; return how many orders there are."""
    migrate(plain)
    with EventStore.open(storm) as blown, EventStore.open(plain) as calm:
        plainly(calm, file)
        expected = figures(calm)
        found = figures(blown)
    differing = {
        one for one in expected.keys() | found.keys() if expected.get(one) != found.get(one)
    }
    assert not differing, f"orders differ from a plain ingest: {sorted(differing)[:20]}"
    return len(found)


def judged(plan: Plan, report: Report) -> int:
    """Say what a storm of this size must have seen, and was not seen."""
    wrong = []
    if report.in_hand < min(10, plan.kills // 4):
        wrong.append(f"only {report.in_hand} kills with a batch in hand")
    if plan.freezes and not report.stale:
        wrong.append("no stale writer had to be turned away")
    if set(report.exit_codes) != {0}:
        wrong.append(f"processes ended with {report.exit_codes} when asked to stop")
    for line in wrong:
        print(f"NOT SEEN: {line}")  # noqa: T201
    return 1 if wrong else 0


def _database(url: str, name: str) -> str:
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute(f"CREATE DATABASE {name}".encode())
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


if __name__ == "__main__":
    sys.exit(main())
