"""What can be asked: views, and the log behind them, each filtered by who asks.

Plain functions of the parts and the caller; the API and the pages ask the same. They wait for the
database, so they are called from plain `def` routes, in a thread or by `web.reading`. `Problem`
says what cannot be answered.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, NamedTuple

import msgspec
from fastapi import Query

from audit.as_of import as_of
from consumers.fields import Item as AskedItem
from domain.events import CancellationRefused
from domain.items import Item
from domain.preview import preview
from domain.process_events import ProcessEvent
from domain.state import Order, fold
from projections import (
    cancelled_orders,
    conformance,
    counts,
    exposure,
    late_cancellations,
    order_information,
    refunds,
    timeline,
    whose,
)
from projections import history as log
from projections.pages import MOST, USUAL
from projections.shown import as_dict, moment
from web.parts import Parts
from web.problems import Problem, not_found
from web.security.caller import Caller, Role, sees
from web.shapes.cancellations import meaning_as_json

Body = dict[str, Any]


class Page(NamedTuple):
    """Which part of a list."""

    limit: int = USUAL
    cursor: str | None = None


Cursor = Annotated[
    str | None, Query(max_length=1_000, description="The `next` of the page before.")
]


async def paged(
    limit: Annotated[int, Query(ge=1, le=MOST, description="How many at most.")] = USUAL,
    cursor: Cursor = None,
) -> Page:
    """Which part of a list is asked for."""
    return Page(limit, cursor)


def order_json(parts: Parts, who: Caller, order_id: str) -> bytes:
    """Order Information as it is sent. Raises Problem 404 for unknown and foreign ones."""
    buyer_id, seller_id = sees(who)
    with parts.store.connection() as conn:
        body = order_information.seen(conn, order_id, buyer_id=buyer_id, seller_id=seller_id)
    if body is None:
        raise not_found(f"order {order_id}")
    return body


def order(parts: Parts, who: Caller, order_id: str) -> Body:
    """Order Information as plain values."""
    return as_dict(order_json(parts, who, order_id))


def order_as_of(parts: Parts, who: Caller, order_id: str, at: int) -> Body:
    """Order Information with all that was recorded by `at` (microseconds), and nothing later."""
    see(parts, who, order_id)
    found = as_of(parts.store, order_id, at, parts.policy)
    if found is None:
        raise not_found(f"order {order_id} at {moment(at)}")
    return found


def history(parts: Parts, who: Caller, order_id: str) -> Body:
    """Every event of an order."""
    see(parts, who, order_id)
    return _found(log.history(parts.store, order_id), order_id)


def order_timeline(parts: Parts, who: Caller, order_id: str) -> Body:
    """The whole story of an order, with what its process did, and what it waits for."""
    see(parts, who, order_id)
    return _found(timeline.of_order(parts.store, order_id, parts.clock()), order_id)


def see(parts: Parts, who: Caller, order_id: str) -> None:
    """Raise the one Problem 404 of unknown and foreign orders: before anything is loaded.

    It is asked in the SQL, and answers in the same time for both.
    """
    buyer_id, seller_id = sees(who)
    if buyer_id is None and seller_id is None:
        return
    with parts.store.connection() as conn:
        is_own = whose.is_seen(conn, order_id, buyer_id=buyer_id, seller_id=seller_id)
    if not is_own:
        raise not_found(f"order {order_id}")


def _found(body: Body | None, order_id: str) -> Body:
    if body is None:
        raise not_found(f"order {order_id}")
    return body


def order_state(parts: Parts, who: Caller, order_id: str) -> Order:
    """The order itself, from the log, if it is the caller's. Raises Problem 404."""
    return order_found(parts, who, order_id).order


class OrderFound(NamedTuple):
    """An order, all that its process did, and what persons wrote, by the names of their notes."""

    order: Order
    did: list[ProcessEvent]
    notes: Mapping[str, str]


def order_found(parts: Parts, who: Caller, order_id: str) -> OrderFound:
    """The same, with all that is kept beside it."""
    buyer_id, seller_id = sees(who)
    found = whose.found(parts.store, order_id, buyer_id=buyer_id, seller_id=seller_id)
    order = fold(found.events)
    if order is None:
        raise not_found(f"order {order_id}")
    return OrderFound(order, found.did, found.notes)


def cancellation_preview(
    parts: Parts, who: Caller, order_id: str, items: list[AskedItem] | None
) -> Body:
    """What cancelling would mean now. Raises Problem 409 where it would be refused."""
    found = order_state(parts, who, order_id)
    now = max(parts.clock(), found.events[-1].recorded_at)
    meant = preview(found, as_items(items), now, parts.policy)
    if isinstance(meant, CancellationRefused):
        raise Problem(
            "cancellation-refused",
            f"it would be refused: {meant.rule}",
            rule=meant.rule,
            version=found.version,
            cancellable=msgspec.to_builtins(meant.cancellable),
        )
    return meaning_as_json(meant, order_id, found.version, found.placed.currency)


