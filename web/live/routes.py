"""Where pages listen. Who may see a page may listen to it, and nobody else."""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from web import asking
from web.api.addresses import Given, OneSeller, OrderId
from web.live import watcher
from web.live.hub import CASES, FLOW, UNKNOWN, Listener
from web.live.listening import Live, live_of
from web.live.stream import Stream
from web.problems import Problem
from web.security.caller import Caller, Known, need

router = APIRouter(prefix="/live", include_in_schema=False)
_POSITION = re.compile(r"[0-9]{1,18}", re.ASCII)


async def _listening(
    request: Request, at: Annotated[str, Query(max_length=40)] = ""
) -> tuple[Live, int]:
    """What is listened by, and the position that the caller's page shows.

    Raises Problem 403 for other people's pages: they must not take our places.
    """
    if request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        raise Problem("cross-site", "this came from a page that is not ours")
    said = request.headers.get("last-event-id", at)
    is_one = _POSITION.fullmatch(said) is not None
    return live_of(request.app), int(said) if is_one else UNKNOWN


Listening = Annotated[tuple[Live, int], Depends(_listening)]
MayDecide = Annotated[Caller, Depends(need("decide"))]
MayOperate = Annotated[Caller, Depends(need("operate"))]


def _stream(listening: tuple[Live, int], who: Caller, topic: str) -> Response:
    live, at = listening
    if not live.hub.bounds.most:
        return Response(status_code=204)  # a browser does not come again
    return Stream(live.watcher, live.hub, who.scope, Listener(topic, at))


@router.get("/orders/{order_id}")
def of_order(who: Known, parts: Given, listening: Listening, order_id: OrderId) -> Response:
    """Listen to an order. Raises the same Problem 404 for unknown and foreign ones."""
    asking.see(parts, who, order_id)
    return _stream(listening, who, watcher.order(order_id))


@router.get("/orders")
async def of_buyer(who: Known, listening: Listening) -> Response:
    """Listen to the caller's own orders."""
    if who.role != "buyer" or who.id is None:
        raise Problem("forbidden", "buyers have orders of their own")
    return _stream(listening, who, watcher.buyer(who.id))


@router.get("/cases")
async def of_seller(who: MayDecide, listening: Listening, seller_id: OneSeller = None) -> Response:
    """Listen to the orders at one seller: a seller to the own."""
    one = who.id if who.role == "seller" else seller_id
    return _stream(listening, who, CASES if one is None else watcher.seller(one))


@router.get("/flow")
async def of_flow(who: MayOperate, listening: Listening) -> Response:
    """Listen to whether anything flows."""
    return _stream(listening, who, FLOW)
