"""The pages: rendered here, one router for each who looks at them."""

from __future__ import annotations

from fastapi import APIRouter


def routers() -> list[APIRouter]:
    """Every page's router, in the order in which they are looked through."""
    return []
