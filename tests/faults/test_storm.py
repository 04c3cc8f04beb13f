"""Workers are killed and frozen while messages flow: a short storm; `make faults` has more."""

from __future__ import annotations

import pytest

from tests.faults.run import storm_and_proof
from tests.faults.storm import Plan
from tests.support.kafka import with_topics


@pytest.mark.timeout(400)
def test_a_storm_of_kills_and_freezes_loses_nothing_and_repeats_nothing(
    kafka_bootstrap: str, postgres_url: str, empty_postgres_url: str
) -> None:
    plan = Plan(kills=4, freezes=1, seed=11, interval=2.5, rate=300)
    kafka = with_topics(kafka_bootstrap, partitions=4)
    report, proved = storm_and_proof(plan, kafka, postgres_url, empty_postgres_url)
    assert (report.kills, report.freezes) == (4, 1)
    assert report.exit_codes == [0, 0, 0]
    assert proved["records"] == report.sent
