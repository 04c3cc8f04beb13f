"""A buyer's pages: my orders, an order, what to do at the door, cancelled orders."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter(include_in_schema=False)
