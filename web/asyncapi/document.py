"""The whole document, by AsyncAPI 3.1."""

from __future__ import annotations

from functools import lru_cache

from msgspec import json

from web.asyncapi import channels, kafka, links, messages, outside
from web.asyncapi.headers import STRUCTURED_TYPE
from web.asyncapi.kafka import Installed
from web.asyncapi.schemas import Schema

DESCRIPTION = """Cancelling an order, in time or too late: what is heard, and what is said of it.

Messages are CloudEvents 1.0. What is heard may be structured, or binary by the Kafka binding; what
is said is structured. Ids are 1 to 64 of `A-Z a-z 0-9 . _ : -`, quantities whole units from 1 to
10^9, amounts decimal strings in the order's currency, times RFC 3339 with an offset. Fields and
types may be added: let pass what you do not know.

The same messages are taken by `POST /api/v1/messages`, see `/openapi.json`.
"""


def document(installed: Installed) -> Schema:
    """The document of an installation."""
    ours, others = messages.told(), outside.told()
    of_messages = ours.messages | others.messages
    of_channels = channels.channels(installed, of_messages)
    components: Schema = {
        "schemas": dict(sorted((ours.schemas | others.schemas).items())),
        "messages": of_messages,
        "correlationIds": links.correlation_ids(),
        "securitySchemes": kafka.security_schemes(installed),
    }
    return {
        "asyncapi": "3.1.0",
        "info": {
            "title": "countermand",
            "version": "1",
            "description": DESCRIPTION,
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": STRUCTURED_TYPE,
        "servers": {"kafka": kafka.server(installed)},
        "channels": of_channels,
        "operations": channels.operations(installed, of_channels),
        "components": {name: one for name, one in components.items() if one},
    }


@lru_cache(8)
def written(installed: Installed) -> bytes:
    """The same as JSON, made once."""
    return json.encode(document(installed))
