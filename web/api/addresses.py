"""What stands in addresses, and what every call needs.

None of it blocks, so it is `async`: a plain `def` would wait for a thread each.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from fastapi import Depends, Path, Query, Request, Response

from consumers.bad_message import Malformed
from consumers.times import to_microseconds
from web.asking import Page, paged
from web.level import level
from web.malformed import malformed
from web.parts import Parts, parts_of
from web.shapes.base import Id

JSON = "application/json"


async def _parts(request: Request) -> Parts:
    return parts_of(request.app)


Given = Annotated[Parts, Depends(_parts)]
OrderId = Annotated[Id, Path(examples=["A-1"])]
CancellationId = Annotated[Id, Path(examples=["c-1"])]
BuyerId = Annotated[Id, Path(examples=["mira"])]
SellerId = Annotated[Id, Path(examples=["fjell"])]
OneSeller = Annotated[
    Id | None, Query(description="Of this seller only; a seller sees the own.", examples=["fjell"])
]
LetterId = Annotated[int, Path(ge=1, le=2**63 - 1, examples=[1])]
ThisPage = Annotated[Page, Depends(paged)]
AtLeast = Depends(level)
"""Wait for `?at_least=`."""


async def as_of(
    as_of: Annotated[
        str | None,
        Query(
            max_length=64,
            description="With all that was recorded by then, and nothing later.",
            examples=["2026-11-24T13:00:00Z"],
            json_schema_extra={"format": "date-time"},
        ),
    ] = None,
) -> int | None:
    """The moment that is asked for, in microseconds; none: now. Raises Problem 422."""
    return None if as_of is None else moment_of("as_of", as_of)


def moment_of(field: str, text: str) -> int:
    """A time that somebody wrote in `field`, in microseconds. Raises Problem 422."""
    try:
        return to_microseconds(text)
    except Malformed as wrong:
        raise malformed(field, wrong.rule, wrong.detail) from None


def json_of(body: bytes) -> Response:
    """JSON that is there already."""
    return Response(body, media_type=JSON)


def told(body: dict[str, Any]) -> Response:
    """A body as it is: tests hold it to its shape, nobody looks it through again."""
    return json_of(msgspec.json.encode(body))
