"""Dead letters that are about an order, as the order is told of them."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, NamedTuple

from psycopg import Connection

from application.event_store import Conflict, Statement
from consumers.messages import CHANNEL_OF
from domain.commands import SetAside

Rows = list[tuple[Any, ...]]


def set_aside(  # noqa: PLR0913, PLR0917  # the columns of a row
    now: int,
    source: str | None,
    message_id: str | None,
    kind: str | None,
    field: str | None,
    rule: str,
    sha: bytes,
) -> SetAside:
    """Tell an order of a letter in the contract's words only: a text may be about a person."""
    return SetAside(
        occurred_at=now,
        now=now,
        source=source or "",
        message_id=message_id or "",
        type=kind if kind in CHANNEL_OF else "",
        rule=rule,
        detail=f"{field}: {rule}" if field else rule,
        digest=bytes(sha).hex(),
    )


class Told(NamedTuple):
    """A letter about an order that was not known when it came. No number: it is of this batch."""

    letter_id: int | None
    order_id: str
    command: SetAside


_OF_ORDERS = b"""
SELECT dead_letter_id, order_id, source, message_id, type, field, rule, digest
FROM countermand.dead_letters WHERE state = 'open' AND order_id = ANY(%s) ORDER BY dead_letter_id
"""


def of_orders(
    conn: Connection[Any], order_ids: Collection[str], now: int
) -> Callable[[], list[Told]]:
    """Ask for open letters about orders, so that they show them; the answer reads them."""
    cursor = conn.execute(_OF_ORDERS, (list(order_ids),), prepare=True)
    return lambda: [_told(now, *row) for row in cursor.fetchall()]


def _told(now: int, letter_id: int, order_id: str, *said: Any) -> Told:  # noqa: ANN401
    command = set_aside(now, *said)
    return Told(letter_id, order_id, command)


def none_missed(order_ids: Collection[str], told: Collection[Told]) -> Statement:
    """Prove that no other letter about these new orders came since we looked."""
    known = {one.letter_id for one in told}

    def check(rows: Rows) -> None:
        if not {row[0] for row in rows} <= known:
            raise Conflict("a dead letter came while its order came")

    return Statement(
        "SELECT dead_letter_id FROM countermand.dead_letters"
        " WHERE state = 'open' AND order_id = ANY(%s)",
        (list(order_ids),),
        check,
    )


def resolve(letters: Collection[tuple[str, str, str]], now: int) -> Statement:
    """Close letters, by order, source and id, that a correction speaks for now."""
    orders, sources, ids = ([*column] for column in zip(*letters, strict=True))
    return Statement(
        "UPDATE countermand.dead_letters SET state = 'resolved', state_at = %s"
        " WHERE state = 'open' AND (order_id, source, message_id) IN"
        " (SELECT * FROM unnest(%s::text[], %s::text[], %s::text[]))",
        (now, orders, sources, ids),
    )
