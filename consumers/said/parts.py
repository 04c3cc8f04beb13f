"""What messages that we say are made of."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints
from typing_extensions import TypedDict

from consumers.fields import Currency, Id, Quantity, Sku, Time, Title
from consumers.messages import Contract

# Whoever hears us may be older than we are: models let fields pass that they do not know.
Money = Annotated[str, StringConstraints(pattern=r"^(0|[1-9][0-9]*)(\.[0-9]{1,4})?$")]
"""A decimal string with all decimals of its currency, such as "12.90"."""
Code = Annotated[str, StringConstraints(min_length=1, max_length=64)]
"""A word of a list that may grow."""
Sequence = Annotated[str, StringConstraints(pattern=r"^[0-9]{10}$")]
"""Of an order's events, without a gap, padded so that it sorts as text does."""
MessageId = Annotated[
    str,
    StringConstraints(
        pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$"
    ),
]


class Event(Contract):
    """The CloudEvents attributes that all messages have, but for their own ones."""

    specversion: Literal["1.0"]
    id: MessageId
    source: Literal["/countermand"]
    subject: Id
    time: Time
    datacontenttype: Literal["application/json"]


class Said(Contract):
    """A message's `data`. What is not known is left out, never null."""

    order_id: Id


class Cause(Contract):
    """The message that the event came of, by its CloudEvents `source` and `id`."""

    source: Annotated[str, StringConstraints(max_length=256)]
    id: Annotated[str, StringConstraints(max_length=256)]


class OrderEvent(Said):
    """An event of an order: `time` is when it happened, `recorded_at` when we heard of it."""

    version: Annotated[int, Field(ge=1)]
    recorded_at: Time
    cause: Cause


class Item(TypedDict):
    """Some units of an order line."""

    line_id: Id
    quantity: Quantity


class ReturnedItem(Item, total=False):
    """Some units of an order line, and how they came back; no condition: good."""

    condition: Literal["good", "damaged"]


class Line(TypedDict):
    """An order line. `amount` is what all of it is worth, less its share of the discount."""

    line_id: Id
    sku: Sku
    title: Title
    quantity: Quantity
    unit_price: Money
    discount: Money
    tax: Money
    amount: Money
    coming_soon: bool


class Covered(TypedDict):
    """Units that a refund pays for, and how much of its amount is theirs."""

    line_id: Id
    quantity: Quantity
    amount: Money


class Settled(TypedDict):
    """Units that a decision is about, by what they were when it was made."""

    kind: Code
    quantity: Annotated[int, Field(ge=0)]


class Confirmed(TypedDict):
    """Units of one cancellation that a decision says were stopped."""

    cancellation_id: Id
    quantity: Quantity


__all__ = [
    "Cause",
    "Code",
    "Confirmed",
    "Covered",
    "Currency",
    "Event",
    "Id",
    "Item",
    "Line",
    "MessageId",
    "Money",
    "OrderEvent",
    "Quantity",
    "ReturnedItem",
    "Said",
    "Sequence",
    "Settled",
    "Time",
]
