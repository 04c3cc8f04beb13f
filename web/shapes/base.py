"""What shapes are made of: kinds of values, and how strictly they are read."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from typing_extensions import TypedDict

from consumers.fields import AMOUNT_PATTERN, ID_PATTERN, MAX_LINES
from consumers.fields import Quantity as Counted

Id = Annotated[str, StringConstraints(pattern=ID_PATTERN)]
Money = Annotated[
    str,
    Field(pattern=r"^-?(0|[1-9][0-9]*)(\.[0-9]{1,4})?$", examples=["19.98"]),
]
"""A decimal string in the order's currency."""
Amount = Annotated[str, StringConstraints(pattern=AMOUNT_PATTERN), Field(examples=["19.98"])]
"""A decimal string that is asked for."""
Moment = Annotated[
    str, Field(json_schema_extra={"format": "date-time"}, examples=["2026-11-24T13:00:00Z"])
]
Position = Annotated[
    str,
    Field(
        pattern=r"^[0-9]{1,19}$",
        examples=["4711"],
        description="Opaque: give it back as `?at_least=` to see this very change.",
    ),
]
Version = Annotated[
    int, Field(ge=1, examples=[7], description="How many events the order has, refusals included.")
]
Next = Annotated[
    str | None,
    Field(description="Give it back as `?cursor=` for the next page; null: this is the last one."),
]
Units = Annotated[int, Field(ge=0)]


def _whole(said: object) -> object:
    """To JSON Schema 1.0 is an integer, and some programs write 1 like that."""
    return int(said) if isinstance(said, float) and said.is_integer() else said


Quantity = Annotated[Counted, BeforeValidator(_whole)]
"""How many units are asked for."""


class Item(TypedDict):
    """Some units of an order line."""

    line_id: Id
    quantity: Quantity


Items = Annotated[list[Item], Field(min_length=1, max_length=MAX_LINES, fail_fast=True)]
"""Units of lines that are asked for."""


class Asked(BaseModel):
    """What a caller sends. A field that is not known is refused: `item` for `items` is a typo."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")


class Told(BaseModel):
    """What a caller gets. Fields may be added."""

    model_config = ConfigDict(frozen=True)


class LineUnits(Told):
    """Some units of an order line."""

    line_id: Id
    quantity: Annotated[int, Field(ge=1)]
