"""An event that was read: what it is about, its name, and what its letter would say of it."""

from __future__ import annotations

from typing import NamedTuple

from consumers.bad_message import Left, Malformed
from consumers.epcis import events
from consumers.epcis.documents import Captured
from consumers.epcis.events import Event
from consumers.epcis.facts import Kind, is_return, kind_of
from consumers.epcis.reading import an_id
from consumers.outside import bounded
from consumers.outside.bounded import JsonObject
from consumers.outside.rules import EpcisRules
from consumers.times import to_microseconds, to_rfc3339

_TYPES: dict[Kind, str] = {
    "ship": "ShippedFromWarehouse",
    "receive": "ReturnedToWarehouse",
    "void": "FactCorrected",
}


class Capture(NamedTuple):
    """One event of interest."""

    place: int
    """Its number in the document."""
    captured: Captured
    event: Event
    kind: Kind
    event_id: str
    """Its `eventID`, or, where it has none, a name made of its content."""
    name: str
    """Of the message that it becomes, and in the memory. A declaration has one of its own."""
    at: int
    """When it happened, or, of a declaration, when it was declared."""
    digest: str


def read(place: int, captured: Captured, rules: EpcisRules) -> Capture | None:
    """Read an event; None: it says nothing of interest. Raises Malformed."""
    content = bounded.whole(captured.value, "value")
    kind = kind_of(content, rules)
    if kind is None:
        return None
    event = events.read(content)
    if kind == "receive" and not is_return(event, rules):
        return None
    event_id = event.event_id or f"sha256:{events.digest(content)}"
    happened_at = _moment(event.happened_at, "eventTime")
    if event.error is None:
        known_by = events.digest(content)
        return Capture(place, captured, event, kind, event_id, event_id, happened_at, known_by)
    at = _moment(event.error.declared_at, "errorDeclaration.declarationTime")
    name = f"{event_id}#error@{to_rfc3339(at)}"
    known_by = events.digest_of_declaration(content)
    return Capture(place, captured, event, kind, event_id, name, at, known_by)


def _moment(time: str, field: str) -> int:
    try:
        return to_microseconds(time)
    except Malformed as wrong:
        raise Malformed(field, wrong.rule, wrong.detail) from None


def left_of(capture: Capture, rules: EpcisRules) -> Left:
    """Say what a letter about an event can still name."""
    try:
        order_id = an_id(capture.event, rules.order_id, "order_id")
    except Malformed:
        order_id = None
    kind = "FactCorrected" if capture.event.error is not None else _TYPES.get(capture.kind)
    return Left(order_id, rules.source, capture.name, kind)


def left_of_unread(captured: Captured, rules: EpcisRules) -> Left:
    """Say what a letter about an event that could not be read can still name: its id."""
    try:
        content: JsonObject = bounded.whole(captured.value, "value")
        event_id = events.event_id_of(content)
    except Malformed:
        event_id = None
    return Left(source=rules.source, message_id=event_id)


def elsewhere(wrong: Malformed, captured: Captured) -> Malformed:
    """Name a field by its path in the document, not in its event."""
    path = captured.path
    if not path:
        return wrong
    field = path if wrong.field == "value" else f"{path}.{wrong.field}"
    return Malformed(field, wrong.rule, wrong.detail)
