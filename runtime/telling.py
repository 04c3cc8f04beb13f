"""Tell the messages of a simulated world to a file, to standard output, or to Kafka."""

from __future__ import annotations

import gzip
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import fields, replace
from itertools import islice
from typing import Any

from runtime import simulate
from runtime.cli_answers import USED_WRONGLY, fail
from runtime.simulate import Counts, Outgoing, World

WORLDS = {"plausible": simulate.PLAUSIBLE, "faults": simulate.FAULTS, "bench": simulate.BENCH}


def world_of(name: str, seed: int, orders: int | None, shares: dict[str, float]) -> World:
    """Take a world by name and change its seed, size and shares."""
    if name not in WORLDS:
        fail(f"There is no world {name}.", f"Choose from {', '.join(WORLDS)}.", USED_WRONGLY)
    known = {field.name for field in fields(World) if field.type in (float, "float")}
    for share in shares:
        if share not in known:
            then = f"There are {', '.join(sorted(known))}."
            fail(f"There is no share {share}.", then, USED_WRONGLY)
    try:
        return replace(WORLDS[name], seed=seed, orders=orders, **shares)  # type: ignore[arg-type]
    except ValueError as error:
        fail(f"Such a world cannot be: {error}.", "Give other shares.", USED_WRONGLY)


def tell(world: World, to: str, *, most: int | None, rate: float) -> dict[str, Any]:
    """Send a world's messages; return what was sent."""
    stream: Iterable[Outgoing] = simulate.messages(world)
    if most is not None:
        stream = islice(stream, most)
    if rate:
        stream = paced(stream, rate)
    counts = _to_kafka(stream) if to == "kafka" else _to_file(stream, to)
    return {
        "sent": counts.sent,
        "broken": counts.broken,
        "duplicates": counts.duplicates,
        "late": counts.late,
        "by_type": counts.by_type,
    }


def _to_file(stream: Iterable[Outgoing], to: str) -> Counts:
    if to == "-":
        return simulate.write_file(stream, sys.stdout.buffer)
    if to.endswith(".gz"):
        with gzip.open(to, "wb", compresslevel=6) as file:
            return simulate.write_file(stream, file)  # type: ignore[arg-type]
    return simulate.write_file(stream, to)


def _to_kafka(stream: Iterable[Outgoing]) -> Counts:
    from runtime import brokers, settings

    with brokers.sender(settings.load()) as (send, flush):
        return simulate.send_all(stream, send, flush)


def paced(stream: Iterable[Outgoing], rate: float) -> Iterator[Outgoing]:
    """Let through `rate` messages a second on average."""
    began = time.monotonic()
    for number, message in enumerate(stream):
        ahead = number / rate - (time.monotonic() - began)
        if ahead > 0:
            time.sleep(ahead)
        yield message
