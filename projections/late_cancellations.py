"""Late cancellations: one row a wait, open or ended; whom it waits for, since when, until when.

What time alone changes, whether a wait is overdue, is no part of a row: the list says it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, NamedTuple

import msgspec
from msgspec import Struct
from psycopg import Connection

from domain.awaited import Awaited
from domain.information import OrderInformation
from domain.items import Item
from projections.pages import USUAL, BadPage, Id, Moment, checked_limit, key_of, page
from projections.shown import as_dict, json_of, moment, moment_or_none
from projections.table import Row, Table

TABLE = Table(
    "late_cancellations",
    {
        "order_id": "text",
        "number": "bigint",
        "seller_id": "text",
        "due": "bigint",
        "ended_at": "bigint",
        "body": "bytea",
    },
    key=("order_id", "number"),
)

STATES = ("open", "overdue", "closed")

NEVER = 2**63 - 1
"""What a wait without a deadline is sorted by: it comes last."""

_Number = Annotated[int, msgspec.Meta(ge=0)]


class _Step(Struct, frozen=True, gc=False):
    at: str
    what: str


class _Case(Struct, frozen=True, gc=False):
    """A wait as people get it, but for whether it is overdue."""

    order_id: str
    buyer_id: str
    seller_id: str
    wait: str
    items: tuple[Item, ...]
    waits_for: str
    since: str
    until: str | None
    reason: str
    ended_at: str | None
    steps: list[_Step]


def rows(info: OrderInformation, waits: Sequence[Awaited]) -> list[Row]:
    """The rows of an order's waits."""
    return [
        (
            info.order_id,
            wait.number,
            info.seller_id,
            NEVER if wait.until is None else wait.until,
            wait.ended_at,
            json_of(_case(info, wait)),
        )
        for wait in waits
    ]


def _case(info: OrderInformation, wait: Awaited) -> _Case:
    return _Case(
        info.order_id,
        info.buyer_id,
        info.seller_id,
        wait.wait,
        wait.items,
        wait.waits_for,
        moment(wait.since),
        moment_or_none(wait.until),
        wait.reason,
        moment_or_none(wait.ended_at),
        [_Step(moment(step.at), step.what) for step in wait.steps],
    )


class Which(NamedTuple):
    """Which waits to list. Of `open` ones some are `overdue`."""

    state: str = "open"
    seller_id: str | None = None


ALL_OPEN = Which()


def listed(
    conn: Connection[Any],
    now: int,
    which: Which = ALL_OPEN,
    *,
    limit: int = USUAL,
    cursor: str | None = None,
) -> dict[str, Any]:
    """A page of waits at `now` (microseconds): `{"cases": [...], "next": cursor or None}`.

    Open ones come by their deadlines, so the overdue are first; closed ones as they ended, the
    latest first. Raises BadPage for an unknown state, a limit beyond 1 to 200, or a cursor of
    another list.
    """
    if which.state not in STATES:
        raise BadPage("state", "unknown_state", f"state must be one of {', '.join(STATES)}")
    listing = ("late-cancellations", *which)
    key = key_of(listing, cursor, tuple[Moment, Id, _Number])
    sql = _CLOSED if which.state == "closed" else _OPEN
    condition = "" if which.seller_id is None else "seller_id = %(seller)s AND"
    sought = {
        "seller": which.seller_id,
        "upto": now if which.state == "overdue" else NEVER,
        **dict(zip(("at", "order", "number"), key or _START[which.state], strict=True)),
        "limit": checked_limit(limit) + 1,
    }
    found = conn.execute(sql.format(seller=condition).encode(), sought, binary=True).fetchall()
    shown, following = page(listing, found, limit, lambda one: one[:3])
    return {"cases": [_shown(body, due, now) for due, *_, body in shown], "next": following}


# Without a condition that is not asked for, the planner finds the index that fits.
_OPEN = """
SELECT due, order_id, number, body FROM countermand.late_cancellations
WHERE ended_at IS NULL AND {seller} due <= %(upto)s
AND (due, order_id, number) > (%(at)s, %(order)s, %(number)s)
ORDER BY due, order_id, number LIMIT %(limit)s
"""
_CLOSED = """
SELECT ended_at, order_id, number, body FROM countermand.late_cancellations
WHERE {seller} ended_at IS NOT NULL
AND (ended_at, order_id, number) < (%(at)s, %(order)s, %(number)s)
ORDER BY ended_at DESC, order_id DESC, number DESC LIMIT %(limit)s
"""
_START = {"open": (-1, "", 0), "overdue": (-1, "", 0), "closed": (NEVER, "", 0)}


def _shown(body: bytes, due: int, now: int) -> dict[str, Any]:
    case = as_dict(body)
    steps = case.pop("steps")
    is_open = case["ended_at"] is None
    return {**case, "overdue": is_open and due <= now, "steps": steps}
