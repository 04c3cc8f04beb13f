"""A client that finds no broker leaves nothing open: it is tried again and again."""

from __future__ import annotations

import gc
import socket
from collections.abc import Callable, Iterator
from typing import Any

import psutil
import pytest
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer
from kafka.errors import KafkaError

from consumers.kafka.opening import opened

PROCESS = psutil.Process()


@pytest.fixture
def deaf() -> Iterator[str]:
    """Where somebody listens, and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"127.0.0.1:{server.getsockname()[1]}"


@pytest.fixture
def nothing_collected() -> Iterator[None]:
    """What stays open is not closed by the garbage collector meanwhile."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("nothing_collected")
@pytest.mark.parametrize("make", [KafkaAdminClient, KafkaConsumer, KafkaProducer])
def test_a_client_that_nobody_answers_closes_its_sockets(
    make: Callable[..., Any], deaf: str
) -> None:
    before = PROCESS.num_fds()

    with pytest.raises(KafkaError):
        opened(make, bootstrap_servers=deaf, bootstrap_timeout_ms=500, client_id=None)

    assert PROCESS.num_fds() <= before  # what was closed a moment before may be gone since


def test_a_client_that_is_answered_is_open(kafka_bootstrap: str) -> None:
    admin = opened(KafkaAdminClient, bootstrap_servers=kafka_bootstrap)

    assert admin.describe_topics(["none-of-this-name"])[0]["error_code"] != 0
    admin.close()
