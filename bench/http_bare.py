"""The least that FastAPI does for an answer: handlers without a database, served as ours are.

Run as a program: `python -m bench.http_bare PORT FOLDER`; the folder has what is answered.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import uvicorn
from fastapi import FastAPI, Header, Request, Response
from fastapi.responses import HTMLResponse
from fastapi.templating import Jinja2Templates
from jinja2 import DictLoader, Environment
from pydantic import BaseModel

ORDER, LISTED, CANCELLED, READY = "order.json", "list.json", "cancelled.json", "page.html"
MOST_ROWS = 500
"""Of a page: how many there are decides how large it is."""
_FRAME = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>{% block title %}{% endblock %} - bare</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="/static/bare.css"></head>
<body>
<header><nav>{% for word, address in nav %}<a href="{{ address }}">{{ word }}</a>
{% endfor %}</nav></header>
<main>{% block main %}{% endblock %}</main>
<footer><p>{{ who }}</p></footer>
</body>
</html>
"""
_PAGE = """{% extends "frame.html" %}
{% block title %}Orders{% endblock %}
{% block main %}
<h1>Orders of {{ who }}</h1>
<ol>
{% for order in orders %}
  <li class="order">
    <h2><a href="/orders/{{ order.order_id }}">{{ order.order_id }}</a></h2>
    <p class="state {{ order.state }}"><span class="mark" aria-hidden="true"></span>
      <span>{{ order.word }}</span></p>
    <p class="goods">{{ order.titles }}</p>
    <dl class="sums">
      <div><dt>Units</dt><dd>{{ order.units }}</dd></div>
      <div><dt>Total</dt><dd>{{ order.total }}</dd></div>
    </dl>
    {% if order.note %}<p class="note">{{ order.note }}</p>{% endif %}
  </li>
{% endfor %}
</ol>
{% endblock %}
"""
_NAV = [("My orders", "/orders"), ("Cancelled orders", "/cancelled-orders")]


class Unit(BaseModel):
    line_id: str
    quantity: int


class Cancellation(BaseModel):
    """What our call takes."""

    requested_by: str
    reason: str
    note: str | None = None
    items: list[Unit] | None = None


def made(folder: Path) -> FastAPI:
    """Make the app; answers are those files' bytes."""
    app = FastAPI()
    order, listed, cancelled = ((folder / name).read_bytes() for name in (ORDER, LISTED, CANCELLED))
    ready = (folder / READY).read_text()

    @app.get("/orders/{order_id}")
    async def _(order_id: str) -> Response:  # noqa: ARG001  # read, as ours is
        return Response(order, media_type="application/json")

    @app.get("/sellers/{seller_id}/orders")
    async def _(seller_id: str, limit: int = 50) -> Response:  # noqa: ARG001
        return Response(listed, media_type="application/json")

    @app.post("/orders/{order_id}/cancellations")
    async def _(
        order_id: str,  # noqa: ARG001
        body: Cancellation,  # noqa: ARG001
        key: Annotated[str, Header(alias="Idempotency-Key")],  # noqa: ARG001
    ) -> Response:
        return Response(cancelled, 201, media_type="application/json")

    @app.get("/ready")
    async def _() -> HTMLResponse:
        return HTMLResponse(ready)

    _add_page(app)
    return app


def _add_page(app: FastAPI) -> None:
    loader = DictLoader({"frame.html": _FRAME, "page.html": _PAGE})
    templates = Jinja2Templates(env=Environment(loader=loader, autoescape=True))
    orders = [_row(number) for number in range(MOST_ROWS)]

    @app.get("/page")
    async def _(request: Request, rows: int) -> HTMLResponse:
        values = {"orders": orders[:rows], "who": "mira", "nav": _NAV}
        return templates.TemplateResponse(request, "page.html", values)


def _row(number: int) -> dict[str, object]:
    return {
        "order_id": f"A-{number}",
        "state": "shipped",
        "word": "On its way",
        "titles": "Enamel mug, 0.35 l, Head torch, 400 lumens, Camp stove, folding and 2 more",
        "units": number,
        "total": f"{number}.90 EUR",
        "note": "It is expected today." if number % 2 else "",
    }


def main(words: list[str]) -> None:
    """Serve until we are ended."""
    config = uvicorn.Config(
        made(Path(words[1])),
        port=int(words[0]),
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
    )
    uvicorn.Server(config).run()


if __name__ == "__main__":
    main(sys.argv[1:])
