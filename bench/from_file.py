"""The product's way in from a file, as `countermand ingest FILE` does it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import psycopg
from pydantic import SecretStr

from bench.apart import Failed
from bench.figures import Figure
from bench.meter import Meter
from runtime import reading, service
from runtime.settings import Settings

NAME = "file"


def settings(database_url: str, batch: int) -> Settings:
    """The product's settings, on that database."""
    return Settings(_env_file=None, database_url=SecretStr(database_url), batch=batch)


def run(database_url: str, database_pid: int, file: Path, batch: int) -> Figure:
    """Take a file in; timed from its first line until the views show all of it."""
    meter = Meter({"client": [os.getpid()], "database": [database_pid]})
    with reading.opened(str(file)) as lines:
        counts, position = service.ingest(
            settings(database_url, batch), _timed(lines, meter), lambda: None
        )
    lap = meter.lap()
    messages = sum(counts.values())
    if counts != {**dict.fromkeys(counts, 0), "recorded": messages}:
        raise Failed(f"not every message was recorded: {counts}")
    check(database_url, messages, position)
    cpu = {part: used / messages * 1e6 for part, used in lap.cpu.items()}
    return Figure(NAME, messages, lap.seconds, cpu)


def _timed(lines: Iterator[bytes] | reading.Lines, meter: Meter) -> Iterator[bytes]:
    meter.start()
    yield from lines


def check(database_url: str, messages: int, position: int) -> None:
    """Raise Failed unless every message gave its event, and the views show the last of them."""
    with psycopg.connect(database_url) as conn:
        (found,) = conn.execute(
            "SELECT count(*), max(notification_id), count(DISTINCT originator_id)"
            " FROM countermand.orders_events"
        ).fetchall()
        (shown,) = conn.execute(
            "SELECT sum(version), max(position), count(*) FROM countermand.order_information"
        ).fetchall()
    if found[0] != messages or tuple(map(int, shown)) != (messages, position, found[2]):
        raise Failed(f"{messages} messages, but events {found} and views {shown}")
