"""For operators: the flow as a picture and in figures, what is parked, and dead letters."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Annotated, Any, Literal
from uuid import uuid4

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import RedirectResponse, Response

from application.answers import Answer
from web import asking
from web.api.addresses import Given, LetterId, ThisPage
from web.asking import Page
from web.commanding import as_dict
from web.commands import letters
from web.pages.operator_flow import flow
from web.pages.rendering import render
from web.pages.showing import when_text
from web.parts import Parts
from web.problems import Problem
from web.security import csrf
from web.security.caller import Caller, need

router = APIRouter(include_in_schema=False)
MayOperate = Annotated[Caller, Depends(need("operate"))]
Key = Annotated[str, Form(pattern=r"^[A-Za-z0-9-]{1,64}$")]
PER_PAGE = 20
"""Dead letters, and parked messages, on one page."""
SHOWN = 4_000
"""Characters of a letter's bytes that are shown; the API has them all."""
_BECAME = {
    "recorded": "was recorded",
    "repeated": "had been recorded before",
    "refused": "was taken, and refused",
    "parked": "waits for its order now",
    "dead": "could not be taken again, and stays open",
    "dropped": "was dropped; it is kept",
}


@router.get("/operator")
def operator(  # noqa: PLR0913, PLR0917  # one parameter for each of its own
    request: Request,
    caller: MayOperate,
    parts: Given,
    page: ThisPage,
    letter: Annotated[int | None, Query(ge=1, le=2**63 - 1)] = None,
    done: Annotated[int | None, Query(ge=1)] = None,
    became: Annotated[Literal[tuple(_BECAME)] | None, Query()] = None,  # type: ignore[valid-type]
) -> Response:
    """Where everybody stands, and what waits for an operator."""
    told = None if done is None or became is None else f"Dead letter {done} {_BECAME[became]}."
    return _page(request, caller, parts, {"cursor": page.cursor, "open": letter, "told": told})


def _page(
    request: Request,
    caller: Caller,
    parts: Parts,
    asked: dict[str, Any],
    status: int = HTTPStatus.OK,
) -> Response:
    standing = _standing(parts)
    found = asking.letters(parts, "open", Page(PER_PAGE, asked["cursor"]))
    return render(
        request,
        caller,
        "operator.html",
        status=status,
        standing=standing,
        flow=None if standing is None else flow(standing),
        parked=asking.parked(parts, Page(PER_PAGE)),
        letters=[_letter(one) for one in found["dead_letters"]],
        following=found["next"],
        whole=_whole(parts, asked["open"]),
        told=asked["told"],
        wrong=asked.get("wrong"),
    )


def _standing(parts: Parts) -> dict[str, Any] | None:
    """Where everybody stands; none: nobody can say."""
    try:
        return asking.standing(parts)
    except Problem:
        return None


def _letter(one: dict[str, Any]) -> dict[str, Any]:
    place = f"{one['topic']}/{one['partition']}@{one['offset']}" if one["topic"] else "not by Kafka"
    what = one["type"] or "a message of no known type"
    rule = one["rule"].replace("_", " ")
    title = f"{one['field']}: {rule}" if one["field"] else rule.capitalize()
    received = when_text(one["received_at"])
    return {**one, "place": place, "title": title, "what": what, "received": received} | {
        "key": str(uuid4())
    }


def _whole(parts: Parts, letter_id: int | None) -> dict[str, Any] | None:
    """The bytes of the letter that is looked at."""
    if letter_id is None:
        return None
    found = asking.letter(parts, letter_id)
    value = found["value"] or ""
    return {**found, "value": value[:SHOWN], "is_cut": len(value) > SHOWN}


@router.post("/operator/dead-letters/{dead_letter_id}/retry", dependencies=[Depends(csrf.check)])
def retry(
    request: Request, caller: MayOperate, parts: Given, dead_letter_id: LetterId, key: Key
) -> Response:
    """Hear it again."""
    return _closed(
        request, caller, parts, dead_letter_id,
        lambda: letters.retry(parts, caller, key, dead_letter_id),
    )  # fmt: skip


@router.post("/operator/dead-letters/{dead_letter_id}/drop", dependencies=[Depends(csrf.check)])
def drop(
    request: Request, caller: MayOperate, parts: Given, dead_letter_id: LetterId, key: Key
) -> Response:
    """Nothing more is to be done about it."""
    return _closed(
        request, caller, parts, dead_letter_id,
        lambda: letters.drop(parts, caller, key, dead_letter_id),
    )  # fmt: skip


def _closed(
    request: Request, caller: Caller, parts: Parts, letter_id: int, close: Callable[[], Answer]
) -> Response:
    """See the page again, with what became of it; where that was not to be had, with why."""
    try:
        became = as_dict(close())["outcome"]
    except Problem as problem:
        if problem.status == HTTPStatus.NOT_FOUND:
            raise
        wrong = f"{problem.body['title']}: {problem.body['detail']}."
        asked = {"cursor": None, "open": None, "told": None, "wrong": wrong}
        return _page(request, caller, parts, asked, problem.status)
    address = f"/operator?done={letter_id}&became={became}"
    return RedirectResponse(address, HTTPStatus.SEE_OTHER)
