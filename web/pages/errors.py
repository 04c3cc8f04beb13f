"""Problems as pages, for browsers; programs get problem details."""

from __future__ import annotations

from typing import NamedTuple

from fastapi import Request
from fastapi.responses import Response

from web.pages.rendering import render
from web.problems import Problem
from web.security.caller import ANYBODY, Caller, persona_of
from web.security.guard import guard_of
from web.security.names import API, HEALTH, PERSONA


class Said(NamedTuple):
    """What a person reads."""

    title: str
    then: str


_UNKNOWN = Said("This did not work", "Nothing was changed. Go back, and try again.")
_SAID = {
    401: Said("We do not know who you are", "Say who you are, and come back."),
    403: Said("This is not yours to do", "Nothing was changed. Somebody else has that right."),
    404: Said("There is nothing here", "The address is wrong, or it belongs to somebody else."),
    409: Said("This was not possible", "Nothing was changed. See how things stand now."),
    421: Said("This service has another name", "Ask it by the address that it was started on."),
    429: Said("Too fast", "Wait a moment, and try again."),
    503: Said("A part of the service does not answer", "Wait a moment, and load the page again."),
}
_STALE = Said(
    "This page was too old", "Nothing was changed. Go back, load the page again, send it."
)


def is_for_people(request: Request) -> bool:
    """Whether a browser asks for a page."""
    path = request.url.path
    accepted = request.headers.get("accept", "")
    return "text/html" in accepted and not path.startswith((API, HEALTH))


def error_page(request: Request, problem: Problem) -> Response:
    """The problem as a page, which says what was not changed and what can be done."""
    is_stale = problem.body["type"] == "/problems/stale-form"
    said = _STALE if is_stale else _SAID.get(problem.status, _UNKNOWN)
    answer = render(
        request,
        _who(request),
        "error.html",
        status=problem.status,
        said=said,
        problem=problem.body,
    )
    answer.headers.update(problem.headers)
    return answer


def _who(request: Request) -> Caller:
    """Who looks, where that can be told without asking anybody."""
    guard = guard_of(request.app)
    persona = guard.cookies.read(request.scope, PERSONA) if guard.is_open else None
    try:
        return persona_of(persona) if persona else ANYBODY
    except Problem:
        return ANYBODY
