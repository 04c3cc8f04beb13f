"""A refund by hand in three steps without scripts: what can be refunded, check it, refund it.

What was said travels in the fields. Only the last form changes anything; it carries the key that
was made when it was rendered, so sending it again refunds nothing more.
"""

from __future__ import annotations

import json
import re
from http import HTTPStatus
from typing import Annotated, Any, NamedTuple
from urllib.parse import quote
from uuid import uuid4

from fastapi import Depends, Form, Query, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import ValidationError

from consumers.fields import ID_PATTERN
from domain.wording import broken
from web import asking
from web.api.addresses import Given
from web.commanding import Asked, asked
from web.commands import refunding
from web.pages.rendering import render
from web.pages.seller_deciding import Key, Text, Texts, number, told
from web.parts import Parts
from web.problems import Problem
from web.security import csrf
from web.security.caller import Caller, need
from web.shapes.base import Id
from web.shapes.decisions import HandRefund
from web.within import Below

router = Below("/seller/", prefix="/seller/refunds/by-hand", include_in_schema=False)
MayRefund = Annotated[Caller, Depends(need("refund_by_hand"))]
_MOST = 100
"""Lines of an order that have a field."""


class Said(NamedTuple):
    """What was said in the form."""

    order_id: str
    units: dict[str, int | None]
    amount: str = ""
    reason: str = ""

    def body(self, decision_id: str) -> HandRefund:
        """The command's body. Raises ValidationError."""
        items = [
            {"line_id": one, "quantity": units} for one, units in self.units.items() if units != 0
        ]
        amount = self.amount.strip()
        return HandRefund.model_validate(
            {
                "decision_id": decision_id,
                "reason": self.reason.strip(),
                **({"items": items} if items else {}),
                **({"amount": amount} if amount else {}),
            }
        )


@router.get("")
def choose(
    request: Request,
    caller: MayRefund,
    parts: Given,
    order_id: Annotated[str, Query(max_length=200)],
) -> Response:
    """What can be refunded of an order; of one that there is not, the refunds, which say so."""
    typed = order_id.strip()
    if re.fullmatch(ID_PATTERN, typed):
        try:
            return _form(request, caller, parts, Said(typed, {}))
        except Problem as problem:
            if problem.status != HTTPStatus.NOT_FOUND:
                raise
    address = f"/seller/refunds?unknown={quote(order_id)}#by-hand"
    return RedirectResponse(address, HTTPStatus.SEE_OTHER)


def said(  # one parameter for each field of the form
    order_id: Annotated[Id, Form()],
    line: Texts = [],  # noqa: B006  # read only
    units: Texts = [],  # noqa: B006  # read only
    amount: Text = "",
    reason: Text = "",
) -> Said:
    """What the form says."""
    counts = {one: number(text or "0") for one, text in zip(line, units, strict=False)}
    return Said(order_id, counts, amount, reason)


Form_ = Annotated[Said, Depends(said)]


@router.post("/check", dependencies=[Depends(csrf.check)])
def check(request: Request, caller: MayRefund, parts: Given, form: Form_) -> Response:
    """The sum that would be paid. Nothing is recorded."""
    key = str(uuid4())
    try:
        body = form.body(key)
        done = refunding.preview(parts, _command(caller, key, form, body), body)
    except (ValidationError, Problem) as error:
        return _wrong(request, caller, parts, form, error)
    if done.status != HTTPStatus.CREATED:
        return _refused(request, caller, parts, form, done.body)
    order = asking.order_state(parts, caller, form.order_id)
    return render(
        request,
        caller,
        "seller_by_hand_check.html",
        meant=done.body,
        said=form,
        key=key,
        titles=order.placed.titles,
    )


@router.post("", dependencies=[Depends(csrf.check)])
def refund(request: Request, caller: MayRefund, parts: Given, form: Form_, key: Key) -> Response:
    """Refund it, and see the refunds; where it was refused, why, and what could be refunded."""
    try:
        body = form.body(key)
        answer = refunding.refund(parts, _command(caller, key, form, body), body)
    except (ValidationError, Problem) as error:
        return _wrong(request, caller, parts, form, error)
    if answer.status != HTTPStatus.CREATED:
        return _refused(request, caller, parts, form, json.loads(answer.body))
    address = f"/seller/refunds?refunded={form.order_id}&by={key}"
    return RedirectResponse(address, HTTPStatus.SEE_OTHER)


def _command(caller: Caller, key: str, form: Said, body: HandRefund) -> Asked:
    return asked(caller, key, form.order_id, "refund", body)


def _wrong(
    request: Request, caller: Caller, parts: Parts, form: Said, error: ValidationError | Problem
) -> Response:
    return _form(request, caller, parts, form, told(error))


def _refused(
    request: Request, caller: Caller, parts: Parts, form: Said, body: dict[str, Any]
) -> Response:
    errors = [f"It would be refused: {broken(body['rule'])}."]
    return _form(request, caller, parts, form, errors, HTTPStatus.CONFLICT)


def _form(  # noqa: PLR0913, PLR0917  # the page, and what is wrong with what was said
    request: Request,
    caller: Caller,
    parts: Parts,
    form: Said,
    errors: list[str] | None = None,
    status: int = HTTPStatus.UNPROCESSABLE_ENTITY,
) -> Response:
    order = asking.order_state(parts, caller, form.order_id)
    left = refunding.can_be_refunded(parts, order)
    titles = order.placed.titles
    lines = [{**one, "title": titles[one["line_id"]]} for one in left["refundable_units"]]
    return render(
        request,
        caller,
        "seller_by_hand.html",
        status=status if errors else HTTPStatus.OK,
        order=order,
        left=left["refundable"],
        lines=lines[:_MOST],
        more=max(0, len(lines) - _MOST),
        said=form,
        errors=errors or [],
    )
