"""Refunds: what goes back to buyers, one row a refund, and why some of it waits."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, get_args

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
        "currency": "text",
        "amount": "numeric",
        "body": "bytea",
    },
    key=("order_id", "refund_id"),
)

STATES: tuple[str, ...] = get_args(RefundState)


Tries = Mapping[str, Asked]
"""What became of asking for refunds, by their ids; one that is not in it was not asked for."""

NO_TRIES: Tries = {}
_NOT_ASKED_YET: frozenset[RefundState] = frozenset({"held", "due"})


class _Of(Struct, frozen=True, gc=False):
    """Which order a refund on a list belongs to."""

    order_id: str
    buyer_id: str
    seller_id: str
    currency: str


class _Tried(Struct, frozen=True, gc=False):
    """How often a refund was asked for, and why it is not paid."""

    times_asked: int
    last_asked_at: str | None
    problem: str | None
    """What the payment provider said against it, if it is not paid."""
    answered_at: str | None


def tries(info: OrderInformation, events: Iterable[Event], did: Collection[ProcessEvent]) -> Tries:
    """What became of asking for an order's refunds; both streams whole."""
    if not did:
        for refund in info.refunds:
            if refund.state not in _NOT_ASKED_YET:
                break
        else:  # as is usual: nobody has to look
            return NO_TRIES
    return asked(events, did)


class Written(NamedTuple):
    """Refunds as they were last written."""

    refunds: tuple[Refund, ...] = ()
    tried: Tries = NO_TRIES


NONE_WRITTEN = Written()


def rows(shown: Shown, tried: Tries, before: Written = NONE_WRITTEN) -> list[Row]:
    """The rows of an order's refunds, without those that are as they were `before`."""
    info = shown.info
    if not info.refunds:
        return []
    order_id, seller_id = info.order_id, info.seller_id
    head = json_of(_Of(order_id, info.buyer_id, seller_id, info.currency))[:-1] + b","
    unchanged = before.refunds if tried == before.tried else ()
    return [
        (
            order_id,
            one.refund_id,
            seller_id,
            one.state,
            one.since,
            info.currency,
            one.amount,
            head + (_tried(tried, one.refund_id) if tried else _NOT_TRIED) + bytes(body)[1:],
        )
        for one, body in zip(info.refunds, shown.refunds, strict=True)
        if one not in unchanged
    ]


def _tried(tried: Tries, refund_id: str) -> bytes:
    """The middle of a refund's JSON."""
    spoken_of = tried.get(refund_id, NEVER)
    shown = _Tried(
        spoken_of.times,
        moment_or_none(spoken_of.last_at),
        spoken_of.problem,
        moment_or_none(spoken_of.answered_at),
    )
    return json_of(shown)[1:-1] + b","


_NOT_TRIED = _tried(NO_TRIES, "")


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
    return _page(listing, rows, limit)


def many(
    conn: Connection[Any], wanted: Collection[tuple[str, str]]
) -> dict[tuple[str, str], dict[str, Any]]:
    """Refunds by their orders' ids and their own; unknown ones are left out."""
    order_ids, refund_ids = zip(*wanted, strict=True)
    rows = conn.execute(
        "SELECT order_id, refund_id, body FROM countermand.refunds"
        " JOIN unnest(%s::text[], %s::text[]) AS wanted (order_id, refund_id)"
        " USING (order_id, refund_id)",
        (list(order_ids), list(refund_ids)),
        binary=True,
        prepare=True,
    ).fetchall()
    return {(order_id, refund_id): as_dict(body) for order_id, refund_id, body in rows}


def by_state(
    conn: Connection[Any], states: Sequence[str], *, seller_id: str | None, limit: int
) -> dict[str, dict[str, Any]]:
    """The first page of each state, as `listed` has it, by one statement."""
    of_seller = "" if seller_id is None else " AND seller_id = %(seller)s"
    rows = conn.execute(
        "SELECT asked.state, first.* FROM unnest(%(states)s::text[]) AS asked (state)"  # noqa: S608  # our own names
        " CROSS JOIN LATERAL (SELECT since, order_id, refund_id, body FROM countermand.refunds"
        f" WHERE state = asked.state{of_seller}"
        " ORDER BY since DESC, order_id DESC, refund_id DESC LIMIT %(most)s) AS first"
        " ORDER BY since DESC, order_id DESC, refund_id DESC",
        {"states": list(states), "seller": seller_id, "most": checked_limit(limit) + 1},
        binary=True,
    ).fetchall()
    return {
        state: _page(
            ("refunds", state, seller_id), [row[1:] for row in rows if row[0] == state], limit
        )
        for state in states
    }


def _page(
    listing: tuple[str | None, ...], rows: Sequence[tuple[Any, ...]], limit: int
) -> dict[str, Any]:
    shown, following = page(listing, rows, limit, lambda one: one[:3])
    return {"refunds": [as_dict(body) for *_, body in shown], "next": following}
