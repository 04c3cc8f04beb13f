"""The app: routers, pages and answers to what goes wrong, put together. Nothing at import."""

from __future__ import annotations

from fastapi import FastAPI

from web import api, pages
from web.answering import answer_problems
from web.parts import Parts


def make_app(parts: Parts) -> FastAPI:
    """Make the app of these parts."""
    app = FastAPI(title="countermand", openapi_url="/openapi.json", docs_url=None, redoc_url=None)
    app.state.parts = parts
    answer_problems(app)
    for router in (*api.routers(), *pages.routers()):
        app.include_router(router)
    return app
