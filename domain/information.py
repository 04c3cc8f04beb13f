"""Order Information: what an order looks like at a moment, in figures for people."""

from __future__ import annotations

from msgspec import Struct

from domain.cases import discrepancies, has_case
from domain.discrepancies import Discrepancy
from domain.events import DeliveryRejected, Event, Party
from domain.goods import Goods, LineGoods
from domain.items import Item
from domain.refunds import Money, Policy, Refund
from domain.refusing import parcels_to_refuse
from domain.state import Order
from domain.status import Status, status


class LineFigures(Struct, frozen=True, gc=False):
    """One line. `cancelled + requested + refuse_delivery + remaining = ordered`, always."""

    line_id: str
    sku: str
    title: str
    ordered: int
    cancelled: int
    requested: int
    refuse_delivery: int
    remaining: int
    to_ship: int
    shipped: int
    """As reported, over-shipped units included; never inferred."""
    delivered: int
    rejected: int
    """As reported, at most what the parcels hold."""
    returned: int
    cancellable: int
    lapsed: int
    coming_soon: bool


class LastCancellation(Struct, frozen=True, gc=False):
    """Who cancelled last, and why."""

    cancellation_id: str
    requested_by: Party
    reason: str


class OrderInformation(Struct, frozen=True, gc=False):
    """An order as it stands; amounts in minor units, times in microseconds."""

    order_id: str
    buyer_id: str
    seller_id: str
    currency: str
    status: Status
    version: int
    placed_at: int
    """When the buyer placed the order, as its message says."""
    lines: tuple[LineFigures, ...]
    refunds: tuple[Refund, ...]
    refunded: int
    at_large: tuple[Item, ...]
    """Refunded goods at large: money was asked for, and the units are not back."""
    refuse_parcels: tuple[str, ...]
    """Parcels that the buyer should refuse: on their way, with units that are not wanted."""
    discrepancies: tuple[Discrepancy, ...]
    last_cancelled_at: int | None
    """When the latest cancellation that stands was recorded; a refusal of wanted goods is one."""
    last_cancellation: LastCancellation | None
    """None: nothing was cancelled, or only by a refusal at the door, which needs no reason."""
    turns_due_at: int | None
    """When a held refund becomes due with no further event."""


def order_information(order: Order, now: int, policy: Policy) -> OrderInformation:
    """Work out what to show at `now` (microseconds)."""
    where = order.goods()
    return information_of(order, where, order.money_for(where, now, policy), policy)


def information_of(order: Order, where: Goods, money: Money, policy: Policy) -> OrderInformation:
    """The same, when it is known where the goods are and which refunds there are."""
    found = discrepancies(order, where, money)
    placed = order.placed
    return OrderInformation(
        order_id=placed.order_id,
        buyer_id=placed.buyer_id,
        seller_id=placed.seller_id,
        currency=placed.currency,
        status=status(where, money, lambda: has_case(order, where, money, found, policy)),
        version=order.version,
        placed_at=placed.occurred_at,
        lines=tuple([_figures(line) for line in where.lines.values()]),
        refunds=money.refunds,
        refunded=money.refunded,
        at_large=money.at_large,
        refuse_parcels=parcels_to_refuse(where),
        discrepancies=found,
        last_cancelled_at=_last_cancelled_at(order.events, where),
        last_cancellation=_last_cancellation(where),
        turns_due_at=money.turns_due_at,
    )


def _figures(goods: LineGoods) -> LineFigures:
    line, counts, ledger = goods.line, goods.counts, goods.ledger
    # By position: this runs for every line of every order that changes.
    return LineFigures(
        line.line_id,
        line.sku,
        line.title,
        ledger.ordered,
        ledger.cancelled,
        ledger.requested,
        ledger.refuse_delivery,
        ledger.remaining,
        ledger.to_ship,
        counts.shipped,
        counts.accepted,
        counts.rejected,
        counts.returned_good + counts.returned_bad,
        ledger.cancellable,
        ledger.lapsed,
        line.coming_soon,
    )


def _last_cancelled_at(events: tuple[Event, ...], where: Goods) -> int | None:
    standing = where.cancellations
    if standing:
        return standing[-1][1].recorded_at
    if not any(line.ledger.crossed for line in where.lines.values()):
        return None
    rejections = [event.recorded_at for event in events if isinstance(event, DeliveryRejected)]
    return rejections[-1] if rejections else events[-1].recorded_at


def _last_cancellation(where: Goods) -> LastCancellation | None:
    if not where.cancellations:
        return None
    last = where.cancellations[-1][1]
    return LastCancellation(last.cancellation_id, last.requested_by, last.reason)
