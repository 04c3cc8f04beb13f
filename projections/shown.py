"""An order's figures in the form in which people get them: amounts and times as text, as JSON."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

import msgspec
from msgspec import Struct

from domain.discrepancies import Discrepancy
from domain.information import LineFigures, OrderInformation
from domain.items import Item
from domain.money import to_text
from domain.refunds import Refund

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001  # written with a Z of its own, which is faster
_ENCODE = msgspec.json.Encoder().encode


@lru_cache(maxsize=65_536)
def moment(micros: int) -> str:
    """Write microseconds since 1970-01-01 UTC as RFC 3339, as in `2026-11-17T14:02:00Z`."""
    return f"{(_EPOCH + timedelta(microseconds=micros)).isoformat()}Z"


def moment_or_none(micros: int | None) -> str | None:
    """Write a time that may be missing."""
    return None if micros is None else moment(micros)


class ShownUnits(Struct, frozen=True):
    """Some units of a line, and what they are worth in this refund."""

    line_id: str
    quantity: int
    amount: str


class ShownRefund(Struct, frozen=True):
    """A refund inside an order."""

    refund_id: str
    amount: str
    state: str
    reason: str
    held_until: str | None
    since: str
    kind: str
    fee: str
    items: tuple[ShownUnits, ...]


class ShownOrder(Struct, frozen=True):
    """Order Information."""

    order_id: str
    buyer_id: str
    seller_id: str
    currency: str
    status: str
    version: int
    placed_at: str
    lines: tuple[LineFigures, ...]
    refunds: tuple[ShownRefund, ...]
    refunded: str
    at_large: tuple[Item, ...]
    refuse_parcels: tuple[str, ...]
    discrepancies: tuple[Discrepancy, ...]
    last_cancelled_at: str | None


def shown_order(info: OrderInformation) -> ShownOrder:
    """Order Information as it is sent; encode it with `json_of`."""
    currency = info.currency
    return ShownOrder(
        order_id=info.order_id,
        buyer_id=info.buyer_id,
        seller_id=info.seller_id,
        currency=currency,
        status=info.status,
        version=info.version,
        placed_at=moment(info.placed_at),
        lines=info.lines,
        refunds=tuple([shown_refund(refund, currency) for refund in info.refunds]),
        refunded=to_text(info.refunded, currency),
        at_large=info.at_large,
        refuse_parcels=info.refuse_parcels,
        discrepancies=info.discrepancies,
        last_cancelled_at=moment_or_none(info.last_cancelled_at),
    )


def shown_refund(refund: Refund, currency: str) -> ShownRefund:
    """A refund as it is shown inside its order."""
    return ShownRefund(
        refund_id=refund.refund_id,
        amount=to_text(refund.amount, currency),
        state=refund.state,
        reason=refund.reason,
        held_until=moment_or_none(refund.held_until),
        since=moment(refund.since),
        kind=refund.kind,
        fee=to_text(refund.fee, currency),
        items=tuple(
            [
                ShownUnits(units.line_id, units.quantity, to_text(units.amount, currency))
                for units in refund.covers
            ]
        ),
    )


def json_of(shown: Struct) -> bytes:
    """The JSON of a shape of this module, without spaces."""
    return _ENCODE(shown)


def as_dict(body: bytes) -> dict[str, Any]:
    """A stored body as plain values."""
    plain: dict[str, Any] = msgspec.json.decode(body)
    return plain
