"""The reacting world and the service on real parts, killed now and then: the short version."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from application.event_store import EventStore
from runtime.world.habits import Habits, World, with_troubles
from tests.faults.world_storm import Plan, WorldStorm, proved
from tests.support.kafka import with_topics
from tests.support.postgres import in_memory

ROLES = ("ingest", "process", "project", "publish")


@pytest.fixture
def folder() -> Iterator[Path]:
    with TemporaryDirectory(prefix="cm-storm-", dir=in_memory()) as name:
        yield Path(name)


@pytest.mark.timeout(900)
def test_orders_end_well_though_everybody_is_killed_now_and_then(
    folder: Path, kafka_bootstrap: str, postgres_url: str
) -> None:
    """Whatever waits waits for a person, and the money is that of the payment provider's books."""
    habits = Habits(**with_troubles(0.05))
    world = World(seed=7, orders=100, per_day=80, speed=60_000, habits=habits)
    plan = Plan(world, interval=2.0, kills=8, roles=ROLES, pace=120_000, patience=5.0)
    kafka = with_topics(kafka_bootstrap, partitions=4)

    report = WorldStorm(plan, folder, postgres_url, kafka, print).run()

    with EventStore.open(postgres_url) as store:
        found = proved(store, report, most_waiting=0.1)
    assert report.kills.total() == 8
    assert found.units["back"] > 20
    assert found.refunds
