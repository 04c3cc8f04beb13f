"""How fast our topics flow is asked of Kafka, by the times of the records."""

from __future__ import annotations

import time

from consumers import rates
from consumers.kafka import KafkaSettings, Producer


def test_records_of_the_last_minute_count_topic_by_topic(kafka: KafkaSettings) -> None:
    prefix = kafka.topics.prefix
    with Producer(kafka) as producer:
        for number in range(6):
            producer.send("storefront", f"A-{number}".encode(), b"{}")
        producer.flush()
    now = time.time_ns() // 1000

    found = rates.a_second(kafka, now, 60.0)
    later = rates.a_second(kafka, now + 120_000_000, 60.0)

    assert found[f"{prefix}storefront"] == 6 / 60
    assert found[f"{prefix}orders"] == 0.0
    assert later[f"{prefix}storefront"] == 0.0