def as_items(items: list[AskedItem] | None) -> tuple[Item, ...] | None:
    """Units of lines in the domain's words."""
    if items is None:
        return None
    return tuple([Item(item["line_id"], item["quantity"]) for item in items])


def buyers_orders(parts: Parts, who: Caller, buyer_id: str, status: str | None, part: Page) -> Body:
    """A page of a buyer's orders; a seller sees those at that seller."""
    buyer, seller = _of(who, "buyer", buyer_id)
    which = order_information.Which(status, buyer, seller)
    with parts.store.connection() as conn:
        return order_information.of_buyer(conn, buyer_id, which, **part._asdict())


def buyers_counted(
    parts: Parts, who: Caller, buyer_id: str, status: str | None, part: Page
) -> tuple[Body, order_information.Counts]:
    """The same, and how many of the buyer's latest orders are in each status."""
    buyer, seller = _of(who, "buyer", buyer_id)
    which = order_information.Which(status, buyer, seller)
    with parts.store.connection() as conn:
        return order_information.counted_of_buyer(conn, buyer_id, which, **part._asdict())


def sellers_orders(
    parts: Parts, who: Caller, seller_id: str, status: str | None, part: Page
) -> Body:
    """A page of a seller's orders; a buyer sees that buyer's."""
    buyer, seller = _of(who, "seller", seller_id)
    which = order_information.Which(status, buyer, seller)
    with parts.store.connection() as conn:
        return order_information.of_seller(conn, seller_id, which, **part._asdict())


def buyers_cancelled(parts: Parts, who: Caller, buyer_id: str, part: Page) -> Body:
    """A page of a buyer's orders with cancelled goods."""
    _, seller = _of(who, "buyer", buyer_id)
    with parts.store.connection() as conn:
        return cancelled_orders.of_buyer(conn, buyer_id, seller_id=seller, **part._asdict())


def _of(who: Caller, role: Role, named: str) -> tuple[str | None, str | None]:
    """The filter by caller of a list that is one buyer's or seller's. Raises Problem 404."""
    if who.role == role and who.id != named:
        raise not_found(f"{role} {named}")
    return sees(who)


def sellers_refunds(
    parts: Parts, who: Caller, seller_id: str, state: str | None, part: Page
) -> Body:
    """A page of a seller's refunds."""
    _staff(who)
    _of(who, "seller", seller_id)
    with parts.store.connection() as conn:
        return refunds.listed(conn, state=state, seller_id=seller_id, **part._asdict())


def cases(
    parts: Parts,
    who: Caller,
    state: Literal["open", "overdue", "closed"],
    seller_id: str | None,
    part: Page,
) -> Body:
    """A page of what is awaited, of the caller's or of all sellers."""
    which = late_cancellations.Which(state, _seller(who, seller_id))
    with parts.store.connection() as conn:
        return late_cancellations.listed(conn, parts.clock(), which, **part._asdict())


class Today(NamedTuple):
    """What a seller looks at in the morning."""

    cases: Body
    counted: dict[str, int]
    """Cases in each state, and how many of the open ones end `soon`."""
    out: Body
    """Money and goods that are out."""


def today(
    parts: Parts,
    who: Caller,
    which: late_cancellations.Which,
    part: Page,
    soon: int,
) -> Today:
    """A page of cases, with what stands around it; `soon`: within so many microseconds."""
    seller = _seller(who, which.seller_id)
    now = parts.clock()
    with parts.store.connection() as conn:
        return Today(
            late_cancellations.listed(
                conn, now, which._replace(seller_id=seller), **part._asdict()
            ),
            counts.cases(conn, now, now + soon, seller),
            exposure.longest(conn, seller_id=seller, limit=part.limit),
        )


def exposed(parts: Parts, who: Caller, seller_id: str | None, part: Page) -> Body:
    """Money out and goods out, of the caller's or of all sellers."""
    seller = _seller(who, seller_id)
    with parts.store.connection() as conn:
        return exposure.listed(conn, seller_id=seller, **part._asdict())


def warehouses(parts: Parts, who: Caller, part: Page) -> Body:
    """How warehouses keep their word; a warehouse sees its own."""
    if who.role == "buyer":
        raise Problem("forbidden", "a buyer does not see how warehouses do")
    own_id = who.id if who.role == "warehouse" else None
    with parts.store.connection() as conn:
        return conformance.listed(conn, warehouse_id=own_id, **part._asdict())


def _staff(who: Caller) -> None:
    sees(who)
    if who.role == "buyer":
        raise Problem("forbidden", "a buyer sees this of the own orders, in Order Information")


def _seller(who: Caller, asked: str | None) -> str | None:
    """Whose to list: a seller's own, whatever is asked for; others may ask for one."""
    _staff(who)
    if who.role != "seller":
        return asked
    if asked not in (None, who.id):
        raise not_found(f"seller {asked}")
    return who.id
