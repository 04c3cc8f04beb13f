"""Opening a client of kafka-python: where that fails, nothing of it stays open."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

from kafka.net.compat import KafkaNetClient

Client = TypeVar("Client")


def opened(make: Callable[..., Client], **told: Any) -> Client:  # noqa: ANN401
    """Return `make(**told)`: a consumer, a producer or an admin client.

    Its constructor asks the brokers at once, and where they do not answer it leaves its sockets to
    the garbage collector: a service that tries again and again would run out of them.
    """
    nets: list[KafkaNetClient] = []

    def net(**also: Any) -> KafkaNetClient:  # noqa: ANN401
        nets.append(KafkaNetClient(**also))
        return nets[-1]

    try:
        return make(**told, kafka_client=net)
    except BaseException:
        for one in nets:
            with suppress(Exception):
                one.close()
        raise
