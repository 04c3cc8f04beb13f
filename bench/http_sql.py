"""The one SQL statement that an answer needs at least, sent by connections that do nothing else.

It is a client as `http_load` is: each connection asks for the next thing when it has its answer.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from typing import Any

from psycopg import AsyncConnection

from application.collecting import no_collection
from bench.http_load import Asked, Load

READ = b"SELECT body FROM countermand.order_information WHERE order_id = %s AND buyer_id = %s"
LIST = b"""
SELECT placed_at, order_id, body FROM countermand.order_information
WHERE seller_id = %s AND (placed_at, order_id) < (9223372036854775807, '')
ORDER BY placed_at DESC, order_id DESC LIMIT %s
"""
WRITE = b"INSERT INTO cancellations (order_id, body) VALUES (%s, %s)"
TABLE = """
CREATE TABLE cancellations (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, order_id text NOT NULL, body bytea NOT NULL
)
"""


def load(url: str, asked: Asked, sql: bytes, values: Sequence[Sequence[Any]]) -> Load:
    """Ask until the time is over, or everything was asked for once; each in its own commit."""
    with no_collection():
        return asyncio.run(_load(url, asked, sql, values))


async def _load(url: str, asked: Asked, sql: bytes, values: Sequence[Sequence[Any]]) -> Load:
    made = [await AsyncConnection.connect(url, autocommit=True) for _ in range(asked.connections)]
    took: list[float] = []
    ready = iter(values)
    cpu, began = time.process_time(), time.perf_counter()
    await asyncio.gather(*[_ask(conn, sql, ready, began + asked.seconds, took) for conn in made])
    seconds = time.perf_counter() - began
    cpu = time.process_time() - cpu
    for conn in made:
        await conn.close()
    return Load(len(took), seconds, took, took, {200: len(took)}, cpu)


async def _ask(
    conn: AsyncConnection[Any],
    sql: bytes,
    ready: Iterator[Sequence[Any]],
    until: float,
    took: list[float],
) -> None:
    async with conn.cursor(binary=True) as cursor:
        for values in ready:
            began = time.perf_counter()
            if began >= until:
                return
            await cursor.execute(sql, values, prepare=True)
            if cursor.description:
                await cursor.fetchall()
            took.append(time.perf_counter() - began)
