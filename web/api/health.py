"""Whether the service lives, whether it can work, and figures for Prometheus."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from web.api.addresses import Given
from web.metrics import CONTENT_TYPE, metrics_of
from web.openapi import problems
from web.shapes.operating import Health

router = APIRouter(tags=["health"])


def routers(prefix: str) -> list[APIRouter]:
    """The calls, at their own addresses, and once more beside the others."""
    again = APIRouter(prefix=prefix, include_in_schema=False)
    again.include_router(router)
    return [router, again]


@router.get("/health/live", response_model=Health)
async def live() -> dict[str, str]:
    """Say that the process answers."""
    # Not a plain `def`: that would wait for a thread, and a busy process is not a dead one.
    return {"status": "live"}


@router.get("/health/ready", response_model=Health, responses=problems("unavailable"))
def ready(parts: Given) -> dict[str, str]:
    """Say that the database answers. 503: it does not."""
    parts.store.head()
    return {"status": "ready"}


@router.get(
    "/metrics",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)
def metrics(request: Request) -> Response:
    """Figures for Prometheus: requests, and where everybody stands."""
    return Response(metrics_of(request.app).text(), media_type=CONTENT_TYPE)
