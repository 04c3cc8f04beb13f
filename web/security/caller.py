"""Who calls, and what that one may do and see."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Annotated, Literal, NamedTuple, cast, get_args

from fastapi import Depends, Request

from web.problems import Problem
from web.security.guard import guard_of
from web.security.names import PERSONA

Role = Literal["buyer", "seller", "warehouse", "operator", "auditor"]
Right = Literal["cancel", "decide", "refund_by_hand", "correct", "read_audit", "operate", "report"]

ALL_RIGHTS: frozenset[Right] = frozenset(get_args(Right))
RIGHTS: dict[Role, frozenset[Right]] = {
    "buyer": frozenset({"cancel"}),
    "seller": frozenset({"cancel", "decide", "refund_by_hand"}),
    "warehouse": frozenset({"report", "correct"}),
    "operator": frozenset({"operate", "report", "correct"}),
    "auditor": frozenset({"read_audit"}),
}
HEADER = "countermand-persona"

_PERSONA = re.compile(
    r"(?P<role>buyer|seller|warehouse):(?P<id>[A-Za-z0-9._:-]{1,64})|operator|auditor", re.ASCII
)


class Caller(NamedTuple):
    """Who calls. No role: nobody was asked who they are, and everything is allowed."""

    role: Role | None
    id: str | None
    rights: frozenset[Right]

    @property
    def scope(self) -> str:
        """Names the caller: what is kept for one is not another's."""
        return f"{self.role or ''}:{self.id or ''}"


ANYBODY = Caller(None, None, ALL_RIGHTS)


async def caller(request: Request) -> Caller:
    """Say who calls. Raises Problem 401."""
    # Not a plain `def`: that would wait for a thread.
    guard = guard_of(request.app)
    if not guard.is_open:
        raise Problem("unauthenticated", "no token was sent", {"WWW-Authenticate": "Bearer"})
    persona = request.headers.get(HEADER) or guard.cookies.read(request.scope, PERSONA)
    return persona_of(persona) if persona else ANYBODY


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


def need(right: Right) -> Callable[[Caller], Awaitable[Caller]]:
    """A dependency that gives the caller. Raises Problem 403 unless that one has the right."""

    async def checked(who: Known) -> Caller:
        if right not in who.rights:
            raise Problem("forbidden", f"this takes the right {right}", right=right)
        return who

    return checked


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
