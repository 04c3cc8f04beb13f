"""An operator has a dead letter heard again, or drops it, with a reason or without."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Annotated

from fastapi import Depends, Form, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import ValidationError

from application.answers import Answer
from web.api.addresses import Given, LetterId
from web.commanding import as_dict
from web.commands import letters
from web.pages.operator import Asked, MayOperate, page
from web.parts import Parts
from web.problems import Problem
from web.security import csrf
from web.security.caller import Caller
from web.shapes.operating import Dropping
from web.within import Below

router = Below(
    "/operator/", prefix="/operator/dead-letters/{dead_letter_id}", include_in_schema=False
)
Key = Annotated[str, Form(pattern=r"^[A-Za-z0-9-]{1,64}$")]
_UNFIT = "The reason must be 300 characters at most, and printable. Say it shorter."


@router.post("/retry", dependencies=[Depends(csrf.check)])
def retry(
    request: Request, caller: MayOperate, parts: Given, dead_letter_id: LetterId, key: Key
) -> Response:
    """Hear it again."""
    return _closed(
        request, caller, parts, (dead_letter_id, ""),
        lambda: letters.retry(parts, caller, key, dead_letter_id),
    )  # fmt: skip


@router.post("/drop", dependencies=[Depends(csrf.check)])
def drop(  # noqa: PLR0913, PLR0917  # one parameter for each field of the form
    request: Request,
    caller: MayOperate,
    parts: Given,
    dead_letter_id: LetterId,
    key: Key,
    reason: Annotated[str, Form(max_length=10_000)] = "",
) -> Response:
    """Nothing more is to be done about it."""
    said = (dead_letter_id, reason.strip())
    try:
        body = Dropping(reason=reason.strip() or None)
    except ValidationError:
        asked = Asked(wrong=_UNFIT, said=said)
        return page(request, caller, parts, asked, HTTPStatus.UNPROCESSABLE_ENTITY)
    return _closed(
        request, caller, parts, said,
        lambda: letters.drop(parts, caller, key, dead_letter_id, body.reason),
    )  # fmt: skip


def _closed(
    request: Request,
    caller: Caller,
    parts: Parts,
    said: tuple[int, str],
    close: Callable[[], Answer],
) -> Response:
    """See the page again, with what became of it; where that was not to be had, with why."""
    try:
        became = as_dict(close())["outcome"]
    except Problem as problem:
        if problem.status == HTTPStatus.NOT_FOUND:
            raise
        wrong = f"{problem.body['title']}: {problem.body['detail']}."
        return page(request, caller, parts, Asked(wrong=wrong, said=said), problem.status)
    return RedirectResponse(f"/operator?done={said[0]}&became={became}", HTTPStatus.SEE_OTHER)
