"""The client's errors in our words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from kafka.errors import AuthorizationError, KafkaError

from consumers.kafka.terms import KafkaRefused, KafkaUnavailable


def not_allowed(error: Exception) -> KafkaRefused:
    return KafkaRefused(f"Kafka does not allow it: {error}. Check the user's ACLs")


@contextmanager
def plain_errors() -> Iterator[None]:
    try:
        yield
    except AuthorizationError as error:
        raise not_allowed(error) from error
    except KafkaError as error:
        raise KafkaUnavailable(f"Kafka does not answer: {error!r}") from error
