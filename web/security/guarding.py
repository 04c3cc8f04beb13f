"""Puts the guard of an app together: who is known how, the gate, the routes of logging in."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import APIRouter, FastAPI

from web.security import login, persona
from web.security.auth import Auth
from web.security.gate import Gate
from web.security.guard import Guard


def guard(app: FastAPI, auth: Auth, clock: Callable[[], int]) -> None:
    """Let an app know its callers, and set the gate before it."""
    app.state.guard = Guard(auth, clock)
    app.add_middleware(Gate, guard=app.state.guard)


def routers(auth: Auth) -> list[APIRouter]:
    """The routes by which people say who they are."""
    return [persona.router if auth.mode == "none" else login.router]
