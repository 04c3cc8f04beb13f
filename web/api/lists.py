"""Lists of buyers and sellers: pages by cursor, newest first."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from domain.payments import RefundState
from domain.status import Status
from web import asking
from web.api.addresses import AtLeast, BuyerId, Given, SellerId, ThisPage, told
from web.openapi import QUERIES, problems
from web.reading import reading
from web.security.caller import Known
from web.shapes.lists import Refunds
from web.shapes.orders import CancelledOrders, Orders

router = APIRouter(tags=["lists"], dependencies=[AtLeast])
_ANSWERS = problems(*QUERIES, "not-found")
ByStatus = Annotated[Status | None, Query(description="Only orders of this status.")]


@router.get("/buyers/{buyer_id}/orders", response_model=Orders, responses=_ANSWERS)
@reading
def buyers_orders(
    who: Known, parts: Given, buyer_id: BuyerId, page: ThisPage, status: ByStatus = None
) -> Response:
    """A buyer's orders, newest first."""
    return told(asking.buyers_orders(parts, who, buyer_id, status, page))


@router.get("/sellers/{seller_id}/orders", response_model=Orders, responses=_ANSWERS)
@reading
def sellers_orders(
    who: Known, parts: Given, seller_id: SellerId, page: ThisPage, status: ByStatus = None
) -> Response:
    """A seller's orders, newest first."""
    return told(asking.sellers_orders(parts, who, seller_id, status, page))


@router.get(
    "/buyers/{buyer_id}/cancelled-orders", response_model=CancelledOrders, responses=_ANSWERS
)
@reading
def cancelled_orders(who: Known, parts: Given, buyer_id: BuyerId, page: ThisPage) -> Response:
    """A buyer's orders with cancelled goods, by the latest cancellation, newest first."""
    return told(asking.buyers_cancelled(parts, who, buyer_id, page))


@router.get("/sellers/{seller_id}/refunds", response_model=Refunds, responses=_ANSWERS)
@reading
def refunds(
    who: Known,
    parts: Given,
    seller_id: SellerId,
    page: ThisPage,
    state: Annotated[RefundState | None, Query(description="Only refunds in this state.")] = None,
) -> Response:
    """A seller's refunds, and why they wait."""
    return told(asking.sellers_refunds(parts, who, seller_id, state, page))
