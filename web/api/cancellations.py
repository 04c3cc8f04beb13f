"""Cancelling: preview, do, take back, confirm."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from web import asking
from web.api.addresses import AtLeast, CancellationId, Given, OrderId, told
from web.bodies import JsonRoute
from web.commanding import IdempotencyKey, asked, respond
from web.commands import cancelling, confirming
from web.openapi import COMMANDS, QUERIES, problems
from web.security.caller import Caller, need
from web.shapes.cancellations import (
    Cancellation,
    Cancelled,
    Confirmed,
    Nothing,
    Preview,
    PreviewRequest,
    Stopped,
    Withdrawn,
)

router = APIRouter(
    prefix="/orders/{order_id}/cancellations", tags=["cancellations"], route_class=JsonRoute
)
MayCancel = Annotated[Caller, Depends(need("cancel"))]
MayDecide = Annotated[Caller, Depends(need("decide"))]


@router.post(
    "/preview",
    response_model=Preview,
    responses=problems(
        *QUERIES,
        "cross-site",
        "not-found",
        "unreadable",
        "too-large",
        "unsupported-media-type",
        "cancellation-refused",
    ),
    dependencies=[AtLeast],
)
def preview(
    who: MayCancel, parts: Given, order_id: OrderId, body: PreviewRequest | None = None
) -> Response:
    """What would be cancelled, what must be refused at the door, how much comes back and when.

    Nothing is changed. 409: it would be refused, and `cancellable` says what would not.
    """
    items = None if body is None else body.items
    return told(asking.cancellation_preview(parts, who, order_id, items))


@router.post(
    "",
    status_code=201,
    response_model=Cancelled,
    responses=problems(*COMMANDS, "cancellation-refused"),
)
def cancel(
    who: MayCancel, parts: Given, key: IdempotencyKey, order_id: OrderId, body: Cancellation
) -> Response:
    """Cancel goods that were not delivered yet; shipped ones are to be refused at the door.

    409: refused whole, with what can be cancelled at which version.
    """
    said = asked(who, key, order_id, "cancel", body)
    return respond(cancelling.cancel(parts, said, body))


@router.post(
    "/{cancellation_id}/withdrawal",
    response_model=Withdrawn,
    responses=problems(*COMMANDS, "withdrawal-refused"),
)
def withdraw(  # one for each part of the call
    who: MayCancel,
    parts: Given,
    key: IdempotencyKey,
    order_id: OrderId,
    cancellation_id: CancellationId,
    _body: Nothing | None = None,
) -> Response:
    """Take a cancellation back, whole. 409: a unit of it has succeeded or crossed."""
    said = asked(who, key, order_id, f"withdraw {cancellation_id}", None)
    return respond(cancelling.withdraw(parts, said, cancellation_id))


@router.post(
    "/{cancellation_id}/confirmation",
    response_model=Confirmed,
    responses=problems(*COMMANDS, "confirmation-refused"),
)
def confirm(  # noqa: PLR0913, PLR0917  # one for each part of the call
    who: MayDecide,
    parts: Given,
    key: IdempotencyKey,
    order_id: OrderId,
    cancellation_id: CancellationId,
    body: Stopped | None = None,
) -> Response:
    """Say in the warehouse's stead that goods were stopped. 409: none of them are requested."""
    said = asked(who, key, order_id, f"confirm {cancellation_id}", body)
    return respond(confirming.confirm(parts, said, cancellation_id, body or Stopped()))
