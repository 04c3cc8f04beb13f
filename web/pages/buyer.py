"""A buyer's pages: my orders, an order, what to do at the door, cancelled orders."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response

from domain.status import Status
from web import asking
from web.api.addresses import AtLeast, Given, OrderId
from web.asking import Cursor, Page
from web.live.listening import waits
from web.pages import order_page
from web.pages.listed import cancelled, listed, tabs
from web.pages.rendering import render
from web.parts import Parts
from web.reading import reading
from web.security.caller import Caller, Known

router = APIRouter(include_in_schema=False)

_A_PAGE = 25
_MOST_NEEDS = 3
ByStatus = Annotated[Status | None, Query()]


@router.get("/orders", dependencies=[AtLeast])
@reading
def orders(
    request: Request, who: Known, parts: Given, status: ByStatus = None, cursor: Cursor = None
) -> Response:
    """A buyer's orders, newest first; who is no buyer says first who they are."""
    if who.role != "buyer" or who.id is None:
        return _say_who(request)
    live = waits(request, "orders")
    found, counted = asking.buyers_counted(parts, who, who.id, status, Page(_A_PAGE, cursor))
    needs = "refuse_delivery" in counted and cursor is None and status is None
    return render(
        request,
        who,
        "orders.html",
        live=live,
        orders=[listed(one) for one in found["orders"]],
        needs=_needs(parts, who, who.id) if needs else [],
        following=found["next"],
        tabs=tabs(counted, status),
        chosen=status,
        is_first=cursor is None,
    )


def _needs(parts: Parts, who: Caller, buyer_id: str) -> list[dict[str, Any]]:
    """Orders of which the buyer must refuse a parcel."""
    found = asking.buyers_orders(parts, who, buyer_id, "refuse_delivery", Page(_MOST_NEEDS))
    return [listed(one) for one in found["orders"]]


@router.get("/cancelled-orders", dependencies=[AtLeast])
@reading
def cancelled_orders(request: Request, who: Known, parts: Given, cursor: Cursor = None) -> Response:
    """A buyer's orders with cancelled goods, by the latest cancellation."""
    if who.role != "buyer" or who.id is None:
        return _say_who(request)
    live = waits(request, "orders")
    found = asking.buyers_cancelled(parts, who, who.id, Page(_A_PAGE, cursor))
    return render(
        request,
        who,
        "cancelled_orders.html",
        live=live,
        orders=[cancelled(one) for one in found["orders"]],
        following=found["next"],
        is_first=cursor is None,
    )


@router.get("/orders/{order_id}")
@reading
def order(request: Request, who: Known, parts: Given, order_id: OrderId) -> Response:
    """Order Information. It is worked out from the log, so it shows what one has just done."""
    live = waits(request, f"orders/{order_id}")
    shown = order_page.shown(parts, who, order_id)
    return render(request, who, "order.html", live=live, order=shown, may_cancel=may_cancel(who))


@router.get("/orders/{order_id}/refuse")
@reading
def refuse(request: Request, who: Known, parts: Given, order_id: OrderId) -> Response:
    """What to do at the door, by parcel; on paper one sheet."""
    live = waits(request, f"orders/{order_id}")
    shown = order_page.at_the_door(parts, who, order_id)
    return render(request, who, "refuse.html", live=live, order=shown)


def may_cancel(who: Caller) -> bool:
    """Whether the cancel flow is for this one."""
    return "cancel" in who.rights


def _say_who(request: Request) -> Response:
    there = quote(request.url.path)
    return RedirectResponse(f"/?next={there}", HTTPStatus.SEE_OTHER)
