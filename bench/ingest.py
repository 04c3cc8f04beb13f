"""How fast messages become events and views, beside other ways to do it, in one run.

Rounds of all contenders, one after the other, on one PostgreSQL and one Kafka broker. A message
counts when its event is stored and the views show it.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from application.follow import Pace
from bench import array_inserts, from_file, kafka_streams, parts, plain_library, through_kafka, told
from bench.apart import Failed, apart
from bench.figures import Figure, Medians, Target, judged, medians, ratios, table
from bench.parts import Broker, Postgres
from bench.progress import say
from runtime.settings import Settings

BATCH = int(Settings.model_fields["batch"].default)
Contender = Callable[[], list[Figure]]


@dataclass(frozen=True)
class Bench:
    """What every contender is given."""

    options: argparse.Namespace
    folder: Path
    server: Postgres
    kafka: Broker | None

    @property
    def file(self) -> Path:
        return self.folder / "messages.jsonl"

    def rounds(self) -> Iterator[Figure]:
        """Yield every figure as it is measured."""
        for _ in range(self.options.rounds):
            for contender in self.contenders():
                self.server.settle()
                yield from contender()

    def contenders(self) -> list[Contender]:
        if self.kafka is None:
            return [self.file_and_floor, self.plain]
        through = partial(self.product, self.kafka)
        if self.options.all_roles:
            return [through, partial(self.with_all_roles, self.kafka)]
        return [self.file_and_floor, self.plain, through, partial(self.peer, self.kafka)]

    def file_and_floor(self) -> list[Figure]:
        """The product's rows are read back for the floor while their database is there."""
        batch = self.options.batch
        with self.server.database() as ours, self.server.database() as floor:
            figure = apart(from_file.run, ours, self.server.pid, self.file, batch)
            self.server.settle()
            sizes = (batch, Pace().batch)
            return [figure, apart(array_inserts.run, ours, floor, self.server.pid, sizes)]

    def plain(self) -> list[Figure]:
        with self.server.database(migrated=False) as url:
            count = min(self.options.plain_messages, self.options.messages)
            return [apart(plain_library.run, url, self.server.pid, self.file, count)]

    def product(self, kafka: Broker) -> list[Figure]:
        return [self._product(kafka, processes) for processes in self.options.processes]

    def with_all_roles(self, kafka: Broker) -> list[Figure]:
        """The process managers' work and all that is published count, too."""
        return [
            self._product(kafka, processes, through_kafka.BESIDE)
            for processes in self.options.processes
        ]

    def _product(self, kafka: Broker, processes: int, beside: tuple[str, ...] = ()) -> Figure:
        sizes = (self.options.messages, self.options.warm_up, self.options.batch)
        with self.server.database() as url:
            one = through_kafka.Run(self.server, kafka, url, self.folder, *sizes, beside)
            return through_kafka.run(one, processes)

    def peer(self, kafka: Broker) -> list[Figure]:
        return [kafka_streams.run(kafka, self.options.messages, self.options.warm_up)]


def targets(found: dict[str, Medians]) -> list[Target]:
    """What is to be reached; through Kafka with as many processes as serve best."""
    ours = [one for name, one in found.items() if name.startswith("kafka x")]
    best = max(ours, key=lambda one: one.per_second).contender if ours else ""
    return [
        Target(from_file.NAME, plain_library.NAME, 30.0),
        Target(from_file.NAME, array_inserts.NAME, 0.4),
        Target(best, kafka_streams.NAME, 1.0),
    ]


def measure(options: argparse.Namespace) -> list[Figure]:
    """Start the parts, let all contenders run, and stop everything again."""
    figures = []
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="cm-ingest-")))
        say(f"one moment: telling {options.messages:,} messages")
        kafka = stack.enter_context(parts.broker(folder)) if options.kafka else None
        server = stack.enter_context(parts.postgres(folder))
        bench = Bench(options, folder, server, kafka)
        told.tell(options.messages, bench.file, kafka.bootstrap if kafka else None)
        for figure in bench.rounds():
            figures.append(figure)
            say(f"{figure.contender}: {figure.per_second:,.0f} messages/s, {_cpu(figure)}")
    return figures


def _cpu(figure: Figure) -> str:
    return "CPU us a message: " + ", ".join(
        f"{part} {used:.1f}" for part, used in figure.cpu_us.items()
    )


def answer(options: argparse.Namespace, figures: list[Figure]) -> dict[str, Any]:
    """What `--json` writes: every run, the medians, and the ratios."""
    found = medians(figures)
    return {
        "machine": {"cores": os.cpu_count(), "python": platform.python_version()},
        "options": {key: value for key, value in vars(options).items() if key != "json"},
        "runs": [{**one._asdict(), "per_second": one.per_second} for one in figures],
        "medians": {name: one._asdict() for name, one in found.items()},
        "ratios": ratios(found, targets(found)),
        "targets": [target._asdict() for target in targets(found)],
    }


def arguments(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m bench ingest", description=__doc__)
    parser.add_argument("--messages", type=int, default=300_000, help="%(default)s")
    parser.add_argument("--plain-messages", type=int, default=5_000, help="%(default)s")
    parser.add_argument("--warm-up", type=int, help="messages; a third by default")
    parser.add_argument("--batch", type=int, default=BATCH, help="messages; %(default)s")
    parser.add_argument("--rounds", type=int, default=3, help="%(default)s")
    parser.add_argument(
        "--processes", type=int, nargs="+", default=[1, 2], help="of ingest through Kafka, to try"
    )
    parser.add_argument(
        "--all-roles",
        action="store_true",
        help="through Kafka only, without and with process managers and the relay",
    )
    parser.add_argument("--no-kafka", dest="kafka", action="store_false", help="file only")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures there")
    options = parser.parse_args(words)
    if options.warm_up is None:
        options.warm_up = options.messages // 3
    return options


def main(words: list[str]) -> int:
    """Measure and print; 0 also where a target is missed: the figures say so."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)  # everything is stopped then, too
    options = arguments(words)
    try:
        figures = measure(options)
    except Failed as failed:
        say(f"bench: {failed}")
        return 1
    found = medians(figures)
    print(table(found))
    print()
    print(judged(found, targets(found)))
    if options.json:
        options.json.write_text(json.dumps(answer(options, figures), indent=2) + "\n")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
