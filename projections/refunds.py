"""Refunds: what goes back to buyers, one row a refund, and why some of it waits."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any, get_args

from msgspec import Struct
from psycopg import Connection

from domain.asking import NEVER, Asked, asked
from domain.events import Event
from domain.information import OrderInformation
from domain.payments import RefundState
from domain.process_events import ProcessEvent
from domain.refunds import Refund
from projections.pages import USUAL, BadPage, Id, Moment, checked_limit, key_of, page
from projections.shown import Shown, as_dict, json_of, moment_or_none
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


Told = tuple[Refund, Asked]
"""A refund, and what became of asking for it."""


class _Of(Struct, frozen=True, gc=False):
    """Which order a refund on a list belongs to, and how often it was asked for."""

    order_id: str
    buyer_id: str
    seller_id: str
    currency: str
    times_asked: int
    last_asked_at: str | None
    problem: str | None
    """What the payment provider said against it, if it is not paid."""


def told(
    info: OrderInformation, events: Iterable[Event], did: Iterable[ProcessEvent]
) -> tuple[Told, ...]:
    """The refunds of an order, with what became of asking for each; both streams whole."""
    if not info.refunds:
        return ()
    spoken_of = asked(events, did)
    return tuple([(one, spoken_of.get(one.refund_id, NEVER)) for one in info.refunds])


def rows(shown: Shown, refunds: Iterable[Told], unchanged: Collection[Told] = ()) -> list[Row]:
    """The rows of an order's refunds, all of which are given, without those that are unchanged."""
    info = shown.info
    return [
        (
            info.order_id,
            one[0].refund_id,
            info.seller_id,
            one[0].state,
            one[0].since,
            _head(info, one[1]) + bytes(body)[1:],
        )
        for one, body in zip(refunds, shown.refunds, strict=True)
        if one not in unchanged
    ]


def _head(info: OrderInformation, spoken_of: Asked) -> bytes:
    """The beginning of a refund's JSON; the rest is as Order Information has it."""
    head = _Of(
        info.order_id,
        info.buyer_id,
        info.seller_id,
        info.currency,
        spoken_of.times,
        moment_or_none(spoken_of.last_at),
        spoken_of.problem,
    )
    return json_of(head)[:-1] + b","


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
