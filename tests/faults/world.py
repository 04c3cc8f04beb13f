"""`python -m tests.faults.world --orders 5000`: the reacting world, calm and then in a storm.

First with no faults and nobody killed: no case may be left. Then with every fault at a share, and
every process, the service's and the world's, killed at random: few may be left, each for a reason
that is on the list, and the money must be that of the payment provider's books.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp

from application.event_store import EventStore
from application.migrations import migrate
from runtime import embedded
from runtime.world.habits import Habits, World, with_troubles
from tests.faults.__main__ import _database
from tests.faults.world_storm import Plan, WorldStorm, proved
from tests.support.kafka import Broker, with_topics


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.world", description=__doc__)
    parser.add_argument("--orders", type=int, default=5_000)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--speed", type=float, default=20_000.0)
    parser.add_argument("--per-day", type=float, default=150.0)
    parser.add_argument("--troubles", type=float, default=0.05, help="the share of every fault")
    parser.add_argument("--interval", type=float, default=4.0, help="seconds between two kills")
    parser.add_argument("--only", choices=("calm", "storm"))
    args = parser.parse_args()
    tempo = {"seed": args.seed, "orders": args.orders, "speed": args.speed}
    worse = Habits(**with_troubles(args.troubles))
    plans = {
        "calm": (Plan(World(**tempo, per_day=args.per_day)), 0.0),
        "storm": (Plan(World(**tempo, per_day=args.per_day, habits=worse), args.interval), 0.1),
    }
    for name, (plan, most_waiting) in plans.items():
        if args.only in (None, name):
            _run(name, plan, most_waiting)
    return 0


def _run(name: str, plan: Plan, most_waiting: float) -> None:
    """Run one plan on parts of its own, and say what was found."""
    print(f"{name}: seed {plan.world.seed}, {plan.world.orders} orders", flush=True)  # noqa: T201
    folder, broker = Path(mkdtemp(prefix="cm-world-")), Broker()
    try:
        with embedded.start(folder / "data") as postgres:
            url = _database(postgres.url, name)
            migrate(url)
            kafka = with_topics(broker.bootstrap, partitions=4)
            storm = WorldStorm(plan, folder, url, kafka, _say)
            report = storm.run()
            _say(f"{report.seconds} s, {report.kills.total()} kills: {dict(report.kills)}")
            _say(f"what went wrong: {report.world['faults']}")
            with EventStore.open(url) as store:
                found = proved(store, report, most_waiting)
            print(json.dumps(found.figures(), indent=1), flush=True)  # noqa: T201
    finally:
        broker.remove()
        rmtree(folder, ignore_errors=True)


def _say(words: str) -> None:
    print(f"{time.strftime('%X')} {words}", flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
