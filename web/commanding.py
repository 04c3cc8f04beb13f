"""One command on one order now: decided, written and answered in one transaction, once per key.

The version check decides between two who write at once: the loser loads again and decides again.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Annotated, Any, NamedTuple

import msgspec
from fastapi import Depends, Header, Response
from pydantic import BaseModel

from application import answers
from application.answers import Answer, Key, KeyReused
from application.event_store import Conflict, Statement, StoreUnavailable, stream_id
from application.orders import Orders
from domain.events import Event
from domain.order import Order
from web.asking import see
from web.parts import Parts
from web.problems import MEDIA_TYPE, Problem, not_found
from web.security.caller import Caller

SOURCE = "/countermand/api"
"""The `source` of every command that came by HTTP; its message id is made of the key."""
TRIES = 20
"""How often it is decided again when others are faster."""
LONGEST_KEY = 255

_KEY = re.compile(rf"[!-~]{{1,{LONGEST_KEY}}}")


class Done(NamedTuple):
    """What a command led to, before it is written."""

    status: int
    body: dict[str, Any]
    also: Sequence[Statement] = ()
    """What is written with it."""
    position: int | None = None
    """Where what it repeats was written; none: it writes, or nothing was to be written."""


class Asked(NamedTuple):
    """A command's caller, key and order."""

    who: Caller
    key: str
    order_id: str
    digest: bytes

    @property
    def kept_as(self) -> Key:
        return Key(self.who.scope, self.key, self.digest)

    @property
    def message_id(self) -> str:
        """The same for the same key of the same caller, whatever becomes of the kept answer."""
        named = f"{self.who.scope}\n{self.key}".encode()
        return f"h-{hashlib.sha256(named).hexdigest()[:32]}"

    def id_of(self, kind: str) -> str:
        """The id of what it leads to, where its caller gave none: as lasting as the message's."""
        digest = hashlib.sha256(f"{self.order_id}\n{self.message_id}".encode()).hexdigest()
        return f"{kind}-{digest[:32]}"


Work = Callable[[Orders, Order, int], Done]
"""Decides on the orders of this try. It may raise Problem: then nothing is written or kept."""


def idempotency_key(key: str | None) -> str:
    """A command's key. Raises Problem 400."""
    if not key:
        raise Problem("idempotency-key-required", "the header Idempotency-Key is missing")
    if _KEY.fullmatch(key) is None:
        detail = f"Idempotency-Key must be 1 to {LONGEST_KEY} printable ASCII characters"
        raise Problem("idempotency-key-required", detail)
    return key


async def _given_key(
    given: Annotated[
        str | None,
        Header(
            alias="Idempotency-Key",
            description="Yours: the same key and body get the same answer. 1 to 255 characters.",
            examples=["5f0c1d5e-9a57-4c0a-8f7e-1f0e9a3b2c11"],
        ),
    ] = None,
) -> str:
    return idempotency_key(given)


IdempotencyKey = Annotated[str, Depends(_given_key)]


def asked(who: Caller, key: str, order_id: str, call: str, body: BaseModel | None) -> Asked:
    """A command: `call` names it, with everything that its address says."""
    said = b"" if body is None else body.model_dump_json(exclude_none=True).encode()
    ordered = msgspec.json.encode(msgspec.json.decode(said or b"null"), order="sorted")
    digest = hashlib.sha256(f"{call}\n{order_id}\n".encode() + ordered).digest()
    return Asked(who, key, order_id, digest)


def command(parts: Parts, said: Asked, work: Work) -> Answer:
    """Decide and write one command on an order, or find what it was answered before.

    Raises Problem: 404, 409 (the key was used for something else), 503, and what `work` raises.
    """

    def on_order(orders: Orders, now: int) -> Done:
        see(parts, said.who, said.order_id)
        orders.warm([said.order_id])
        order = orders.get(said.order_id)
        if order is None:
            raise not_found(f"order {said.order_id}")
        return work(orders, order, now)

    return once(parts, said.kept_as, on_order)


def once(parts: Parts, key: Key, work: Callable[[Orders, int], Done]) -> Answer:
    """Do `work`, and keep its answer under `key`, in one transaction; or find it there."""
    lost: StoreUnavailable | None = None
    for _ in range(TRIES):
        now = parts.clock()
        known = _answered(parts, key, now)
        if known is not None:
            return known
        try:
            return _try(parts, key, work, now)
        except Conflict:
            continue
        except StoreUnavailable as error:
            if lost is not None:
                raise
            lost = error  # it may be written: only the key knows
    detail = f"others were faster {TRIES} times; nothing was done"
    raise Problem("overtaken", detail, {"Retry-After": "1"})


def _try(parts: Parts, key: Key, work: Callable[[Orders, int], Done], now: int) -> Answer:
    """Do it and write it. Raises Conflict where somebody else has written meanwhile."""
    orders = Orders(parts.store, policy=parts.policy)
    try:
        done = work(orders, now)
    except Problem:
        # Perhaps for the only reason that the same was done beside us, under this very key.
        known = _answered(parts, key, parts.clock())
        if known is None:
            raise
        return known
    return _write(parts, key, orders, done, now)


def _answered(parts: Parts, key: Key, now: int) -> Answer | None:
    try:
        return answers.find(parts.store, key, now)
    except KeyReused:
        raise reused() from None


def _write(parts: Parts, key: Key, orders: Orders, done: Done, now: int) -> Answer:
    appends = orders.appends()
    position = done.position
    if not appends and position is None:
        position = parts.store.head()
    body = json.dumps(done.body, ensure_ascii=False).encode()
    kept = answers.keep(key, int(done.status), body, position, now)
    written = parts.store.append(appends, also=[*done.also, kept])
    return Answer(int(done.status), body, position if position is not None else written or 0)


def place_of(parts: Parts, order_id: str, version: int) -> int:
    """The position of an order's event: for an answer that repeats what was recorded then."""
    with parts.store.connection() as conn:
        row: Any = conn.execute(
            "SELECT notification_id FROM countermand.orders_events"
            " WHERE originator_id = %s AND originator_version = %s",
            (stream_id(order_id), version),
        ).fetchone()
    return int(row[0])


def upto(order: Order, event: Event) -> Order:
    """The order as it was just after `event`, which is one of its own."""
    place = next(place for place, one in enumerate(order.events) if one is event)
    return Order(order.placed, order.events[: place + 1])


def recorded(order: Order, said: Asked) -> Event | None:
    """The event that this very command led to, where its answer is kept no more."""
    for event in order.events:
        if event.message_id == said.message_id and event.source == SOURCE:
            return event
    return None


def when_first(order: Order, said: Asked, now: int) -> int:
    """When it was said: now, or when it was first recorded, so that the order knows it again."""
    first = recorded(order, said)
    return now if first is None else first.occurred_at


def reused() -> Problem:
    """The key named another command, perhaps so long ago that only the log remembers."""
    return Problem("idempotency-key-reused", "this Idempotency-Key was used for another command")


def as_dict(answer: Answer) -> dict[str, Any]:
    """The answer as plain values, with its position."""
    body: dict[str, Any] = json.loads(answer.body)
    return {**body, "position": str(answer.position)}


def respond(answer: Answer) -> Response:
    """The answer as it is sent."""
    body = answer.body[:-1] + f', "position": "{answer.position}"}}'.encode()
    is_good = answer.status < HTTPStatus.BAD_REQUEST
    return Response(body, answer.status, media_type="application/json" if is_good else MEDIA_TYPE)
