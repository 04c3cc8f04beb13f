"""Every intention, each with its own `now`.

Facts need no command: recording `ShippedFromWarehouse` is asking for nothing, so a fact
(`domain.events.Fact`) stands for itself.
"""

from __future__ import annotations

from msgspec import Struct

from domain.events import Party
from domain.items import Item


class Command(Struct, frozen=True, kw_only=True, gc=False):
    """What every command knows. Times are microseconds since 1970-01-01 UTC."""

    occurred_at: int
    now: int
    source: str
    message_id: str


class PlacedLine(Struct, frozen=True, gc=False):
    """A line as the storefront sends it: prices net, `discount` and `tax` totals of the line."""

    line_id: str
    sku: str
    title: str
    quantity: int
    unit_price: int
    discount: int = 0
    tax: int = 0
    coming_soon: bool = False


class PlaceOrder(Command, frozen=True, kw_only=True):
    """Record that an order was placed. `paid` none: all of it."""

    order_id: str
    buyer_id: str
    seller_id: str
    currency: str
    lines: tuple[PlacedLine, ...]
    discount: int = 0
    shipping_fee: int = 0
    shipping_tax: int = 0
    paid: int | None = None


class RequestCancellation(Command, frozen=True, kw_only=True):
    """Cancel units of lines; `items` none: everything that can be cancelled when it is decided."""

    cancellation_id: str
    requested_by: Party
    reason: str
    items: tuple[Item, ...] | None = None
    note_ref: str | None = None


class WithdrawCancellation(Command, frozen=True, kw_only=True):
    """Take a cancellation back, whole."""

    cancellation_id: str


class AskForRefund(Command, frozen=True, kw_only=True):
    """Ask the payment provider for a refund that is due."""

    refund_id: str


class SetAside(Command, frozen=True, kw_only=True):
    """Show on the order that a message about it became a dead letter."""

    type: str
    rule: str
    detail: str
    digest: str
