"""A router of one part of the addresses, which the other parts do not pay for."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.routing import Match
from starlette.types import Scope
from typing_extensions import override


class Within(APIRouter):
    """Routes below a prefix. Of an address elsewhere none of them is tried, one by one."""

    def __init__(self, prefix: str) -> None:
        super().__init__(prefix=prefix)

    @override
    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        path: str = scope["path"].removeprefix(scope.get("root_path", ""))
        if not path.startswith(self.prefix):
            return Match.NONE, {}
        return super().matches(scope)
