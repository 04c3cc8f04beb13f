"""Placing an order: all amounts are fixed here, once."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from domain.commands import PlacedLine, PlaceOrder
from domain.events import OrderPlaced
from domain.items import Line
from domain.money import shares


class Problem(Struct, frozen=True, gc=False):
    """What is wrong with a message: the field, the stable name of the rule, and a sentence."""

    field: str
    rule: str
    detail: str


def place(command: PlaceOrder) -> OrderPlaced | Problem:
    """Fix what every line is worth. A discount greater than what it is taken from is a Problem."""
    bases = [line.unit_price * line.quantity - line.discount for line in command.lines]
    for index, base in enumerate(bases):
        if base < 0:
            detail = "the discount is greater than unit_price x quantity"
            return Problem(f"data.lines[{index}].discount", "discount_too_great", detail)
    if command.discount > sum(bases):
        detail = "the discount is greater than the lines that it is taken from"
        return Problem("data.discount", "discount_too_great", detail)
    spread = shares(command.discount, bases)
    lines = tuple(
        _line(line, base - share + line.tax)
        for line, base, share in zip(command.lines, bases, spread, strict=True)
    )
    total = sum(line.amount for line in lines) + command.shipping_fee + command.shipping_tax
    return OrderPlaced(
        occurred_at=command.occurred_at,
        recorded_at=command.now,
        source=command.source,
        message_id=command.message_id,
        order_id=command.order_id,
        buyer_id=command.buyer_id,
        seller_id=command.seller_id,
        currency=command.currency,
        lines=lines,
        discount=command.discount,
        shipping_fee=command.shipping_fee,
        shipping_tax=command.shipping_tax,
        paid=total if command.paid is None else command.paid,
    )


def _line(line: PlacedLine, amount: int) -> Line:
    return Line(
        line_id=line.line_id,
        sku=line.sku,
        title=line.title,
        quantity=line.quantity,
        unit_price=line.unit_price,
        amount=amount,
        discount=line.discount,
        tax=line.tax,
        coming_soon=line.coming_soon,
    )


def same_order(one: OrderPlaced, other: OrderPlaced) -> bool:
    """Whether two messages place the same order, whoever sent them and whenever."""
    return one == replace(
        other,
        occurred_at=one.occurred_at,
        recorded_at=one.recorded_at,
        source=one.source,
        message_id=one.message_id,
    )


def total(placed: OrderPlaced) -> int:
    """What the order costs, shipping included, in minor units."""
    goods = sum(line.amount for line in placed.lines)
    return goods + placed.shipping_fee + placed.shipping_tax
