"""Late cancellations: what each waits for, and what a seller decides; exposure, conformance."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from web import asking
from web.api.addresses import AtLeast, Given, OneSeller, OrderId, ThisPage, told
from web.bodies import JsonRoute
from web.commanding import IdempotencyKey, asked, respond
from web.commands import deciding
from web.openapi import COMMANDS, QUERIES, problems
from web.reading import reading
from web.security.caller import Caller, Known, need
from web.shapes.decisions import CaseDecision, Decided
from web.shapes.lists import Cases, CaseState, Conformance, Exposure

router = APIRouter(tags=["late cancellations"], route_class=JsonRoute)
_ANSWERS = problems(*QUERIES, "not-found")
MayDecide = Annotated[Caller, Depends(need("decide"))]


@router.get("/late-cancellations", response_model=Cases, responses=_ANSWERS, dependencies=[AtLeast])
@reading
def cases(
    who: Known,
    parts: Given,
    page: ThisPage,
    state: CaseState = "open",
    seller_id: OneSeller = None,
) -> Response:
    """What is awaited, of whom and until when: the overdue first; `waits_for: seller` is a case."""
    return told(asking.cases(parts, who, state, seller_id, page))


@router.post(
    "/late-cancellations/{order_id}/decision",
    response_model=Decided,
    responses=problems(*COMMANDS, "decision-refused"),
)
def decide(
    who: MayDecide, parts: Given, key: IdempotencyKey, order_id: OrderId, body: CaseDecision
) -> Response:
    """Decide a case. 409: there is no such thing to decide, and `can_be_decided` says what is."""
    said = asked(who, key, order_id, "decide", body)
    return respond(deciding.decide(parts, said, body))


@router.get("/exposure", response_model=Exposure, responses=_ANSWERS, dependencies=[AtLeast])
@reading
def exposure(who: Known, parts: Given, page: ThisPage, seller_id: OneSeller = None) -> Response:
    """Refunded goods that are out: money out and goods out."""
    return told(asking.exposed(parts, who, seller_id, page))


@router.get("/conformance", response_model=Conformance, responses=_ANSWERS, dependencies=[AtLeast])
@reading
def conformance(who: Known, parts: Given, page: ThisPage) -> Response:
    """How each warehouse keeps its word."""
    return told(asking.warehouses(parts, who, page))
