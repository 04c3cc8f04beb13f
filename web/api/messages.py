"""The way in without Kafka: one CloudEvent, structured or binary."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import unquote_to_bytes

from fastapi import APIRouter, Depends, Request, Response

from consumers.envelope import Incoming
from web import speaking
from web.api.addresses import Given, told
from web.bodies import bounded
from web.malformed import malformed
from web.openapi import ALWAYS, problems
from web.parts import way_in_of
from web.problems import Problem
from web.security.caller import Caller, need
from web.shapes.operating import Taken

router = APIRouter(tags=["messages"])
MayReport = Annotated[Caller, Depends(need("report"))]
_CLOUDEVENTS = "application/cloudevents+json"
_ATTRIBUTE = "ce-"
_TRACE = frozenset({"traceparent", "tracestate"})
_EXAMPLE = {
    "specversion": "1.0",
    "id": "m-1",
    "source": "/storefront",
    "type": "OrderPlaced",
    "subject": "A-1",
    "time": "2026-11-24T12:00:00Z",
    "data": {
        "order_id": "A-1",
        "buyer_id": "mira",
        "seller_id": "fjell",
        "currency": "EUR",
        "lines": [
            {
                "line_id": "1",
                "sku": "MUG-7",
                "title": "Enamel mug",
                "quantity": 3,
                "unit_price": "12.00",
            }
        ],
    },
}
_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            _CLOUDEVENTS: {
                "schema": {"$ref": "#/components/schemas/CloudEvent"},
                "example": _EXAMPLE,
            },
            "application/json": {
                "schema": {
                    "title": "MessageData",
                    "type": "object",
                    "description": "Data, with `ce-` headers beside it.",
                },
                "example": _EXAMPLE["data"],
            },
        },
    }
}


async def incoming(request: Request) -> Incoming:
    """The message as it came; nothing in it is trusted. Raises Problem 413, 415, 422."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type.startswith("application/cloudevents-batch"):
        raise Problem("unsupported-media-type", "send one event in a request")
    body = await bounded(request)
    if not body:
        raise malformed("body", "missing", "must be one CloudEvent")
    return Incoming(body, _headers(request))


def _headers(request: Request) -> list[tuple[str, bytes | None]]:
    """The headers of the HTTP binding as those of Kafka's: `ce-id` is `ce_id` there."""
    found: list[tuple[str, bytes | None]] = []
    for raw_name, value in request.headers.raw:
        name = raw_name.decode("latin-1").lower()
        if name.startswith(_ATTRIBUTE):
            attribute = name.removeprefix(_ATTRIBUTE)
            found.append((f"ce_{attribute}", unquote_to_bytes(value)))
        elif name == "content-type" or name in _TRACE:
            found.append((name, value))
    return found


@router.post(
    "/messages",
    response_model=Taken,
    response_model_exclude_none=True,
    responses=problems(
        "malformed",
        "forbidden",
        "cross-site",
        "too-large",
        "unsupported-media-type",
        "overtaken",
        *ALWAYS,
    ),
    openapi_extra=_BODY,
)
def take(
    request: Request,
    who: MayReport,
    parts: Given,
    message: Annotated[Incoming, Depends(incoming)],
) -> Response:
    """Take one message in; its source and id are its key. The outcome says what became of it."""
    return told(speaking.take(parts, way_in_of(request.app), who, message))
