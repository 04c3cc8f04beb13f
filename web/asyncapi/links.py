"""What tells which messages belong together."""

from __future__ import annotations

from typing import NamedTuple

from web.asyncapi.schemas import Named, Schema

APART = "InBinary"
"""Ends the name of a link's place in a message whose attributes are in its headers."""


class Link(NamedTuple):
    """A field that messages share."""

    name: str
    path: str
    """In a message's data."""
    what: str


_LINKS = (
    Link("cause", "/cause/id", "The `id` of the message that an event came of."),
    Link("corrected", "/corrects/id", "The `id` of the message that is corrected."),
    Link("cancellation", "/cancellation_id", "A cancellation, what was asked, what was answered."),
    Link("refund", "/refund_id", "A refund, each request for it, and each answer."),
    Link("decision", "/decision_id", "A decision, and what is told of it."),
)
_MESSAGE = "message"


def link_of(data: Schema) -> str | None:
    """The first of these that a message always has."""
    for link in _LINKS:
        if link.path.split("/")[1] in data["required"]:
            return link.name
    return None


def correlation(data: Schema, *, is_heard: bool, is_apart: bool = False) -> Schema:
    """What a message belongs to, as a part of it; its own id is what events name as a cause."""
    name = link_of(data) or (_MESSAGE if is_heard else None)
    if name is None:
        return {}
    return {"correlationId": {"$ref": f"#/components/correlationIds/{name}{APART * is_apart}"}}


def correlation_ids() -> Named:
    """Where each of them is found."""
    found = {_MESSAGE: _place("The message itself: its events have it as their cause.", "/id")}
    found[_MESSAGE + APART] = {**found[_MESSAGE], "location": "$message.header#/ce_id"}
    for link in _LINKS:
        found[link.name] = _place(link.what, f"/data{link.path}")
        found[link.name + APART] = _place(link.what, link.path)
    return found


def _place(what: str, path: str) -> Schema:
    return {"description": what, "location": f"$message.payload#{path}"}
