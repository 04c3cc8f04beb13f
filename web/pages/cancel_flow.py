"""Cancelling in steps of plain forms: choose, check, reason, confirm, done.

What was chosen travels in the fields of the forms. Only the last form changes anything. Its key is
made by the check and is part of the last step's address: whoever goes back to that step and sends
it again cancels nothing more, whether the browser kept the page or asks for it anew.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from http import HTTPStatus
from secrets import token_urlsafe
from typing import Annotated, Any, Literal, NamedTuple, get_args
from urllib.parse import quote

from fastapi import Depends, Query, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import ValidationError

from application.answers import Answer
from consumers.fields import BuyerReason, SellerReason
from domain.state import Order
from domain.wording import broken
from web import asking
from web.api.addresses import CancellationId, Given, OrderId
from web.commanding import as_dict, asked, idempotency_key
from web.commands import cancelling
from web.live.listening import waits
from web.pages import cancel_shown, order_page
from web.pages.cancel_after import Standing, afterwards, standing
from web.pages.choosing import Chosen, Wrong, chosen, party_of, wrong_reason, wrong_units
from web.pages.reader import Reader
from web.pages.rendering import render
from web.parts import Parts
from web.problems import Problem
from web.reading import reading
from web.security import csrf
from web.security.caller import Caller, need
from web.shapes.cancellations import Cancellation
from web.within import Below

router = Below("/orders/", prefix="/orders/{order_id}/cancel", include_in_schema=False)
MayCancel = Annotated[Caller, Depends(need("cancel"))]
Step = Literal["choose", "check", "reason"]
_REASONS = {"buyer": get_args(BuyerReason), "seller": get_args(SellerReason)}
_REFUSED = "/problems/cancellation-refused"
_REUSED = "/problems/idempotency-key-reused"
_SENT_BEFORE = "this form was sent before, with another reason or note: that one counts"
_KEY_BYTES = 24
_UNREADABLE = Wrong("main", "What was said cannot be read. Choose again.")


async def _form(request: Request) -> dict[str, str]:
    """The fields that were sent; files are none."""
    form = await request.form()
    return {name: value for name, value in form.items() if isinstance(value, str)}


Sent = Annotated[dict[str, str], Depends(_form)]


class _Visit(NamedTuple):
    """One look at one step."""

    request: Request
    who: Caller
    parts: Parts
    order: Order
    choice: Chosen

    def page(self, template: str, *, status: int = HTTPStatus.OK, **values: object) -> Response:
        known: dict[str, Any] = {"order": self.order, "choice": self.choice, **values}
        return render(self.request, self.who, template, status=status, **known)

    @property
    def reader(self) -> Reader:
        return Reader.of(self.who)

    def meant(self, preview: Mapping[str, Any]) -> cancel_shown.Meant:
        return cancel_shown.meant(self.order, preview, self.reader)

    def afterwards(self) -> Standing:
        return afterwards(self.parts, self.order, self.choice.items, self.reader)

    def wrong_units(self) -> list[Wrong]:
        return wrong_units(self.choice, self.order.goods())

    def preview(self) -> Mapping[str, Any]:
        return asking.cancellation_preview(
            self.parts, self.who, self.order.order_id, self.choice.items
        )


@router.get("")
@reading
def step(
    request: Request, who: MayCancel, parts: Given, order_id: OrderId, step: Step = "choose"
) -> Response:
    """The first three steps: nothing is changed by them."""
    order = asking.order_state(parts, who, order_id)
    visit = _Visit(request, who, parts, order, chosen(dict(request.query_params)))
    if step == "choose":
        return _choose(visit, [])
    if step == "check":
        return _previewed(visit, lambda meant: _check(visit, meant))
    first = {"key": request.query_params.get("key") or token_urlsafe(_KEY_BYTES)}
    return _previewed(visit, lambda meant: _reason(visit, meant, first, []))


def _choose(visit: _Visit, wrong: list[Wrong]) -> Response:
    lines = cancel_shown.to_choose(visit.order, visit.choice, visit.reader)
    return visit.page(
        "cancel_choose.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.OK,
        lines=lines[: cancel_shown.LINES],
        others=max(0, len(lines) - cancel_shown.LINES),
        units=sum(line.most for line in lines),
        stands=standing(visit.parts, visit.order, visit.reader),
        errors=wrong,
    )


def _previewed(visit: _Visit, show: Callable[[Mapping[str, Any]], Response]) -> Response:
    """A step that says what would happen; or what is wrong, or why it would be refused."""
    wrong = visit.wrong_units()
    if wrong:
        return _choose(visit, wrong)
    try:
        meant = visit.preview()
    except Problem as problem:
        if problem.body["type"] != _REFUSED:
            raise
        return _refused(visit, problem.body)
    return show(meant)


def _check(visit: _Visit, meant: Mapping[str, Any]) -> Response:
    return visit.page(
        "cancel_check.html",
        meant=visit.meant(meant),
        stands=visit.afterwards(),
        key=token_urlsafe(_KEY_BYTES),
    )


def _reason(
    visit: _Visit, meant: Mapping[str, Any], said: Mapping[str, str], wrong: list[Wrong]
) -> Response:
    return visit.page(
        "cancel_reason.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.OK,
        meant=visit.meant(meant),
        stands=visit.afterwards(),
        reasons=_REASONS[party_of(visit.who)],
        said=said,
        errors=wrong,
    )


@router.post("", dependencies=[Depends(csrf.check)])
def confirm(
    request: Request, who: MayCancel, parts: Given, order_id: OrderId, said: Sent
) -> Response:
    """Cancel, once for the form's key however often it is sent."""
    order = asking.order_state(parts, who, order_id)
    visit = _Visit(request, who, parts, order, chosen(said))
    wrong = wrong_reason(who, said)
    if wrong:
        return _previewed(visit, lambda meant: _reason(visit, meant, said, wrong))
    try:
        body = _asked_for(who, visit.choice, said)
    except (ValidationError, ValueError):
        return _choose(visit, visit.wrong_units() or [_UNREADABLE])
    key = idempotency_key(said.get("key"))
    try:
        answer = cancelling.cancel(parts, asked(who, key, order_id, "cancel", body), body)
    except Problem as problem:
        if problem.body["type"] != _REUSED:
            raise
        return _not_cancelled(visit, HTTPStatus.CONFLICT, _SENT_BEFORE, cancel_shown.left(order))
    return _answered(visit, answer)


