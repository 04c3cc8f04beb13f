"""Who calls, and what that one may do and see."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from functools import cache
from typing import Annotated, cast
from urllib.parse import quote

from fastapi import Depends, Request

from web.problems import Problem
from web.security.bearer import caller_of
from web.security.guard import Guard, guard_of
from web.security.names import API, LOG_IN, PERSONA, SESSION
from web.security.rights import ALL_RIGHTS, ANYBODY, RIGHTS, Caller, Right, Role
from web.security.tokens import Refused

__all__ = [
    "ALL_RIGHTS",
    "ANYBODY",
    "RIGHTS",
    "Caller",
    "Known",
    "Right",
    "Role",
    "caller",
    "need",
    "persona_of",
    "right_of",
    "sees",
]

HEADER = "countermand-persona"

_PERSONA = re.compile(
    r"(?P<role>buyer|seller|warehouse):(?P<id>[A-Za-z0-9._:-]{1,64})|operator|auditor", re.ASCII
)


async def caller(request: Request) -> Caller:
    """Say who calls. Raises Problem 401, 403 (a token names no role), 429, 503 (no keys)."""
    # Not a plain `def`: that would wait for a thread.
    guard = guard_of(request.app)
    who = _persona(guard, request) if guard.known is None else await _proven(guard, request)
    guard.callers.take(who.scope)
    return who


def _persona(guard: Guard, request: Request) -> Caller:
    persona = request.headers.get(HEADER) or guard.cookies.read(request.scope, PERSONA)
    if not guard.is_open:
        raise _unknown("nobody is known here")
    return persona_of(persona) if persona else ANYBODY


async def _proven(guard: Guard, request: Request) -> Caller:
    """By a token; on pages, and to read, by the session of who logged in."""
    said = request.headers.getlist("authorization")
    if not said:
        return _session(guard, request)
    scheme, _, token = said[0].partition(" ")
    if len(said) > 1 or scheme.lower() != "bearer" or guard.known is None:
        raise _unknown("one header Authorization: Bearer TOKEN is taken")
    try:
        claims = await guard.known.tokens.claims(token.strip(), guard.known.oidc.audience)
    except Refused as refused:
        raise _unknown(f"the token is not good: {refused}", ' error="invalid_token"') from None
    return caller_of(claims, guard.known.oidc.claims)


def _session(guard: Guard, request: Request) -> Caller:
    is_page = not request.url.path.startswith(API)
    is_read = request.method in {"GET", "HEAD"}
    said = guard.sessions.open(guard.cookies.read(request.scope, SESSION))
    # Pages' forms have their own token; a command to the API must not ride on a cookie.
    if said is not None and (is_page or is_read):
        return Caller(said["role"], said["id"], RIGHTS[said["role"]])
    if guard.logs_in and is_page and is_read and "text/html" in request.headers.get("accept", ""):
        raise _LogInFirst(request)
    raise _unknown("no token was sent")


class _LogInFirst(Problem):
    """Sends a browser to log in, and then back here."""

    def __init__(self, request: Request) -> None:
        super().__init__("unauthenticated", "log in first")
        here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        self.status = 303
        self.headers = {"Location": f"{LOG_IN}?next={quote(here)}"}


def _unknown(detail: str, more: str = "") -> Problem:
    return Problem("unauthenticated", detail, {"WWW-Authenticate": f"Bearer{more}"})


def persona_of(text: str) -> Caller:
    """Read a persona such as `buyer:B1`. Raises Problem 401."""
    match = _PERSONA.fullmatch(text)
    if match is None:
        detail = (
            "Countermand-Persona must be buyer:ID, seller:ID, warehouse:ID, operator or auditor"
        )
        raise Problem("unauthenticated", detail)
    role = cast("Role", match["role"] or text)
    return Caller(role, match["id"], RIGHTS[role])


Known = Annotated[Caller, Depends(caller)]


Need = Callable[[Caller], Awaitable[Caller]]


@cache
def need(right: Right) -> Need:
    """A dependency that gives the caller. Raises Problem 403 unless that one has the right."""

    async def checked(who: Known) -> Caller:
        if right not in who.rights:
            raise Problem("forbidden", f"this takes the right {right}", right=right)
        return who

    return checked


def right_of(dependency: object) -> Right | None:
    """The right that a dependency asks for; none: it is another one."""
    return next((right for right in ALL_RIGHTS if need(right) is dependency), None)


def sees(who: Caller) -> tuple[str | None, str | None]:
    """The buyer and the seller whose orders are seen; none: all. It goes into the SQL.

    Raises Problem 403 for a warehouse: it reports, and reads nothing here.
    """
    if who.role == "warehouse":
        raise Problem("forbidden", "a warehouse reports, and reads no orders")
    return (
        who.id if who.role == "buyer" else None,
        who.id if who.role == "seller" else None,
    )
