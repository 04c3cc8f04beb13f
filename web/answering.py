"""The one place where what is raised becomes an answer."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from http import HTTPStatus
from secrets import token_hex
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from application.event_store import StoreUnavailable
from projections.pages import BadPage
from web.malformed import SEE, errors_of, malformed
from web.problems import KINDS, MEDIA_TYPE, Problem

_LOG = logging.getLogger(__name__)
_BY_STATUS = {
    400: "unreadable",
    401: "unauthenticated",
    403: "forbidden",
    404: "not-found",
    405: "method-not-allowed",
    406: "not-acceptable",
    413: "too-large",
    415: "unsupported-media-type",
    429: "too-many-requests",
}


def answer_problems(app: FastAPI) -> None:
    """Let every error of this app become a problem."""
    app.add_exception_handler(Exception, _answer)
    for kind in (Problem, RequestValidationError, HTTPException, StoreUnavailable, BadPage):
        app.add_exception_handler(kind, _answer)


async def _answer(request: Request, error: Exception) -> Response:
    return written(request, problem_of(error))


def problem_of(error: Exception) -> Problem:
    """Say any error as a problem; one that nobody expected is logged, and tells nothing."""
    match error:
        case Problem():
            return error
        case RequestValidationError():
            return Problem("malformed", SEE, errors=errors_of(error.errors()))
        case BadPage(field=field, rule=rule):
            return malformed(field, rule, str(error))
        case HTTPException():
            return _of_framework(error.status_code, str(error.detail), error.headers)
        case StoreUnavailable():
            return Problem("unavailable", "the database does not answer", {"Retry-After": "1"})
    fault = token_hex(8)
    _LOG.error("fault %s", fault, exc_info=error)
    return Problem("fault", "it was logged", instance=f"urn:countermand:fault:{fault}")


def _of_framework(status: int, detail: str, headers: Mapping[str, str] | None) -> Problem:
    name = _BY_STATUS.get(
        status, "unreadable" if status < HTTPStatus.INTERNAL_SERVER_ERROR else "fault"
    )
    if detail == HTTPStatus(status).phrase:
        detail = KINDS[name].then
    return Problem(name, detail, headers)


def written(request: Request, problem: Problem) -> Response:
    """The problem as an answer: a page for people, if the app has pages."""
    page = getattr(request.app.state, "error_page", None)
    if page is not None and request.app.state.is_for_people(request):
        answer: Response = page(request, problem)
        return answer
    body: dict[str, Any] = {"instance": request.url.path, **problem.body}
    return Response(
        json.dumps(body, ensure_ascii=False).encode(),
        problem.status,
        problem.headers,
        MEDIA_TYPE,
    )
