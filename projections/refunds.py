"""Refunds: what goes back to buyers, one row a refund, and why some of it waits."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, get_args

from msgspec import Struct
from psycopg import Connection

from domain.payments import RefundState
from domain.refunds import Refund
from projections.pages import USUAL, BadPage, Id, Moment, checked_limit, key_of, page
from projections.shown import Shown, as_dict, json_of
from projections.table import Row, Table

TABLE = Table(
    "refunds",
    {
        "order_id": "text",
        "refund_id": "text",
        "seller_id": "text",
        "state": "text",
        "since": "bigint",
        "body": "bytea",
    },
    key=("order_id", "refund_id"),
)

STATES: tuple[str, ...] = get_args(RefundState)


class _Of(Struct, frozen=True, gc=False):
    """Which order a refund on a list belongs to."""

    order_id: str
    buyer_id: str
    seller_id: str
    currency: str


def rows(shown: Shown, unchanged: Collection[Refund] = ()) -> list[Row]:
    """The rows of an order's refunds, without those that are unchanged."""
    info = shown.info
    order_id, seller_id = info.order_id, info.seller_id
    head = json_of(_Of(order_id, info.buyer_id, seller_id, info.currency))[:-1] + b","
    return [
        (order_id, one.refund_id, seller_id, one.state, one.since, head + bytes(body)[1:])
        for one, body in zip(info.refunds, shown.refunds, strict=True)
        if one not in unchanged
    ]


def listed(
    conn: Connection[Any],
    *,
    state: str | None = None,
    seller_id: str | None = None,
    limit: int = USUAL,
    cursor: str | None = None,
) -> dict[str, Any]:
    """A page of refunds, newest cause first: `{"refunds": [...], "next": cursor or None}`.

    Raises BadPage for an unknown state, a limit beyond 1 to 200, or a cursor of another list.
    """
    if state is not None and state not in STATES:
        raise BadPage("state", "unknown_state", f"state must be one of {', '.join(STATES)}")
    listing = ("refunds", state, seller_id)
    key = key_of(listing, cursor, tuple[Moment, Id, Id]) or (2**63 - 1, "", "")
    # Without the conditions that are not asked for, the planner finds the index that fits.
    wanted = {"state": state, "seller_id": seller_id}
    asked = {column: value for column, value in wanted.items() if value is not None}
    conditions = "".join(f"{column} = %s AND " for column in asked)
    rows = conn.execute(
        "SELECT since, order_id, refund_id, body FROM countermand.refunds"  # noqa: S608  # our own names
        f" WHERE {conditions}(since, order_id, refund_id) < (%s, %s, %s)"
        " ORDER BY since DESC, order_id DESC, refund_id DESC LIMIT %s",
        (*asked.values(), *key, checked_limit(limit) + 1),
        binary=True,
    ).fetchall()
    shown, following = page(listing, rows, limit, lambda one: one[:3])
    return {"refunds": [as_dict(body) for *_, body in shown], "next": following}
