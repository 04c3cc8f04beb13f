"""Kafka as the settings name it: its topics, and a sender for simulated messages."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from runtime.cli_answers import USED_WRONGLY, fail
from runtime.settings import Settings

if TYPE_CHECKING:
    from consumers.kafka import KafkaSettings
    from runtime.simulate import Send
    from web.asyncapi.kafka import Installed


ANSWER_MS = 10_000
"""How long brokers may take to answer a first time."""


def kafka_settings(settings: Settings) -> KafkaSettings:
    """Say how to talk to Kafka. Fails with a clear word where none is configured."""
    if settings.kafka_bootstrap_servers is None:
        fail(
            "COUNTERMAND_KAFKA_BOOTSTRAP_SERVERS is not set.",
            "Set it to your brokers, such as 127.0.0.1:9092.",
            USED_WRONGLY,
        )
    from consumers.kafka import KafkaSettings
    from consumers.topics import Topics

    return KafkaSettings(
        bootstrap=settings.kafka_bootstrap_servers.replace(" ", ""),
        topics=Topics(settings.topic_prefix),
        group=settings.kafka_group,
        session_timeout=settings.kafka_session_timeout,
        max_records=settings.batch,
        client=_client(settings),
    )


def installed(settings: Settings) -> Installed:
    """What of it those have to know who share our Kafka: names and numbers."""
    from web.asyncapi.kafka import Installed

    return Installed(
        settings.topic_prefix,
        settings.kafka_group,
        settings.partitions,
        settings.replication,
        settings.kafka_security_protocol,
        settings.kafka_sasl_mechanism,
    )


def _client(settings: Settings) -> dict[str, Any]:
    password = settings.kafka_password
    found = {
        "bootstrap_timeout_ms": ANSWER_MS,
        "security_protocol": settings.kafka_security_protocol,
        "sasl_mechanism": settings.kafka_sasl_mechanism,
        "sasl_plain_username": settings.kafka_username,
        "sasl_plain_password": password.get_secret_value() if password else None,
        "ssl_cafile": str(settings.kafka_ca_file) if settings.kafka_ca_file else None,
    }
    return {name: value for name, value in found.items() if value is not None}


def create_topics(settings: Settings, also: Sequence[str] = ()) -> dict[str, bool]:
    """Make the topics that are missing; says of each whether it was made.

    `also`: others, named without the prefix.
    """
    from consumers import kafka

    known = kafka_settings(settings)
    others = [known.topics.prefix + name for name in also]
    return kafka.create_topics(known, settings.partitions, settings.replication, others)


@contextmanager
def sender(settings: Settings) -> Iterator[tuple[Send, Callable[[], None]]]:
    """Give a function that sends, keyed, and one that makes sure of all that was sent."""
    from consumers.kafka import Producer

    with Producer(kafka_settings(settings)) as producer:

        def send(topic: str, key: bytes, value: bytes) -> None:
            producer.send(topic, key, value)

        yield send, producer.flush
        producer.flush()
