"""The API: one router a noun."""

from __future__ import annotations

from fastapi import APIRouter

from web.api import health


def routers() -> list[APIRouter]:
    """Every router of the API."""
    return [health.router]
