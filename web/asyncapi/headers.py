"""The headers and keys of records, by the Kafka binding of CloudEvents."""

from __future__ import annotations

from consumers.fields import ID_PATTERN
from consumers.saying import STRUCTURED
from consumers.traces import PARENT, STATE
from web.asyncapi.schemas import Named, Schema, changed, never_null, title

((_CONTENT_TYPE, _ours),) = STRUCTURED
STRUCTURED_TYPE = (_ours or b"").decode()
BINARY_TYPE = "application/json"
TRACES: Schema = {
    PARENT: {
        "type": "string",
        "pattern": "^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$",
        "description": "The W3C trace context; it travels on with all that is said because of it.",
        "examples": ["00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"],
    },
    STATE: {
        "type": "string",
        "pattern": "^[ -~]{1,512}$",
        "description": "What belongs to the trace context.",
        "examples": ["vendor=1"],
    },
}
# Not a reference: the official schema of Kafka's binding takes those for two things at once.
KEY: Schema = {
    "title": "Key",
    "type": "string",
    "pattern": ID_PATTERN,
    "description": "The order's id: what is said of an order is in one partition, in order.",
    "examples": ["A-1"],
}
HEARD, SAID, FOREIGN = "heard.Headers", "said.Headers", "epcis.Headers"
SHARED: Named = {
    HEARD: {
        "title": title(HEARD),
        "type": "object",
        "description": "The whole event is in the record's value.",
        "properties": {
            _CONTENT_TYPE: {
                "type": "string",
                "pattern": r"^application/cloudevents(\+json)?\s*(;.*)?$",
                "description": "May be left out, where there are no `ce_` headers either.",
                "examples": [STRUCTURED_TYPE],
            },
            **TRACES,
        },
    },
    SAID: {
        "title": title(SAID),
        "type": "object",
        "description": "The whole event is in the record's value.",
        "properties": {
            _CONTENT_TYPE: {
                "type": "string",
                "const": STRUCTURED_TYPE,
                "description": "Says that the event is structured.",
            },
            **TRACES,
        },
        "required": [_CONTENT_TYPE],
    },
    FOREIGN: {
        "title": title(FOREIGN),
        "type": "object",
        "description": "Nothing is needed.",
        "properties": TRACES,
    },
}


def binary(name: str, event: Schema) -> Schema:
    """The headers of a message in binary mode: the attributes of its whole event."""
    fields: Schema = changed(event["properties"], never_null)
    kept = {f"ce_{one}": kind for one, kind in fields.items() if one not in _ELSEWHERE}
    content_type = {**fields["datacontenttype"], "description": "JSON's; may be left out."}
    return {
        "title": title(name),
        "type": "object",
        "description": "The event's attributes; its data are the record's value.",
        "properties": {**kept, _CONTENT_TYPE: content_type, **TRACES},
        "required": [f"ce_{one}" for one in event["required"] if one not in _ELSEWHERE],
    }


_ELSEWHERE = frozenset({"data", "datacontenttype"})
