"""What a refund looks like, and what a shop may set about refunds."""

from __future__ import annotations

from msgspec import Struct

from domain.claims import Kind
from domain.discrepancies import Discrepancy
from domain.items import Covered, Item
from domain.payments import RefundState

DAY = 24 * 60 * 60 * 1_000_000


class Policy(Struct, frozen=True, gc=False):
    """What a shop sets; the defaults are countermand's."""

    maximum_hold: int = 30 * DAY
    """How long a refund is held for remaining goods at most, in microseconds from when its
    cancellation was recorded."""


class Refund(Struct, frozen=True, gc=False):
    """One refund of an order."""

    refund_id: str
    kind: Kind
    cause: str
    amount: int
    """Minor units, at least 1."""
    state: RefundState
    reason: str
    """Held: why it waits. Otherwise: why it is owed."""
    since: int
    """When its cause was recorded; refunds are paid by this age."""
    held_until: int | None = None
    """The latest moment at which a held refund becomes due; none: a person has to act."""
    covers: tuple[Covered, ...] = ()
    fee: int = 0
    """How much of the amount is shipping fee and its tax."""


class Money(Struct, frozen=True, gc=False):
    """All refunds of an order, those asked for first, and what does not fit."""

    refunds: tuple[Refund, ...]
    refunded: int
    """Sum of the amounts reported as issued."""
    at_large: tuple[Item, ...]
    """Units whose refund was asked for, and that are not entitled to one (any more)."""
    turns_due_at: int | None
    """When time alone makes a held refund due."""
    discrepancies: tuple[Discrepancy, ...]
