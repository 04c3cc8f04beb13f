"""The role `translate`, as a process: from a document to the order, mended on the way."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path

import pytest

from application.event_store import EventStore
from consumers.kafka import KafkaSettings, Producer
from consumers.topics import Topics
from tests.support.capturing import document, ships, tracking
from tests.support.command import Command
from tests.support.topics_out import said

SECONDS = 120
RULES = """
[[epcis.line_id]]
from = "item"
values = { "09521141123454" = "L1", "7" = "L2" }
"""


def wait_until_read(postgres_url: str, prefix: str) -> None:
    """Return when a record of either topic was translated."""
    until = time.monotonic() + SECONDS
    topics: set[str] = set()
    with EventStore.open(postgres_url) as store:
        while not topics >= {f"{prefix}epcis", f"{prefix}carrier"}:
            assert time.monotonic() < until, topics
            topics = {name.split("/")[1] for name in store.positions("kafka/")}


@pytest.mark.timeout(600)
def test_a_document_goes_all_the_way(
    postgres_url: str, kafka_bootstrap: str, tmp_path: Path
) -> None:
    prefix = f"adapted{os.getpid()}."
    kafka = KafkaSettings(kafka_bootstrap, Topics(prefix))
    countermand = Command(
        tmp_path,
        database_url=postgres_url,
        kafka_bootstrap_servers=kafka_bootstrap,
        topic_prefix=prefix,
        kafka_group=prefix,
    )
    made = {one["topic"] for one in countermand("topics", "create", "--json").json()["topics"]}
    assert {f"{prefix}epcis", f"{prefix}carrier"} < made

    with countermand.start("run", "--role", "translate") as role:
        with Producer(kafka) as producer:
            odd = ships(epcList=["urn:mug:7"])
            producer.send("epcis", b"leipzig", document(ships(), odd))
            producer.send("carrier", b"dhl", json.dumps(tracking("Delivered_001")).encode())
            producer.flush()
        wait_until_read(postgres_url, prefix)
        read = countermand("status", "--json").json()
        role.send_signal(signal.SIGTERM)
        assert role.wait(SECONDS) == 0

    assert {one["type"] for one in said(kafka, "warehouse")} == {
        "ShippedFromWarehouse",
        "Delivered",
    }
    ends = {one["topic"]: one["end"] for one in read["partitions"] if one["end"]}
    assert ends == {
        f"{prefix}{name}": n for name, n in (("epcis", 1), ("carrier", 1), ("warehouse", 2))
    }
    (letter,) = countermand("dead-letters", "list", "--json").json()["dead_letters"]
    assert (letter["rule"], letter["order_id"]) == ("no_line_id", "O1")
    number = str(letter["dead_letter_id"])

    (tmp_path / "rules.toml").write_text(RULES)
    countermand.set(adapter_rules="rules.toml")
    retried = countermand("dead-letters", "retry", number, "--json")
    assert (retried.code, retried.json()["outcome"]) == (0, "parked")
    restarted = countermand("topics", "restart", f"{prefix}epcis", "--json").json()
    assert restarted["topic"] == f"{prefix}epcis"
