"""Refunds by hand: money that no rule owes."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from web.api.addresses import Given, OrderId
from web.bodies import JsonRoute
from web.commanding import IdempotencyKey, asked, respond
from web.commands import refunding
from web.openapi import COMMANDS, problems
from web.security.caller import Caller, need
from web.shapes.decisions import HandRefund, Refunded

router = APIRouter(tags=["refunds"], route_class=JsonRoute)
MayRefund = Annotated[Caller, Depends(need("refund_by_hand"))]


@router.post(
    "/orders/{order_id}/refunds",
    status_code=201,
    response_model=Refunded,
    responses=problems(*COMMANDS, "refund-refused"),
)
def refund(
    who: MayRefund, parts: Given, key: IdempotencyKey, order_id: OrderId, body: HandRefund
) -> Response:
    """Refund goods that stay with the buyer, or an amount, with its reason.

    409: it is more than is left of what was paid, or about goods that have a rule of their own.
    """
    said = asked(who, key, order_id, "refund", body)
    return respond(refunding.refund(parts, said, body))
