"""What an event says as messages: on which topics, as what, in which words. Pure.

The same event gives the same bytes, however often and by whomever it is told. The contracts are the
models of `consumers.said`; nothing is checked against them here, tests do that.
"""

from __future__ import annotations

from functools import lru_cache

from msgspec import json

from application.event_store import Recorded
from consumers.event_data import TELLERS, Data
from consumers.known_orders import Known
from consumers.outgoing import Headers, Outgoing, id_of
from consumers.request_data import WORDS
from consumers.times import to_rfc3339
from domain.events import Event, MessageSetAside
from domain.process_events import ProcessEvent

SOURCE = "/countermand"
"""The `source` of everything that we say."""
STRUCTURED: Headers = (("content-type", b"application/cloudevents+json"),)
"""All of a message is in its value."""

_encode = json.Encoder().encode


def said_of(one: Recorded, known: Known, traced: Headers = ()) -> list[Outgoing]:
    """Every message that an event of `known`'s order, or of its process, is told by.

    `traced` are headers that travel with them.
    """
    event, headers = one.event, STRUCTURED + traced
    messages = []
    if not isinstance(event, ProcessEvent):
        messages.append(_on_orders(one, known, headers))
    word = WORDS.get(type(event))
    if word is not None:
        data = word.data(event, known)
        value = _value(word.channel, word.type, event, known.order_id, data)
        messages.append(Outgoing(word.channel, known.order_id.encode(), value, headers))
    return messages


def _on_orders(one: Recorded, known: Known, headers: Headers) -> Outgoing:
    event, order_id = one.event, known.order_id
    data = {
        "order_id": order_id,
        "version": one.version,
        "recorded_at": to_rfc3339(event.recorded_at),
        "cause": {"source": event.source, "id": event.message_id},
        **TELLERS[type(event)](event, known),
    }
    value = _value("orders", type(event).__name__, event, order_id, data, one.version)
    return Outgoing("orders", order_id.encode(), value, headers)


def _value(  # noqa: PLR0913, PLR0917 - the parts of an event
    channel: str, kind: str, event: Event, order_id: str, data: Data, version: int | None = None
) -> bytes:
    """Write a structured event. Nothing in its envelope has to be escaped: ids have no quotes."""
    cause = (channel, order_id, kind, event.source, event.message_id, *_also(event, data, version))
    sequence = "" if version is None else f'"sequence":"{version:010}",'
    head = (
        f'{{"specversion":"1.0","id":"{id_of(*cause)}",{_fixed(channel, kind)}'
        f'"subject":"{order_id}","time":"{to_rfc3339(event.occurred_at)}",{sequence}"data":'
    )
    return head.encode() + _encode(data) + b"}"


def _also(event: Event, data: Data, version: int | None) -> list[str]:
    """What else tells a message from others of the same cause.

    Letters may share all but their bytes. What is asked of others is about units: should the same
    step be about other units after a restore, it must be heard, not dropped as a repeat.
    """
    if type(event) is MessageSetAside:
        return [event.digest]
    return (
        [] if version is not None else [f"{i.line_id} {i.quantity}" for i in data.get("items", ())]
    )


@lru_cache(256)
def _fixed(channel: str, kind: str) -> str:
    return (
        f'"source":"{SOURCE}","type":"{kind}","datacontenttype":"application/json",'
        f'"dataschema":"{schema_of(channel, kind)}",'
    )


def schema_of(channel: str, kind: str) -> str:
    """The `dataschema` of a message; its last part is the version."""
    return f"urn:countermand:{channel}:{kind}/v1"
