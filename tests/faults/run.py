"""A storm on parts of its own, and the proof after it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from application.event_store import EventStore
from application.migrations import migrate
from consumers.kafka import KafkaSettings
from runtime.simulate import FAULTS, messages
from tests.faults import proof
from tests.faults.storm import Plan, Report, Storm


def storm_and_proof(
    plan: Plan, kafka: KafkaSettings, database_url: str, quiet_url: str
) -> tuple[Report, dict[str, int]]:
    """Run the plan against a fresh database; `quiet_url` is another one, for the comparison."""
    world = replace(FAULTS, seed=plan.seed, orders=None)
    with TemporaryDirectory(prefix="cm-storm-") as folder:
        storm = Storm(plan, Path(folder), database_url, kafka, messages(world))
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
