"""AsyncAPI: every topic, with the names that this installation gives them."""

from __future__ import annotations

from fastapi import APIRouter, Response

from web.api.addresses import Given, json_of
from web.asyncapi.document import written

router = APIRouter(include_in_schema=False)


@router.get("/asyncapi.json")
def asyncapi(parts: Given) -> Response:
    """The document, as `countermand schema asyncapi` prints it."""
    return json_of(written(parts.topics))
