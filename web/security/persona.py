"""The persona switch: who one plays, where nobody has to prove it. There is none with OIDC."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import RedirectResponse, Response

from web.security import csrf
from web.security.caller import persona_of
from web.security.guard import guard_of
from web.security.local import Next
from web.security.names import PERSONA, SWITCH

router = APIRouter(include_in_schema=False)
Persona = Annotated[str, Form(max_length=100)]
NOBODY = "nobody"
"""Back to being nobody, who may do everything."""


@router.post(SWITCH, dependencies=[Depends(csrf.check)])
def switch(
    request: Request,
    persona: Persona,
    then: Annotated[Next, Form(alias="next")] = "/",
) -> Response:
    """Play somebody from now on: `buyer:mira`, `operator`, or `nobody`. Then go to `next`."""
    return _switched(request, persona, then)


@router.get(SWITCH)
def switch_by_link(
    request: Request,
    persona: Annotated[str, Query(alias="as", max_length=100)],
    then: Annotated[Next, Query(alias="next")] = "/",
) -> Response:
    """The same by a link on one of our pages; the gate turns away those on others' pages."""
    return _switched(request, persona, then)


def _switched(request: Request, persona: str, then: str) -> Response:
    cookies = guard_of(request.app).cookies
    answer = RedirectResponse(then, 303)
    if persona in (NOBODY, ""):
        cookies.drop(answer, PERSONA)
    else:
        persona_of(persona)
        cookies.write(answer, PERSONA, persona)
    return answer
