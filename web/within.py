"""Routers of one part of the addresses, which the other parts do not pay for."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.routing import Match
from starlette.types import Scope
from typing_extensions import override


class Below(APIRouter):
    """Routes whose addresses begin alike. Of an address elsewhere none of them is tried."""

    def __init__(self, beginning: str, **more: Any) -> None:  # noqa: ANN401  # what any router takes
        super().__init__(**more)
        self._beginning = beginning

    @override
    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        path: str = scope["path"].removeprefix(scope.get("root_path", ""))
        if not path.startswith(self._beginning):
            return Match.NONE, {}
        return super().matches(scope)


class Within(Below):
    """Routes below a prefix, which their own addresses leave out."""

    def __init__(self, prefix: str) -> None:
        super().__init__(prefix, prefix=prefix)
