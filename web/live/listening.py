"""What pages are told by, one for each app, and the address that a page listens at."""

from __future__ import annotations

import time
from urllib.parse import urlencode

from fastapi import FastAPI, Request

from web.live.hub import Hub
from web.live.watcher import VIEWS, Watcher
from web.parts import Parts


class Live:
    """The listeners of an app, and who looks for them."""

    def __init__(self, parts: Parts) -> None:
        self.hub = Hub(parts.live)
        self.watcher = Watcher(parts, self.hub)
        self._parts = parts
        self._position = 0
        self._looked_at = -self.hub.bounds.look

    def end(self) -> None:
        """End every stream. To be called in the server's event loop."""
        self.hub.end()

    def position(self) -> int:
        """A position that the views have reached: whatever is asked after this shows it.

        It is looked up seldom, and for all pages: an older one tells a page once too often.
        """
        now = time.monotonic()
        if now - self._looked_at >= self.hub.bounds.look:
            self._position = self._parts.store.positions(VIEWS).get(VIEWS, 0)
            self._looked_at = now
        return self._position


def live_of(app: FastAPI) -> Live:
    """What pages of an app are told by."""
    live: Live = app.state.live
    return live


def waits(request: Request, topic: str, seller_id: str | None = None) -> str | None:
    """Where a page listens; none: nobody may. To be called before anything is asked for it."""
    live = live_of(request.app)
    if not live.hub.bounds.most:
        return None
    whose = {} if seller_id is None else {"seller_id": seller_id}
    return f"/live/{topic}?{urlencode({**whose, 'at': live.position()})}"
