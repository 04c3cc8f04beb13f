"""Taking a cancellation back, while nothing of it is settled."""

from __future__ import annotations

from http import HTTPStatus
from secrets import token_urlsafe
from typing import Annotated, NamedTuple
from urllib.parse import quote

from fastapi import Depends, Form
from fastapi.responses import RedirectResponse, Response

from consumers.fields import Party
from domain.goods import Goods
from domain.state import Order
from domain.wording import named
from web.api.addresses import CancellationId, Given, OrderId
from web.commanding import as_dict, asked, idempotency_key
from web.commands import cancelling
from web.problems import Problem
from web.security import csrf
from web.security.caller import Caller, need
from web.within import Below

router = Below("/orders/", include_in_schema=False)
MayCancel = Annotated[Caller, Depends(need("cancel"))]


class Open(NamedTuple):
    """A cancellation that can be taken back."""

    cancellation_id: str
    goods: str
    key: str
    """For the form: however often it is sent, it is one withdrawal."""


def can_be_taken_back(order: Order, where: Goods, party: Party) -> list[Open]:
    """The party's cancellations of which nothing is stopped, on its way, or paid."""
    titles = order.placed.titles
    settled = {
        one.place
        for line in where.lines.values()
        for one in line.cancelled_by
        if one.crossed or one.succeeded
    }
    return [
        Open(event.cancellation_id, named(event.items, titles), token_urlsafe(18))
        for place, event in where.cancellations
        if place not in settled and event.requested_by == party
    ]


@router.post("/orders/{order_id}/withdraw", dependencies=[Depends(csrf.check)])
def withdraw(
    who: MayCancel,
    parts: Given,
    order_id: OrderId,
    cancellation: Annotated[CancellationId, Form()],
    key: Annotated[str, Form()],
) -> Response:
    """Take it back, whole. Raises Problem 409 where some of it was settled meanwhile."""
    call = f"withdraw {cancellation}"
    said = asked(who, idempotency_key(key), order_id, call, None)
    answer = cancelling.withdraw(parts, said, cancellation)
    if answer.status != HTTPStatus.OK:
        body = as_dict(answer)
        raise Problem("withdrawal-refused", str(body["detail"]))
    return RedirectResponse(f"/orders/{quote(order_id)}", HTTPStatus.SEE_OTHER)
