"""Every intention, each with its own `now`.

Facts need no command: recording `ShippedFromWarehouse` is asking for nothing, so a fact
(`domain.events.Fact`) stands for itself.
"""

from __future__ import annotations

from msgspec import Struct

from domain.events import CaseOutcome, DecidingParty, Party
from domain.items import CaseKind, Item


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


class DecideCase(Command, frozen=True, kw_only=True):
    """Decide about units of a line that nobody else can say anything about."""

    decision_id: str
    line_id: str
    quantity: int
    outcome: CaseOutcome
    reason: str
    amount: int | None = None
    """What to refund, in minor units; none: what the units are worth."""
    decided_by: DecidingParty = "seller"
    about: CaseKind | None = None
    """Only units of this kind; none: whatever there is to decide, what is known longest first."""


class GrantRefund(Command, frozen=True, kw_only=True):
    """Refund by hand what no rule owes: units that are not coming back, or just an amount."""

    decision_id: str
    """Named like a seller's other decisions, and among them."""
    reason: str
    amount: int | None = None
    """What to refund, in minor units; none: what the units are worth."""
    items: tuple[Item, ...] = ()


class SetAside(Command, frozen=True, kw_only=True):
    """Show on the order that a message about it became a dead letter."""

    type: str
    rule: str
    detail: str
    digest: str
