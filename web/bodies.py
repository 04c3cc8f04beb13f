"""Bodies of requests: JSON, each key once; anything else is said before it is looked into."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute
from pydantic_core import from_json
from typing_extensions import override

from consumers.bad_message import Malformed
from consumers.cloudevents import not_json
from consumers.duplicate_keys import refuse_duplicate_keys
from consumers.fields import MAX_BYTES
from web.malformed import malformed
from web.problems import Problem

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class JsonRoute(APIRoute):
    """A call whose body, if it has one, is JSON."""

    @override
    def get_route_handler(self) -> Handler:
        handle = super().get_route_handler()

        async def checked(request: Request) -> Response:
            body = await bounded(request)
            if body:
                _see_that_it_is_json(request, body)
            return await handle(request)

        return checked


async def bounded(request: Request) -> bytes:
    """The body, if it is not too large. Raises Problem 413."""
    found = bytearray()
    async for piece in request.stream():
        found += piece
        if len(found) > MAX_BYTES:
            raise Problem("too-large", f"a body has at most {MAX_BYTES} bytes")
    request._body = bytes(found)  # noqa: SLF001  # as `request.body()` keeps it
    return request._body  # noqa: SLF001


def _see_that_it_is_json(request: Request, body: bytes) -> None:
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json" and not media_type.endswith("+json"):
        raise Problem("unsupported-media-type", "send application/json")
    try:
        from_json(body)
        refuse_duplicate_keys(body)
    except Malformed as wrong:
        raise malformed("body", wrong.rule, wrong.detail) from None
    except (ValueError, RecursionError) as error:
        why = not_json(body, str(error))
        raise malformed("body", why.rule, why.detail) from None
