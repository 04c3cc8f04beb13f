"""The app: routers, pages and answers to what goes wrong, put together. Nothing at import."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from anyio import to_thread
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from typing_extensions import override

from application.placed import PlacedOrders
from web import api, openapi, pages
from web.answering import answer_problems
from web.heads import Heads
from web.level import Level
from web.live import routes as live
from web.live.listening import Live
from web.metrics import Counting, Metrics
from web.pages import rendering
from web.parts import Parts, parts_of
from web.security import guarding
from web.security.auth import Auth
from web.way_in import WayIn


class App(FastAPI):
    """An app that describes itself, every answer included."""

    @override
    def openapi(self) -> dict[str, Any]:
        return openapi.describe(self)


@asynccontextmanager
async def _living(app: FastAPI) -> AsyncIterator[None]:
    # Whoever waits for a thread waits for no connection, and is not turned away.
    to_thread.current_default_thread_limiter().total_tokens = parts_of(app).threads
    yield


def make_app(parts: Parts) -> FastAPI:
    """Make the app of these parts."""
    app = _app()
    app.state.parts = parts
    app.state.level = Level(parts)
    app.state.placed = PlacedOrders(parts.store)
    app.state.way_in = WayIn(parts)
    app.state.live = Live(parts)
    app.state.metrics = Metrics(parts, app.state.live.hub)
    guarding.guard(app, parts.auth, parts.clock)
    app.add_middleware(Heads)
    app.add_middleware(Counting, metrics=app.state.metrics)
    answer_problems(app)
    pages.say_errors(app)
    rendering.load()
    calls, *about = api.routers()
    mine = [live.router, *guarding.routers(parts.auth)]
    # In this order they are looked through: what is asked for most comes first.
    routers = [calls, *pages.routers(), *mine, *about]
    for router in routers:
        app.include_router(router)
    _make_ready(app)
    return app


def _make_ready(app: FastAPI) -> None:
    """Work out what each route takes now: else the first request does, when threads are running.

    FastAPI hushes warnings meanwhile, and that is not safe beside other threads.
    """
    for _ in iter_route_contexts(app.routes):
        pass


def _app() -> App:
    return App(
        title="countermand",
        openapi_url="/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,  # it would send people to http, and to whatever `Host` says
        lifespan=_living,
    )


def described(auth: Auth) -> dict[str, Any]:
    """What the app of a service whose callers are known like this says of itself."""
    app = _app()
    for router in api.routers():
        app.include_router(router)
    return openapi.document(app, auth)
