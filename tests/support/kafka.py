"""A real Kafka for tests: one broker a session, topics of its own for each test."""

from __future__ import annotations

import socket
import struct
import subprocess
import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp

import pytest
from crc32c import crc32c

from consumers.kafka import KafkaSettings, Producer, create_topics
from consumers.record_batches import HEADER
from consumers.topics import Topics

BROKER = Path(__file__).parents[2] / "deploy" / "kafka" / "broker"
_NUMBERS = count(1)


class Broker:
    """One broker on loopback, with its data in a folder of its own."""

    def __init__(self) -> None:
        self.folder = Path(mkdtemp(prefix="cm-kafka-"))
        self.bootstrap = self.start()

    def start(self) -> str:
        """Start it, on the port that it had, and return where it is."""
        told = self._do("start", "--heap", "512m")
        return dict(pair.split("=", 1) for pair in told.split())["bootstrap"]

    def stop(self) -> None:
        self._do("stop")

    def remove(self) -> None:
        self.stop()
        rmtree(self.folder, ignore_errors=True)

    def _do(self, word: str, *options: str) -> str:
        command = [sys.executable, str(BROKER), word, "--data", str(self.folder), *options]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@pytest.fixture(scope="session")
def kafka_bootstrap() -> Iterator[str]:
    """Where the session's broker is. Do not stop it; `own_broker` is for that."""
    broker = Broker()
    yield broker.bootstrap
    broker.remove()


@pytest.fixture
def own_broker() -> Iterator[Broker]:
    """A broker of the test's own, to stop and to damage."""
    broker = Broker()
    yield broker
    broker.remove()


@pytest.fixture
def kafka(kafka_bootstrap: str) -> KafkaSettings:
    """Topics of the test's own, 2 partitions each."""
    return with_topics(kafka_bootstrap, partitions=2)


def with_topics(bootstrap: str, partitions: int) -> KafkaSettings:
    number = next(_NUMBERS)
    settings = KafkaSettings(
        bootstrap, Topics(f"test{number}."), f"group{number}", session_timeout=6.0, max_records=500
    )
    create_topics(settings, partitions, replication=1)
    return settings


def produce(
    settings: KafkaSettings, channel: str, *values: bytes | None, partition: int = 0
) -> None:
    """Put values into a partition of `storefront`, `warehouse` or `payments`."""
    with Producer(settings) as producer:
        for value in values:
            producer.send(channel, b"key", value, partition=partition)
        producer.flush()


def with_checksum(batch: bytes) -> bytes:
    """Return a record batch whose checksum is right, whatever else is wrong with it."""
    return batch[:17] + struct.pack(">I", crc32c(batch[21:])) + batch[21:]


def record_batch(
    body: bytes, *, number: int = 1, codec: int = 0, offset: int = 0, last: int | None = None
) -> bytes:
    """Make a record batch by hand around any bytes."""
    last = number - 1 if last is None else last
    length = HEADER.size - 12 + len(body)
    header = HEADER.pack(offset, length, 0, 2, 0, codec, last, 1_000, 2_000, -1, -1, -1, number)
    return with_checksum(header + body)


def varint(number: int) -> bytes:
    """Write a zigzag number of variable length."""
    rest = (number << 1) ^ (number >> 63)
    out = bytearray()
    while rest > 0x7F:
        out.append(0x80 | (rest & 0x7F))
        rest >>= 7
    out.append(rest)
    return bytes(out)


def record(
    value: bytes | None,
    number: int = 0,
    key: bytes | None = b"key",
    headers: tuple[tuple[bytes, bytes | None], ...] = (),
) -> bytes:
    """Write one record of a batch; `number` is its place in it."""
    body = b"\x00" + varint(0) + varint(number) + _field(key) + _field(value)
    body += varint(len(headers))
    for name, told in headers:
        body += _field(name) + _field(told)
    return varint(len(body)) + body


def _field(value: bytes | None) -> bytes:
    return varint(-1) if value is None else varint(len(value)) + value


def produce_batch(bootstrap: str, topic: str, partition: int, batch: bytes) -> int:
    """Send a batch as it is (Produce, version 3); return the broker's error code, 0 when taken."""
    name = topic.encode()
    body = struct.pack(">hhih", 0, 3, 7, -1)  # key, version, correlation id, no client id
    body += struct.pack(">hhii", -1, -1, 10_000, 1)  # no transaction, all acks, timeout, one topic
    body += struct.pack(f">h{len(name)}sii", len(name), name, 1, partition)
    body += struct.pack(">i", len(batch)) + batch
    host, port = bootstrap.split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(struct.pack(">i", len(body)) + body)
        answer = connection.makefile("rb")
        (size,) = struct.unpack(">i", answer.read(4))
        told = answer.read(size)
    (code,) = struct.unpack_from(">h", told, 4 + 4 + 2 + len(name) + 4 + 4)
    return int(code)
