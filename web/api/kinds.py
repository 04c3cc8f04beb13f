"""What a problem's type stands for: the type is an address, and this is what it shows."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path

from web.openapi import problems
from web.problems import KINDS, not_found
from web.shapes.problems import ProblemKind

router = APIRouter(tags=["problems"])


@router.get(
    "/problems/{name}",
    response_model=ProblemKind,
    responses=problems("not-found", "malformed"),
)
def problem(
    name: Annotated[str, Path(max_length=64, examples=["cancellation-refused"])],
) -> dict[str, object]:
    """What a problem of this type is, and what to do about it."""
    if name not in KINDS:
        raise not_found(f"problem {name}")
    status, title, then = KINDS[name]
    return {"type": f"/problems/{name}", "title": title, "status": status, "then": then}
