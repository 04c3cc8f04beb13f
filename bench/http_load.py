"""A client that costs little: ready requests on open connections, and the clock.

It reads no more of an answer than its status and its length, so that one core drives a server on
another. Each connection asks for the next thing when it has its answer.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from typing_extensions import override

from application.collecting import no_collection
from bench.apart import Failed

_HEAD_ENDS = b"\r\n\r\n"
_LENGTH = b"content-length: "


class Load(NamedTuple):
    """What a client saw."""

    answers: int
    seconds: float
    to_first_byte: list[float]
    """Seconds, of each answer."""
    to_the_end: list[float]
    statuses: dict[int, int]
    cpu: float
    """Seconds of CPU that the client itself took."""


class Asked(NamedTuple):
    """Whom to ask, with how many connections, and for how long at most."""

    port: int
    connections: int
    seconds: float


@dataclass
class _Seen:
    first: list[float] = field(default_factory=list)
    last: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)


class _Connection(asyncio.Protocol):
    """Sends the next request when the answer to the one before is there."""

    def __init__(self, requests: Iterator[bytes], until: float, seen: _Seen) -> None:
        self._requests = requests
        self._until = until
        self._seen = seen
        self._read = b""
        self._left = 0
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: asyncio.Transport = transport  # type: ignore[assignment]
        self._ask()

    def _ask(self) -> None:
        request = next(self._requests, None) if time.perf_counter() < self._until else None
        if request is None:
            self.done.set_result(None)
            self._transport.close()
            return
        self._read, self._left = b"", -1
        self._began = time.perf_counter()
        self._transport.write(request)

    @override
    def data_received(self, data: bytes) -> None:
        now = time.perf_counter()
        if self._left < 0:
            if not self._read:
                self._seen.first.append(now - self._began)
            self._read += data
            if not self._begins():
                return
        else:
            self._left -= len(data)
        if self._left == 0:
            self._seen.last.append(now - self._began)
            self._ask()

    def _begins(self) -> bool:
        """Read the head, if all of it is there."""
        head, ends, body = self._read.partition(_HEAD_ENDS)
        if not ends:
            return False
        self._seen.statuses[int(head[9:12])] += 1
        at = head.lower().find(_LENGTH) + len(_LENGTH)
        self._left = int(head[at : at + 12].split(b"\r", 1)[0]) - len(body)
        return True

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(exc or ConnectionResetError("the server hung up"))


def load(asked: Asked, requests: Sequence[bytes]) -> Load:
    """Ask until the time is over, or everything was asked for once."""
    with no_collection():
        return asyncio.run(_load(asked, requests))


async def _load(asked: Asked, requests: Sequence[bytes]) -> Load:
    seen, loop = _Seen(), asyncio.get_running_loop()
    ready = iter(requests)
    cpu, began = time.process_time(), time.perf_counter()
    made = [
        await loop.create_connection(
            lambda: _Connection(ready, began + asked.seconds, seen), "127.0.0.1", asked.port
        )
        for _ in range(asked.connections)
    ]
    try:
        await asyncio.gather(*[connection.done for _, connection in made])
    except OSError as broken:
        raise Failed(f"the server on port {asked.port} failed: {broken}") from broken
    seconds = time.perf_counter() - began
    cpu = time.process_time() - cpu
    statuses = dict(seen.statuses)
    return Load(len(seen.last), seconds, seen.first, seen.last, statuses, cpu)
