"""A storm on parts of its own, and the proof after it."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from application.event_store import EventStore
from application.migrations import migrate
from consumers.cloudevents import Incoming
from consumers.intake import Intake
from consumers.kafka import KafkaSettings
from runtime.simulate import FAULTS, messages
from tests.faults import proof
from tests.faults.storm import Plan, Report, Sent, Storm
from tests.support.saying import channel_of


class Line(NamedTuple):
    """A line of a file of messages."""

    topic: str
    key: bytes
    value: bytes


def lines(file: Path) -> list[Line]:
    """Read a file of structured CloudEvents, one a line; `.gz` or plain."""
    data = file.read_bytes()
    found = []
    for value in (gzip.decompress(data) if file.suffix == ".gz" else data).splitlines():
        said = json.loads(value)
        found.append(Line(channel_of(said["type"]), said["subject"].encode(), value))
    return found


def storm_and_proof(
    plan: Plan, kafka: KafkaSettings, database_url: str, quiet_url: str, file: Path | None = None
) -> tuple[Report, dict[str, int]]:
    """Run the plan against a fresh database; `quiet_url` is another one, for the comparison.

    The messages are those of `file`, all of them, or of a simulated world with the plan's seed.
    """
    sent: Iterator[Sent] = iter(lines(file)) if file else _world(plan.seed)
    with TemporaryDirectory(prefix="cm-storm-") as folder:
        storm = Storm(replace(plan, whole=bool(file)), Path(folder), database_url, kafka, sent)
        try:
            report = storm.run()
        except BaseException:
            for worker in storm.workers:
                print(worker.log()[-3_000:])  # noqa: T201 - why it did not end well
            raise
    print(report, flush=True)  # noqa: T201 - also when the proof fails
    for url in (database_url, quiet_url):
        migrate(url)
    with EventStore.open(database_url) as store, EventStore.open(quiet_url) as quiet:
        return report, proof.check(store, quiet, kafka)


def _world(seed: int) -> Iterator[Sent]:
    return messages(replace(FAULTS, seed=seed, orders=None))


def plainly(store: EventStore, file: Path) -> None:
    """Take a file in as `countermand ingest` does, in its own order."""
    intake = Intake(store)
    records = [Incoming(line.value) for line in lines(file)]
    for start in range(0, len(records), 2_000):
        intake.take(records[start : start + 2_000])
