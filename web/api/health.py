"""Whether the service lives, and whether it can work."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter(prefix="/health", tags=["health"])


@router.get("/live")
def live() -> dict[str, str]:
    """Say that the process answers."""
    return {"status": "live"}
