"""The kinds of values in messages, each bounded in every direction.

Two readers use them: pydantic judges every message, msgspec reads the plain ones (`reading.py`)
and knows only the bounds that it checks in passing.
"""

from __future__ import annotations

from typing import Annotated, Literal, NotRequired, get_args

from msgspec import Meta
from pydantic import Field, GetCoreSchemaHandler, StringConstraints, WithJsonSchema
from pydantic_core import core_schema
from typing_extensions import TypedDict

from domain.money import EXPONENTS

MAX_BYTES = 1_000_000
"""The longest message, in bytes of its value."""
MAX_LINES = 2_000
LONGEST_NAME = 256
"""Of a message's `id` and `source`, in characters."""

ID_PATTERN = r"^[A-Za-z0-9._:\-]{1,64}$"
# No control characters, line separators or direction overrides. Joiners and soft hyphens stay:
# Persian titles and emoji need them. A lone surrogate never gets here, it is no JSON to us.
PRINTABLE_PATTERN = r"^[^\u0000-\u001F\u007F-\u009F\u2028-\u202E\u2066-\u2069]*$"
TEXT_PATTERN = r"^[^\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F]*$"
AMOUNT_PATTERN = r"^(0|[1-9][0-9]{0,11})(\.[0-9]{1,4})?$"
# No @: a number is no place for a person. GS1 writes (00)3401... and urn:epc:id:sscc:...
TRACKING_PATTERN = r"^[A-Za-z0-9 .,:;/_+*#=()\-]*$"
CURRENCY_PATTERN = r"^[A-Z]{3}$"
VERSION_PATTERN = r"/v1$"

PATTERN_RULES = {
    ID_PATTERN: "id",
    PRINTABLE_PATTERN: "not_printable",
    TEXT_PATTERN: "not_printable",
    TRACKING_PATTERN: "tracking_number",
    AMOUNT_PATTERN: "amount",
    CURRENCY_PATTERN: "unknown_currency",
    VERSION_PATTERN: "unsupported_version",
}
"""The rule that a text broke when it does not match."""

BuyerReason = Literal[
    "changed_mind",
    "ordered_by_mistake",
    "found_cheaper",
    "arrives_too_late",
    "wrong_address",
    "wrong_payment_method",
    "other",
]
SellerReason = Literal["out_of_stock", "cannot_deliver", "price_error", "suspected_fraud", "other"]
Reason = Literal[BuyerReason, SellerReason]
REASONS: dict[str, frozenset[str]] = {
    "buyer": frozenset(get_args(BuyerReason)),
    "seller": frozenset(get_args(SellerReason)),
}


def _printable(shortest: int, longest: int) -> StringConstraints:
    return StringConstraints(min_length=shortest, max_length=longest, pattern=PRINTABLE_PATTERN)


Id = Annotated[str, StringConstraints(pattern=ID_PATTERN), Meta(min_length=1, max_length=64)]
Name = Annotated[str, _printable(1, LONGEST_NAME), Meta(min_length=1, max_length=LONGEST_NAME)]
"""A CloudEvents `id` or `source`: any printable text, as the standard has it."""
Sku = Annotated[str, _printable(1, 64), Meta(min_length=1, max_length=64)]
Title = Annotated[str, _printable(1, 300), Meta(min_length=1, max_length=300)]
Carrier = Annotated[str, _printable(0, 128), Meta(max_length=128)]
TrackingNumber = Annotated[
    str,
    StringConstraints(max_length=128, pattern=TRACKING_PATTERN),
    Meta(max_length=128, pattern=TRACKING_PATTERN.replace("$", r"\Z")),
]
Note = Annotated[
    str, StringConstraints(max_length=2_000, pattern=TEXT_PATTERN), Meta(max_length=2_000)
]
FactReason = Annotated[
    str,
    StringConstraints(min_length=1, max_length=2_000, pattern=TEXT_PATTERN),
    Meta(min_length=1, max_length=2_000),
]
"""What a warehouse or a payment provider says of what has happened, however long the words."""
ReasonText = Annotated[
    str,
    StringConstraints(min_length=1, max_length=300, pattern=TEXT_PATTERN),
    Meta(min_length=1, max_length=300),
]
Quantity = Annotated[int, Field(ge=1, le=1_000_000_000), Meta(ge=1, le=1_000_000_000)]
# How many decimals there may be depends on the currency: `domain.money.to_minor` knows.
Amount = Annotated[str, StringConstraints(pattern=AMOUNT_PATTERN)]
Currency = Annotated[
    str,
    StringConstraints(pattern=CURRENCY_PATTERN),
    Meta(min_length=3, max_length=3),
    WithJsonSchema({"type": "string", "enum": sorted(EXPONENTS)}),
]
Time = Annotated[str, WithJsonSchema({"type": "string", "format": "date-time"})]
DataSchema = Annotated[
    str, StringConstraints(max_length=256, pattern=VERSION_PATTERN), Meta(max_length=256)
]
Party = Literal["buyer", "seller"]
ConfirmingParty = Literal["warehouse", "seller"]
RejectionKind = Literal["refused", "unclaimed", "undeliverable"]


class _OrNull:
    """Lets pydantic take a null for a field that may be left out; msgspec, which counts, not."""

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        return core_schema.nullable_schema(handler(source))


_OR_NULL = _OrNull()


# A message may hold thousands of these, and a dict costs half of what a model does.
class Item(TypedDict):
    """Some units of an order line."""

    line_id: Id
    quantity: Quantity


class ReturnedItem(Item):
    """Some units of an order line, and how they came back; no condition: good."""

    condition: NotRequired[Annotated[Literal["good", "damaged"], _OR_NULL]]


class Line(TypedDict):
    """An order line. `discount` and `tax` are totals of the line, prices are net."""

    line_id: Id
    sku: Sku
    title: Title
    quantity: Quantity
    unit_price: Amount
    discount: NotRequired[Annotated[Amount, _OR_NULL]]
    tax: NotRequired[Annotated[Amount, _OR_NULL]]
    coming_soon: NotRequired[Annotated[bool, _OR_NULL]]


# fail_fast: a megabyte of junk in a list yields one complaint, not a hundred thousand.
_ROWS = Field(min_length=1, max_length=MAX_LINES, fail_fast=True)
_ROWS_TOO = Meta(min_length=1, max_length=MAX_LINES)
Items = Annotated[list[Item], _ROWS, _ROWS_TOO]
ReturnedItems = Annotated[list[ReturnedItem], _ROWS, _ROWS_TOO]
Lines = Annotated[list[Line], _ROWS, _ROWS_TOO]
