"""Templates become pages: one environment that escapes everything, its filters, and the frame.

`render(request, who, "buyer/orders.html", orders=...)`. A template extends `base.html`, whose
blocks are `title`, `head`, `wide` (` class="wide"`), `main` and `scripts`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from functools import lru_cache
from http import HTTPStatus
from pathlib import Path
from typing import Any, NamedTuple

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from web.pages import words
from web.parts import parts_of
from web.security import csrf
from web.security.caller import ANYBODY, Caller
from web.security.guard import guard_of

_WEB = Path(__file__).parent.parent
_MINUTE = 60_000_000
STATIC_FILES = _WEB / "static"


class Link(NamedTuple):
    """A place in the bar."""

    address: str
    word: str


class Marks:
    """The macros of `marks.html`. What is drawn of words alone is drawn once: it comes often."""

    def __init__(self, macros: Any) -> None:  # noqa: ANN401  # a module that Jinja makes
        # By type, too: a text is escaped, and the same text as markup is not.
        once = lru_cache(maxsize=2_000, typed=True)
        self.mark, self.state = once(macros.mark), once(macros.state)
        self.status, self.refund = once(macros.status), once(macros.refund)
        self.units = macros.units
        self.problems = macros.problems
        self.at_field = macros.at_field


class Persona(NamedTuple):
    """Somebody whom one can be by one click."""

    persona: str
    word: str
    is_me: bool


_NAV: Mapping[str | None, tuple[Link, ...]] = {
    "buyer": (Link("/orders", "My orders"), Link("/cancelled-orders", "Cancelled orders")),
    "seller": (Link("/seller", "Cases"), Link("/seller/refunds", "Refunds")),
    "operator": (Link("/operator", "Operations"),),
    "auditor": (Link("/audit", "Order story"),),
}
"""Where each one can go; the others find their way from the start page."""


def render(
    request: Request,
    who: Caller,
    template: str,
    *,
    status: int = HTTPStatus.OK,
    live: str | None = None,
    **values: object,
) -> HTMLResponse:
    """The page for whoever looks at it; `live` is where it listens for what is new."""
    frame = {**_frame(request, who), "live": live}
    text = _environment().get_template(template).render({**frame, **values})
    return HTMLResponse(text, status)


def _frame(request: Request, who: Caller) -> dict[str, object]:
    """What stands around every page."""
    guard = guard_of(request.app)
    here: str = request.scope["path"]
    return {
        "request": request,
        "who": who,
        "who_word": who_word(who),
        "is_open": guard.is_open,
        "personas": _personas(who) if guard.is_open else (),
        "nav": _NAV.get(who.role, ()),
        "here": here,
        "within": _within(here, _NAV.get(who.role, ())),
        "now": parts_of(request.app).clock() // _MINUTE * _MINUTE,
        "csrf_field": csrf.field,
    }


def _within(path: str, nav: tuple[Link, ...]) -> str:
    """The place in the bar that a page belongs to; empty: none."""
    if any(link.address == path for link in nav):
        return ""  # it is one itself
    above = [link.address for link in nav if path.startswith(f"{link.address}/")]
    return max(above, key=len, default="")


def who_word(who: Caller) -> str:
    """Who looks, as a person says it; empty: nobody in particular."""
    if who.role is None:
        return "Nobody in particular" if who == ANYBODY else ""
    return f"{who.id}, {who.role}" if who.id else who.role.capitalize()


def _personas(who: Caller) -> list[Persona]:
    """Who one is, and whom one can be without an id."""
    me = f"{who.role}:{who.id}" if who.id else who.role or "nobody"
    offered = {"operator": "Operator", "auditor": "Auditor", "nobody": "Nobody in particular"}
    if me not in offered:
        offered = {me: who_word(who), **offered}
    return [Persona(one, word, one == me) for one, word in offered.items()]


@lru_cache(maxsize=1)
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(_WEB / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=False,  # they come with us: no look at the disk for each page
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(words.FILTERS)
    made.globals.update(words.TABLES)
    made.globals["marks"] = Marks(made.get_template("marks.html").module)
    made.globals["static"] = static
    made.globals["sprite"] = Markup((_WEB / "templates" / "sprite.html").read_text())  # noqa: S704
    return made


def macro(template: str, name: str) -> Callable[..., Markup]:
    """A part of pages: a macro of a template that needs nothing of the page around it."""
    found: Callable[..., Markup] = getattr(module(template), name)
    return found


def module(template: str) -> Any:  # noqa: ANN401  # what Jinja makes of the macros of a template
    """The macros of a template."""
    return _environment().get_template(template).module


def load() -> None:
    """Read all templates: they belong to this code, whatever is installed while it runs."""
    for name in _environment().list_templates():
        _environment().get_template(name)


@lru_cache(maxsize=64)
def static(name: str) -> str:
    """The address of a static file, with its digest: it may be kept for ever."""
    digest = hashlib.sha256((STATIC_FILES / name).read_bytes()).hexdigest()[:12]
    return f"/static/{name}?v={digest}"
