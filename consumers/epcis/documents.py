"""A document into its events, each with its own bytes: one bad event does not lose the others."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from consumers.bad_message import Malformed
from consumers.epcis.vocabulary import DOCUMENT_TYPES, type_name
from consumers.outside import bounded
from consumers.outside.bounded import Raw

TYPE_KEYS = ("type", "isA", "@type")
_LISTS = {
    "EPCISDocument": ("epcisBody", "eventList"),
    "EPCISQueryDocument": ("epcisBody", "queryResults", "resultsBody", "eventList"),
}


class Captured(NamedTuple):
    """One event as it was captured."""

    value: bytes
    path: str
    """Where it stands in the document: `epcisBody.eventList[3]`; empty when it stands alone."""


def captured(value: bytes | None) -> list[Captured]:
    """Return the events of a document, or the one event that it is. Raises Malformed."""
    document = bounded.checked_size(value)
    members = bounded.parts(document, "value")
    kind = _type(members)
    if kind not in DOCUMENT_TYPES:
        return [Captured(document, "")]
    *folders, name = _LISTS[kind]
    path = ""
    for folder in folders:
        members = bounded.parts(_member(members, folder, path), _in(path, folder))
        path = _in(path, folder)
    events = bounded.elements(_member(members, name, path), _in(path, name))
    bounded.refuse_duplicates(document, events)
    return [Captured(event, f"{path}.{name}[{place}]") for place, event in enumerate(events)]


def _type(members: dict[str, Raw]) -> str | None:
    for key in TYPE_KEYS:
        if key in members:
            try:
                return type_name(msgspec.json.decode(members[key], type=str))
            except (msgspec.DecodeError, RecursionError):
                return None  # what is wrong with it is said when the event is read
    return None


def _member(members: dict[str, Raw], name: str, path: str) -> bytes:
    if name not in members:
        raise Malformed(_in(path, name), "missing", "is required")
    return bytes(members[name])


def _in(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
