"""The start page: who are you, and what is here."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import RedirectResponse, Response

from consumers.fields import ID_PATTERN
from web.pages.rendering import render
from web.problems import not_found
from web.security import csrf
from web.security.caller import Known
from web.security.guard import guard_of
from web.security.local import Next
from web.security.names import PERSONA

router = APIRouter(include_in_schema=False)

Role = Literal["buyer", "seller"]
_HOME: dict[str, str] = {"buyer": "/orders", "seller": "/seller"}


# Not plain `def`: nothing is asked of the database, so there is no need to wait for a thread.
@router.get("/")
async def start(
    request: Request, who: Known, then: Annotated[Next, Query(alias="next")] = "/"
) -> Response:
    """Say who one is, and find one's pages. `next` is where one wanted to go."""
    return render(request, who, "start.html", then=then, wrong=None, said="")


@router.post("/", dependencies=[Depends(csrf.check)])
async def be(
    request: Request,
    who: Known,
    role: Annotated[Role, Form()],
    said: Annotated[str, Form(alias="id", max_length=1_000)] = "",
    then: Annotated[Next, Form(alias="next")] = "/",
) -> Response:
    """Be a buyer or a seller from now on, where nobody has to prove it. Raises Problem 404."""
    guard = guard_of(request.app)
    if not guard.is_open:
        raise not_found("choice of who you are")
    said = said.strip()
    if re.fullmatch(ID_PATTERN, said) is None:
        bad = {"then": then, "wrong": role, "said": said}
        return render(request, who, "start.html", status=HTTPStatus.UNPROCESSABLE_ENTITY, **bad)
    answer = RedirectResponse(then if then != "/" else _HOME[role], HTTPStatus.SEE_OTHER)
    guard.cookies.write(answer, PERSONA, f"{role}:{said}")
    return answer
