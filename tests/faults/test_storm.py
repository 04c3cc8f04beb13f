"""Workers are killed and frozen while messages flow: short storms; `make faults` has more."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from application.event_store import EventStore
from tests.faults.proof import figures
from tests.faults.run import storm_and_proof
from tests.faults.storm import Plan
from tests.support.kafka import with_topics

# Online Retail, UCI Machine Learning Repository, Daqing Chen, CC BY 4.0.
REAL = Path(__file__).parents[1] / "data" / "online-retail"


@pytest.mark.timeout(900)
def test_a_storm_of_kills_and_freezes_loses_nothing_and_repeats_nothing(
    kafka_bootstrap: str, postgres_url: str, empty_postgres_url: str
) -> None:
    plan = Plan(kills=3, freezes=1, seed=11, interval=2.0, rate=300)
    kafka = with_topics(kafka_bootstrap, partitions=4)
    report, proved = storm_and_proof(plan, kafka, postgres_url, empty_postgres_url)
    assert (report.kills, report.freezes) == (3, 1)
    assert report.exit_codes == [0, 0, 0]
    assert proved["records"] == report.sent


@pytest.mark.timeout(900)
def test_real_orders_end_with_their_figures_though_workers_are_killed(
    kafka_bootstrap: str, postgres_url: str, empty_postgres_url: str
) -> None:
    plan = Plan(kills=3, freezes=0, seed=12, interval=2.0, rate=500)
    kafka = with_topics(kafka_bootstrap, partitions=4)
    file = REAL / "messages.jsonl.gz"
    report, _ = storm_and_proof(plan, kafka, postgres_url, empty_postgres_url, file)
    expected = json.loads(gzip.decompress((REAL / "expected.json.gz").read_bytes()))
    with EventStore.open(postgres_url) as store:
        assert figures(store) == expected["orders"]
    assert report.kills == 3
