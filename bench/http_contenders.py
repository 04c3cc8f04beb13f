"""Who answers what: ours with tokens and without, a bare handler, and one SQL statement."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from functools import partial
from itertools import cycle, islice
from pathlib import Path
from typing import Any, NamedTuple

from bench import http_bare, http_load, http_sql
from bench.http_client import Client, request
from bench.http_load import Asked, Load
from bench.http_serving import Identity, Server
from bench.http_world import Order, World

TOKENS, OPEN, BARE, SQL = "ours, tokens", "ours, open", "bare handler", "one statement"
ORDER, LISTED, CANCEL = "order", "list", "cancel"
API = "/api/v1"
_PAGE = 25
"""Orders of a list."""
_BUSY = 300
"""Orders that are read in turns."""
_MOST = 15_000
"""Answers a second that there are requests for."""
_CREATED = 201
_ASKED = {
    "requested_by": "buyer",
    "reason": "changed_mind",
    "items": [{"line_id": "1", "quantity": 1}],
}
_BODY = json.dumps(_ASKED).encode()
LAID_OUT = 1
"""Cancellations that are made before anybody is measured."""
Run = Callable[[int, float], Load]


class Setting(NamedTuple):
    """Everybody who takes part."""

    url: str
    world: World
    who: Identity
    open: Server
    with_tokens: Server
    bare: Server
    client: Executor
    """A process that asks, and does nothing else."""
    at_once: int
    """Cancellations that one run takes at most."""


class Contender(NamedTuple):
    """Does one kind of work, with so many connections, for so many seconds."""

    work: str
    name: str
    pid: int | None
    """The server's; none: the client asks the database."""
    run: Run

    @property
    def is_ours(self) -> bool:
        return self.name in {TOKENS, OPEN}

    @property
    def status(self) -> int:
        """What every answer must be."""
        return _CREATED if self.work == CANCEL and self.pid else 200


def lay_out(folder: Path, ours: Server, world: World) -> None:
    """Keep answers of ours: the bare server gives the same."""
    order = world.told[0]
    asked = {
        http_bare.ORDER: request("GET", f"{API}/orders/{order.order_id}"),
        http_bare.LISTED: request("GET", f"{API}{_list(order)}"),
        http_bare.CANCELLED: _cancellation(API, world.fresh.pop()),
        http_bare.READY: request("GET", f"/orders/{order.order_id}", {"Accept": "text/html"}),
    }
    with Client(ours.port) as client:
        for name, one in asked.items():
            (folder / name).write_bytes(client.ask(one).body)


def contenders(setting: Setting) -> list[Contender]:
    """Everybody, those who do the same work one after the other."""
    return [*_reading(setting), *_listing(setting), *_cancelling(setting)]


def _reading(setting: Setting) -> Iterator[Contender]:
    some = setting.world.told[:_BUSY]
    addresses = [f"/orders/{one.order_id}" for one in some]
    bearers = [setting.who.bearer("buyer", sub=one.buyer_id) for one in some]
    yield from _served(setting, ORDER, addresses, bearers)
    values = [(one.order_id, one.buyer_id) for one in some]
    yield Contender(ORDER, SQL, None, partial(_states, setting, http_sql.READ, values))


def _listing(setting: Setting) -> Iterator[Contender]:
    some = setting.world.told[:_BUSY]
    sellers = sorted({one.seller_id for one in some})
    bearers = {one: setting.who.bearer("seller", seller_id=one) for one in sellers}
    addresses = [_list(one) for one in some]
    yield from _served(setting, LISTED, addresses, [bearers[one.seller_id] for one in some])
    values = [(one.seller_id, _PAGE + 1) for one in some]
    yield Contender(LISTED, SQL, None, partial(_states, setting, http_sql.LIST, values))


def _served(
    setting: Setting, work: str, addresses: Sequence[str], bearers: Sequence[dict[str, str]]
) -> Iterator[Contender]:
    """The same read of three servers."""
    ours = [request("GET", f"{API}{address}") for address in addresses]
    known = [
        request("GET", f"{API}{address}", bearer)
        for address, bearer in zip(addresses, bearers, strict=True)
    ]
    bare = [request("GET", address) for address in addresses]
    for name, server, asked in (
        (TOKENS, setting.with_tokens, known),
        (OPEN, setting.open, ours),
        (BARE, setting.bare, bare),
    ):
        yield Contender(work, name, server.pid, partial(_asks, setting, server, asked))


def _cancelling(setting: Setting) -> Iterator[Contender]:
    buyers = sorted({one.buyer_id for one in setting.world.fresh})
    bearers = {one: setting.who.bearer("buyer", sub=one) for one in buyers}

    def known(connections: int, seconds: float) -> Load:
        some = _fresh(setting)
        asked = [_cancellation(API, one, bearers[one.buyer_id]) for one in some]
        return _asks(setting, setting.with_tokens, asked, connections, seconds, once=True)

    def ours(connections: int, seconds: float) -> Load:
        asked = [_cancellation(API, one) for one in _fresh(setting)]
        return _asks(setting, setting.open, asked, connections, seconds, once=True)

    some = setting.world.told[:_BUSY]
    bare = [_cancellation("", one) for one in some]
    values = [(one.order_id, _BODY) for one in some]
    yield Contender(CANCEL, TOKENS, setting.with_tokens.pid, known)
    yield Contender(CANCEL, OPEN, setting.open.pid, ours)
    yield Contender(CANCEL, BARE, setting.bare.pid, partial(_asks, setting, setting.bare, bare))
    yield Contender(CANCEL, SQL, None, partial(_states, setting, http_sql.WRITE, values))


def _list(order: Order) -> str:
    return f"/sellers/{order.seller_id}/orders?limit={_PAGE}"


def _cancellation(root: str, order: Order, headers: dict[str, str] | None = None) -> bytes:
    told = {"Idempotency-Key": f"once-{order.order_id}", **(headers or {})}
    return request("POST", f"{root}/orders/{order.order_id}/cancellations", told, _BODY)


def _fresh(setting: Setting) -> list[Order]:
    """Orders that nobody has cancelled anything of; they are gone then."""
    fresh = setting.world.fresh
    taken = fresh[: setting.at_once]
    del fresh[: setting.at_once]
    return taken


def _asks(  # noqa: PLR0913  # who asks whom, what, and how
    setting: Setting,
    server: Server,
    asked: list[bytes],
    connections: int,
    seconds: float,
    *,
    once: bool = False,
) -> Load:
    some = asked if once else list(islice(cycle(asked), round(_MOST * seconds)))
    whom = Asked(server.port, connections, seconds)
    return setting.client.submit(http_load.load, whom, some).result()


def _states(
    setting: Setting,
    sql: bytes,
    values: Sequence[Sequence[Any]],
    connections: int,
    seconds: float,
) -> Load:
    some = list(islice(cycle(values), round(_MOST * seconds)))
    how = Asked(0, connections, seconds)
    return setting.client.submit(http_sql.load, setting.url, how, sql, some).result()
