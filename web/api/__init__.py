"""The API: one router a noun, below `/api/v1`."""

from __future__ import annotations

from fastapi import APIRouter

from web.api import (
    asyncapi,
    cancellations,
    cases,
    health,
    kinds,
    lists,
    messages,
    operating,
    orders,
    refunds,
)
from web.within import Within

PREFIX = "/api/v1"


def routers() -> list[APIRouter]:
    """Every router of the API."""
    api = Within(PREFIX)
    for noun in (orders, cancellations, lists, cases, refunds, operating, messages):
        api.include_router(noun.router)
    return [api, asyncapi.router, kinds.router, *health.routers(PREFIX)]
