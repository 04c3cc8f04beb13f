"""The pages: rendered here, one router for each who looks at them."""

from __future__ import annotations

from fastapi import APIRouter, FastAPI

from web.pages import (
    audit,
    buyer,
    cancel_flow,
    errors,
    files,
    operator,
    operator_letters,
    seller,
    seller_by_hand,
    seller_deciding,
    start,
    taking_back,
)


def routers() -> list[APIRouter]:
    """Every page's router, in the order in which they are looked through, the usual first."""
    staff = [
        seller.router,
        seller_deciding.router,
        seller_by_hand.router,
        operator.router,
        operator_letters.router,
        audit.router,
    ]
    buyers = [buyer.router, cancel_flow.router, taking_back.router]
    return [*buyers, *staff, start.router, files.router]


def say_errors(app: FastAPI) -> None:
    """Let browsers get pages where something goes wrong."""
    app.state.error_page = errors.error_page
    app.state.is_for_people = errors.is_for_people
