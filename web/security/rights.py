"""Roles, what each may do, and the caller who has one."""

from __future__ import annotations

from typing import Literal, NamedTuple, get_args

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