def _asked_for(who: Caller, choice: Chosen, said: Mapping[str, str]) -> Cancellation:
    return Cancellation.model_validate(
        {
            "requested_by": party_of(who),
            "reason": said["reason"],
            "note": said.get("note", "").strip().replace("\r\n", "\n") or None,
            "items": choice.items,
        }
    )


def _answered(visit: _Visit, answer: Answer) -> Response:
    body = as_dict(answer)
    if answer.status != HTTPStatus.CREATED:
        return _refused(visit, body)
    there = f"/orders/{quote(visit.order.order_id)}/cancel/done"
    address = f"{there}?cancellation={quote(body['cancellation_id'])}"
    return RedirectResponse(address, HTTPStatus.SEE_OTHER)


def _refused(visit: _Visit, body: Mapping[str, Any]) -> Response:
    left = cancel_shown.cancellable(visit.order, body["cancellable"])
    return _not_cancelled(visit, int(body["status"]), broken(str(body["rule"])), left)


def _not_cancelled(visit: _Visit, status: int, why: str, left: list[str]) -> Response:
    """Nothing was changed, and what can be cancelled now."""
    return visit.page("cancel_refused.html", status=status, why=why, left=left)


@router.get("/done")
@reading
def done(
    request: Request,
    who: MayCancel,
    parts: Given,
    order_id: OrderId,
    cancellation: Annotated[CancellationId, Query()],
) -> Response:
    """What became of a cancellation, as it stands now."""
    live = waits(request, f"orders/{order_id}")
    found = asking.order_found(parts, who, order_id)
    fates = cancel_shown.fates(found.order, cancellation, Reader.of(who))
    return render(
        request,
        who,
        "cancel_done.html",
        live=live,
        order=order_page.of_order(parts, who, found),
        fates=fates,
        cancellation_id=cancellation,
    )
