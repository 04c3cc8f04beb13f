"""HEAD is GET without the body. FastAPI answers it for no call by itself."""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send

from web.security.names import LIVE


class Heads:
    """Stands before an app. The server leaves the body out; a stream is nothing but body."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope.get("method") != "HEAD" or scope["path"].startswith(LIVE):
            await self._app(scope, receive, send)
            return
        asked = {**scope, "method": "GET"}
        await self._app(asked, receive, send)
        if "route" in asked:
            scope["route"] = asked["route"]  # who counts outside of us asks for it
