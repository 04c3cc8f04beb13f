"""The contracts of every message that we say, as pydantic models: what `saying` must come up to.

A topic's messages are in the module that has its name. Versions: what is said may get more fields;
whatever else changes gets another version, beside the old one.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import create_model

from consumers.said import buyer_notices, orders, payment_requests, warehouse_requests
from consumers.said.parts import Event, Said, Sequence
from consumers.saying import schema_of

CHANNELS: dict[str, tuple[type[Said], ...]] = {
    "orders": orders.ALL,
    "warehouse-requests": warehouse_requests.ALL,
    "payment-requests": payment_requests.ALL,
    "buyer-notices": buyer_notices.ALL,
}


def _message(channel: str, kind: type[Said]) -> type[Event]:
    name = kind.__name__
    more: dict[str, Any] = {
        "type": (Literal[name], ...),
        "dataschema": (Literal[schema_of(channel, name)], ...),
        "data": (kind, ...),
    }
    if channel == "orders":
        more["sequence"] = (Sequence, ...)
    return create_model(f"{name}Said", __base__=Event, __doc__=kind.__doc__, **more)


MESSAGES: dict[tuple[str, str], type[Event]] = {
    (channel, kind.__name__): _message(channel, kind)
    for channel, kinds in CHANNELS.items()
    for kind in kinds
}
"""The whole CloudEvent of every type on every topic, as it is written in structured mode."""
