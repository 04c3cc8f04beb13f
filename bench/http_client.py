"""Ready requests, and a connection that waits for each answer."""

from __future__ import annotations

import socket
import time
from collections.abc import Mapping
from typing import NamedTuple, Self

from bench.apart import Failed

_CHUNK = 1 << 16
_GOOD = (b"200", b"201")


def request(
    method: str, address: str, headers: Mapping[str, str] | None = None, body: bytes = b""
) -> bytes:
    """A ready request; a body is JSON."""
    told = {"Host": "127.0.0.1", "Accept": "*/*", **(headers or {})}
    if body:
        told |= {"Content-Type": "application/json", "Content-Length": str(len(body))}
    lines = "".join(f"{name}: {value}\r\n" for name, value in told.items())
    return f"{method} {address} HTTP/1.1\r\n{lines}\r\n".encode() + body


class Answer(NamedTuple):
    """An answer, and the seconds until its first byte."""

    first: float
    body: bytes


class Client:
    """One connection that waits for each answer."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def ask(self, asked: bytes) -> Answer:
        """Send a request and read all of its answer. Raises Failed unless it is good."""
        began = time.perf_counter()
        self._socket.sendall(asked)
        read = self._socket.recv(_CHUNK)
        first = time.perf_counter() - began
        while b"\r\n\r\n" not in read:
            read += self._more()
        head, _, body = read.partition(b"\r\n\r\n")
        length = _length(head)
        while len(body) < length:
            body += self._more()
        return Answer(first, body)

    def _more(self) -> bytes:
        more = self._socket.recv(_CHUNK)
        if not more:
            raise Failed("a server hung up")
        return more


def _length(head: bytes) -> int:
    lines = head.lower().split(b"\r\n")
    if lines[0].split()[1:2] not in [[good] for good in _GOOD]:
        raise Failed(f"a server answered {lines[0].decode()}")
    return next(int(line.split(b":")[1]) for line in lines if line.startswith(b"content-length:"))
