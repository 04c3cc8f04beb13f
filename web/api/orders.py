"""An order: what it looks like, now or then, and what happened to it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from web import asking
from web.api.addresses import AtLeast, Given, OrderId, as_of, json_of, told
from web.openapi import QUERIES, problems
from web.reading import reading
from web.security.caller import Known
from web.shapes.orders import History, OrderInformation, Timeline

router = APIRouter(prefix="/orders/{order_id}", tags=["orders"])
_ANSWERS = problems(*QUERIES, "not-found")


@router.get("", response_model=OrderInformation, responses=_ANSWERS, dependencies=[AtLeast])
@reading
def order_information(
    who: Known, parts: Given, order_id: OrderId, at: Annotated[int | None, Depends(as_of)]
) -> Response:
    """Order Information: goods in four groups, refunds, and what does not fit."""
    if at is None:
        return json_of(asking.order_json(parts, who, order_id))
    return told(asking.order_as_of(parts, who, order_id, at))


@router.get("/history", response_model=History, responses=_ANSWERS, dependencies=[AtLeast])
@reading
def history(who: Known, parts: Given, order_id: OrderId) -> Response:
    """Every event of the order with both its times, its cause, and a sentence."""
    return told(asking.history(parts, who, order_id))


@router.get("/timeline", response_model=Timeline, responses=_ANSWERS, dependencies=[AtLeast])
@reading
def timeline(who: Known, parts: Given, order_id: OrderId) -> Response:
    """The whole story, with what was asked of others, and what is awaited now."""
    return told(asking.order_timeline(parts, who, order_id))
