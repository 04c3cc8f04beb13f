"""For the operator: what waits for its order, what could not be taken, where everybody stands."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Response

from web import operating
from web.api.addresses import AtLeast, Given, LetterId, ThisPage, told
from web.bodies import JsonRoute
from web.commanding import IdempotencyKey, respond
from web.commands import letters
from web.openapi import COMMANDS, QUERIES, problems
from web.security.caller import Caller, need
from web.shapes.cancellations import Nothing
from web.shapes.operating import Closed, DeadLetters, Dropping, Parked, Standing, WholeLetter

router = APIRouter(tags=["operating"], route_class=JsonRoute)
MayOperate = Annotated[Caller, Depends(need("operate"))]
_ANSWERS = problems(*QUERIES)
_CLOSING = problems(*COMMANDS, "dead-letter-closed")


@router.get("/status", response_model=Standing, responses=_ANSWERS, dependencies=[AtLeast])
def status(_: MayOperate, parts: Given) -> Response:
    """Where everybody stands, and whether all is well."""
    return told(operating.standing(parts))


@router.get("/parked", response_model=Parked, responses=_ANSWERS, dependencies=[AtLeast])
def parked(_: MayOperate, parts: Given, page: ThisPage) -> Response:
    """Messages whose orders are not known yet, in the order in which they came."""
    return told(operating.parked(parts, page))


@router.get("/dead-letters", response_model=DeadLetters, responses=_ANSWERS, dependencies=[AtLeast])
def dead_letters(
    _: MayOperate,
    parts: Given,
    page: ThisPage,
    state: Annotated[
        Literal["open", "retried", "dropped", "resolved", "all"],
        Query(description="In which state."),
    ] = "open",
) -> Response:
    """Messages that could not be taken, and why."""
    return told(operating.letters(parts, None if state == "all" else state, page))


@router.get(
    "/dead-letters/{dead_letter_id}",
    response_model=WholeLetter,
    responses=problems(*QUERIES, "not-found"),
    dependencies=[AtLeast],
)
def dead_letter(_: MayOperate, parts: Given, dead_letter_id: LetterId) -> Response:
    """One of them, with its bytes."""
    return told(operating.letter(parts, dead_letter_id))


@router.post(
    "/dead-letters/{dead_letter_id}/retry",
    response_model=Closed,
    responses=_CLOSING
    | problems("dead-letter-closed", "dead-letter-cut", "idempotency-key-reused"),
)
def retry(
    who: MayOperate,
    parts: Given,
    key: IdempotencyKey,
    dead_letter_id: LetterId,
    _body: Nothing | None = None,
) -> Response:
    """Hear it again, by the one way in. Outcome `dead`: it could not be taken, and stays open."""
    return respond(letters.retry(parts, who, key, dead_letter_id))


@router.post("/dead-letters/{dead_letter_id}/drop", response_model=Closed, responses=_CLOSING)
def drop(
    who: MayOperate,
    parts: Given,
    key: IdempotencyKey,
    dead_letter_id: LetterId,
    body: Dropping | None = None,
) -> Response:
    """Say that nothing more is to be done about it. It is kept, with why."""
    reason = None if body is None else body.reason
    return respond(letters.drop(parts, who, key, dead_letter_id, reason))
