"""Messages to Kafka, for simulated worlds and the demo."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from typing import Any, Self

from kafka import KafkaProducer

from consumers.kafka.errors import plain_errors
from consumers.kafka.opening import opened
from consumers.kafka.terms import KafkaSettings


class Producer:
    """Sends messages; idempotent, in order for each partition."""

    def __init__(self, settings: KafkaSettings, **also: Any) -> None:  # noqa: ANN401
        with plain_errors():
            self._producer = opened(
                KafkaProducer,
                **settings.common(),
                acks="all",
                linger_ms=20,
                batch_size=128_000,
                **also,
            )
        self._topics = settings.topics
        self._sent: list[Any] = []

    def send(
        self,
        channel: str,
        key: bytes | None,
        value: bytes | None,
        headers: Collection[tuple[str, bytes]] = (),
        partition: int | None = None,
    ) -> None:
        """Hand over a message for a topic, named without its prefix; `flush` makes sure of it."""
        topic = self._topics.prefix + channel
        with plain_errors():
            self._sent.append(
                self._producer.send(topic, value, key, headers=list(headers), partition=partition)
            )

    def flush(self, timeout: float = 60.0) -> None:
        """Return when the brokers have everything. Raises KafkaUnavailable when they do not."""
        with plain_errors():
            self._producer.flush(timeout=timeout)
            for one in self._sent:
                one.get(timeout=timeout)
        self._sent.clear()

    def close(self) -> None:
        with suppress(Exception):
            self._producer.close(timeout=5)
        with suppress(Exception):
            # Where that took too long it gives up, and leaves a thread that tries for ever.
            self._producer._sender.force_close()  # noqa: SLF001

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
