"""An order's figures in the form in which people get them: amounts and times as text, as JSON."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

import msgspec
from msgspec import Raw, Struct

from application.waiting import be_little
from domain.discrepancies import Discrepancy
from domain.information import LastCancellation, LineFigures, OrderInformation
from domain.items import Item
from domain.money import to_text
from domain.refunds import Refund

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001  # written with a Z of its own, which is faster
_ENCODE = msgspec.json.Encoder().encode


@lru_cache(maxsize=65_536)
def moment(micros: int) -> str:
    """Write microseconds since 1970-01-01 UTC as RFC 3339, as in `2026-11-17T14:02:00Z`."""
    return f"{(_EPOCH + timedelta(microseconds=micros)).isoformat()}Z"


# An order's amounts and times come again with each of its events, and most fees are zero.
amount = lru_cache(maxsize=65_536)(to_text)


def moment_or_none(micros: int | None) -> str | None:
    """Write a time that may be missing."""
    return None if micros is None else moment(micros)


class ShownUnits(Struct, frozen=True, gc=False):
    """Some units of a line, and what they are worth in this refund."""

    line_id: str
    quantity: int
    amount: str


class ShownRefund(Struct, frozen=True, gc=False):
    """A refund, wherever it is shown."""

    refund_id: str
    amount: str
    state: str
    reason: str
    held_until: str | None
    since: str
    kind: str
    fee: str
    items: list[ShownUnits]


class ShownOrder(Struct, frozen=True, gc=False):
    """Order Information."""

    order_id: str
    buyer_id: str
    seller_id: str
    currency: str
    status: str
    version: int
    placed_at: str
    lines: tuple[LineFigures, ...]
    refunds: list[Raw]
    refunded: str
    at_large: tuple[Item, ...]
    refuse_parcels: tuple[str, ...]
    discrepancies: tuple[Discrepancy, ...]
    last_cancelled_at: str | None
    last_cancellation: LastCancellation | None


class Shown(NamedTuple):
    """An order's figures with its refunds as JSON: three tables show them, encoded once."""

    info: OrderInformation
    refunds: list[Raw]

    @classmethod
    def of(cls, info: OrderInformation) -> Shown:
        """Encode the refunds."""
        currency = info.currency
        return cls(info, [Raw(_ENCODE(_refund(one, currency))) for one in info.refunds])

    def order(self) -> bytes:
        """Order Information as JSON, as the contract has it."""
        info = self.info
        return _ENCODE(
            ShownOrder(
                info.order_id,
                info.buyer_id,
                info.seller_id,
                info.currency,
                info.status,
                info.version,
                moment(info.placed_at),
                info.lines,
                self.refunds,
                amount(info.refunded, info.currency),
                info.at_large,
                info.refuse_parcels,
                info.discrepancies,
                moment_or_none(info.last_cancelled_at),
                info.last_cancellation,
            )
        )


def _refund(refund: Refund, currency: str) -> ShownRefund:
    # By position: this runs for every refund of every order that changes.
    return ShownRefund(
        refund.refund_id,
        amount(refund.amount, currency),
        refund.state,
        refund.reason,
        moment_or_none(refund.held_until),
        moment(refund.since),
        refund.kind,
        amount(refund.fee, currency),
        [
            ShownUnits(units.line_id, units.quantity, amount(units.amount, currency))
            for units in refund.covers
        ],
    )


def json_of(shown: Struct) -> bytes:
    """JSON without spaces."""
    return _ENCODE(shown)


def as_dict(body: bytes) -> dict[str, Any]:
    """A stored body as plain values. Raises TooMuch in an event loop for one of many lines."""
    be_little(len(body))
    plain: dict[str, Any] = msgspec.json.decode(body)
    return plain
