"""An EPCIS event: the fields that we look at, each bounded. All others are accepted and dropped."""

from __future__ import annotations

import hashlib
from typing import Annotated, Any, Literal

import msgspec
from pydantic import (
    AliasChoices,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    TypeAdapter,
    ValidationError,
)

from consumers.bad_message import Malformed, complaint
from consumers.epcis.vocabulary import type_name, word
from consumers.fields import PRINTABLE_PATTERN
from consumers.outside.bounded import LONGEST_TEXT, JsonObject

LONGEST_EVENT_ID = 200
"""Characters of an `eventID`: a message's id has 256, and a correction's id adds to it."""
MAX_OBJECTS = 20_000
"""EPCs, or classes, that one event may list."""
MAX_LISTED = 100
"""Business transactions, sources, dispositions and the like."""


def _one_is_a_list(value: object) -> object:
    # JSON-LD writes a list of one as the one.
    return [value] if isinstance(value, dict | str) else value


def _id_of(value: object) -> object:
    return {"id": value} if isinstance(value, str) else value


def _list(most: int) -> Any:  # noqa: ANN401 - pydantic's marks
    return Field(max_length=most, fail_fast=True)


_OR_ONE = BeforeValidator(_one_is_a_list)
Uri = Annotated[
    str, StringConstraints(min_length=1, max_length=LONGEST_TEXT, pattern=PRINTABLE_PATTERN)
]
EventId = Annotated[
    str, StringConstraints(min_length=1, max_length=LONGEST_EVENT_ID, pattern=PRINTABLE_PATTERN)
]
Uris = Annotated[list[Uri], _list(MAX_OBJECTS), _OR_ONE]
Few = Annotated[list[Uri], _list(MAX_LISTED), _OR_ONE]
EventIds = Annotated[list[EventId], _list(MAX_LISTED), _OR_ONE]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="ignore")


class Transaction(_Part):
    """A document that an event belongs to. A type is usual, not required."""

    type: Uri | None = None
    uri: Uri = Field(alias="bizTransaction")


class Source(_Part):
    """Whom, or where, things come from."""

    type: Uri | None = None
    uri: Uri = Field(alias="source")


class Destination(_Part):
    """Whom, or where, things go to."""

    type: Uri | None = None
    uri: Uri = Field(alias="destination")


class Quantity(_Part):
    """Things of one class, not told apart."""

    epc_class: Uri = Field(alias="epcClass")
    quantity: Any = None  # what it may be is for `units.py` to say
    uom: Uri | None = None


class Location(_Part):
    """A place."""

    id: Uri


class Persistent(_Part):
    """Dispositions that stay until they are taken back."""

    set_now: Few | None = Field(None, alias="set")


class ErrorDeclaration(_Part):
    """Says that the event which carries it was wrong."""

    declared_at: str = Field(alias="declarationTime")
    corrective_ids: EventIds | None = Field(None, alias="correctiveEventIDs")


Place = Annotated[Location, BeforeValidator(_id_of)]
Transactions = Annotated[list[Transaction], _list(MAX_LISTED), _OR_ONE]
Sources = Annotated[list[Source], _list(MAX_LISTED), _OR_ONE]
Destinations = Annotated[list[Destination], _list(MAX_LISTED), _OR_ONE]
Quantities = Annotated[list[Quantity], _list(MAX_OBJECTS), _OR_ONE]


class Event(_Part):
    """What is looked at of an ObjectEvent, AggregationEvent or TransactionEvent."""

    type: Uri = Field(validation_alias=AliasChoices("type", "isA", "@type"))
    event_id: EventId | None = Field(None, alias="eventID")
    happened_at: str = Field(alias="eventTime")
    action: Literal["OBSERVE", "ADD", "DELETE"] | None = None
    step: Uri | None = Field(None, alias="bizStep")
    disposition: Uri | None = None
    persistent: Persistent | None = Field(None, alias="persistentDisposition")
    read_point: Place | None = Field(None, alias="readPoint")
    location: Place | None = Field(None, alias="bizLocation")
    transactions: Transactions | None = Field(None, alias="bizTransactionList")
    sources: Sources | None = Field(None, alias="sourceList")
    destinations: Destinations | None = Field(None, alias="destinationList")
    parent: Uri | None = Field(None, alias="parentID")
    epcs: Uris | None = Field(None, alias="epcList")
    children: Uris | None = Field(None, alias="childEPCs")
    quantities: Quantities | None = Field(None, alias="quantityList")
    child_quantities: Quantities | None = Field(None, alias="childQuantityList")
    error: ErrorDeclaration | None = Field(None, alias="errorDeclaration")


def read(content: JsonObject) -> Event:
    """Check an event field by field. Raises Malformed; its field is a path within the event."""
    try:
        # null says the same as leaving it out.
        return Event.model_validate({k: v for k, v in content.items() if v is not None})
    except ValidationError as invalid:
        raise complaint(invalid.errors(include_url=False)[0]) from None


def type_of(content: JsonObject) -> str:
    """Return an event's type, by its short name. Raises Malformed."""
    for key in ("type", "isA", "@type"):
        if content.get(key) is not None:
            return type_name(_text(content, key))
    raise Malformed("type", "missing", "is required")


def step_of(content: JsonObject) -> str:
    """Return an event's business step, by its short name, or nothing. Raises Malformed."""
    return "" if content.get("bizStep") is None else word(_text(content, "bizStep"))


def _text(content: JsonObject, key: str) -> str:
    value = content[key]
    if not isinstance(value, str):
        raise Malformed(key, "not_a_string", "must be a string")
    return value


_NOT_CONTENT = frozenset({"eventID", "recordTime", "errorDeclaration", "@context"})


def digest(content: JsonObject) -> str:
    """Tell events apart by what they say: not by when they were captured, nor where they stand."""
    return _digest({name: value for name, value in content.items() if name not in _NOT_CONTENT})


def digest_of_declaration(content: JsonObject) -> str:
    """Tell declarations apart: by the event, and by what they say about it."""
    return _digest([digest(content), content.get("errorDeclaration")])


def _digest(said: object) -> str:
    return hashlib.sha256(msgspec.json.encode(said, order="sorted")).hexdigest()[:32]


_EVENT_ID: TypeAdapter[str] = TypeAdapter(EventId)


def event_id_of(content: JsonObject) -> str | None:
    """Return the `eventID` of an event that may be bad otherwise; None: it has none to be used."""
    try:
        return _EVENT_ID.validate_python(content.get("eventID"), strict=True)
    except ValidationError:
        return None
