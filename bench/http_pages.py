"""How soon a page begins to come, beside pages that FastAPI alone makes.

A bare page has the size of ours, and is made of a Jinja template by a handler without a database,
as FastAPI's documentation does it. A ready one is a string that is there already.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from statistics import median
from typing import NamedTuple

from bench.http_bare import MOST_ROWS
from bench.http_client import Client, request
from bench.http_serving import Server
from bench.http_world import World
from bench.meter import Meter

WANTED = 3.0
"""Times a bare page, at most."""
_SAMPLE = 20
"""Rows of the bare page by which the size of one is known."""


class Page(NamedTuple):
    """A page, and who looks at it."""

    name: str
    address: str
    persona: str


class FirstByte(NamedTuple):
    """How soon a page begins: milliseconds, in the middle and of the fastest tenth."""

    page: str
    size: int
    ours: float
    bare: float
    ready: float
    ours_at_best: float
    bare_at_best: float
    ours_us: float
    """CPU of server and database for one page."""
    bare_us: float

    @property
    def ratio(self) -> float:
        return self.ours / self.bare

    @property
    def ratio_of_cpu(self) -> float:
        """0: it was asked for too seldom to say."""
        return self.ours_us / self.bare_us if self.bare_us else 0.0

    @property
    def ratio_at_best(self) -> float:
        """Where somebody else uses the cores, too, this one is disturbed less."""
        return self.ours_at_best / self.bare_at_best


def pages(world: World) -> list[Page]:
    """Every page that there is, on orders that have a story."""
    told, fresh = world.told[0], world.fresh[-1]
    buyer, seller = f"buyer:{told.buyer_id}", f"seller:{told.seller_id}"
    order = f"/orders/{told.order_id}"
    return [
        Page("start", "/", buyer),
        Page("my orders", "/orders", buyer),
        Page("order", order, buyer),
        Page("at the door", f"{order}/refuse", buyer),
        Page("cancel", f"/orders/{fresh.order_id}/cancel", f"buyer:{fresh.buyer_id}"),
        Page("cancelled orders", "/cancelled-orders", buyer),
        Page("cases", "/seller", seller),
        Page("refunds", "/seller/refunds", seller),
        Page("operations", "/operator", "operator"),
        Page("story", f"/audit/{told.order_id}", "auditor"),
    ]


def measure(
    ours: Server, bare: Server, database: int, world: World, times: int
) -> Iterator[FirstByte]:
    """Ask for each page, its bare one and the ready one in turns, so many times."""
    meter = Meter({"ours": [ours.pid, database], "bare": [bare.pid]})
    with Client(bare.port) as client:
        least, some = (len(client.ask(_bare(rows)).body) for rows in (0, _SAMPLE))
    for page in pages(world):
        told = {"Countermand-Persona": page.persona, "Accept": "text/html"}
        asked = request("GET", page.address, told)
        with ExitStack() as stack:
            client, other = (stack.enter_context(Client(one.port)) for one in (ours, bare))
            size = len(client.ask(asked).body)
            rows = max(0, round((size - least) / (some - least) * _SAMPLE))
            turns = [(client, asked), (other, _bare(min(rows, MOST_ROWS)))]
            meter.start()
            seen = [*_asked(turns, times)]
            cpu = {who: used / times * 1e6 for who, used in meter.lap().cpu.items()}
            seen += _asked([(other, _ready())], times)
            yield _first(page.name, size, seen, cpu)


def _asked(turns: Sequence[tuple[Client, bytes]], times: int) -> Iterator[list[float]]:
    """Milliseconds until the first byte of each, so many times in turns."""
    seen = [[client.ask(asked).first * 1e3 for client, asked in turns] for _ in range(times)]
    yield from map(list, zip(*seen, strict=True))


def _first(
    name: str, size: int, seen: Sequence[Sequence[float]], cpu: Mapping[str, float]
) -> FirstByte:
    ours, bare, ready = map(median, seen)
    best = _best(seen[0]), _best(seen[1])
    return FirstByte(name, size, ours, bare, ready, *best, cpu["ours"], cpu["bare"])


def _best(seen: Sequence[float]) -> float:
    return sorted(seen)[len(seen) // 10]


def _bare(rows: int) -> bytes:
    return request("GET", f"/page?rows={rows}")


def _ready() -> bytes:
    return request("GET", "/ready")
