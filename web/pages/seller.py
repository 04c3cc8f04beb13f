"""For sellers: today's cases, decided in place, what is out, and refunds with why they wait."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Annotated, Any, Literal, NamedTuple, get_args

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import ValidationError

from domain.wording import broken
from projections import counts
from web import asking
from web.api.addresses import Given, OneSeller, OrderId, ThisPage
from web.asking import Page
from web.commanding import asked
from web.commands import deciding
from web.malformed import errors_of
from web.pages import seller_refunds
from web.pages.rendering import render
from web.pages.seller_cases import grouped
from web.parts import Parts
from web.problems import Problem
from web.security import csrf
from web.security.caller import Caller, need
from web.shapes.decisions import CaseDecision

router = APIRouter(include_in_schema=False)
MayDecide = Annotated[Caller, Depends(need("decide"))]
Text = Annotated[str, Form(max_length=2_000)]
State = Literal["open", "overdue", "closed"]
PER_PAGE = 20
"""Cases, and orders that are out, on one page."""


class Wrong(NamedTuple):
    """A decision that was not taken: why, and what was said."""

    status: int
    order_id: str
    wait: str
    title: str
    errors: list[str]
    said: dict[str, str]


@router.get("/seller")
def cases(  # noqa: PLR0913, PLR0917  # one parameter for each of its own
    request: Request,
    caller: MayDecide,
    parts: Given,
    page: ThisPage,
    state: State = "open",
    seller_id: OneSeller = None,
    decided: Annotated[str | None, Query(max_length=64)] = None,
) -> Response:
    """What waits today, the overdue first."""
    which = Which(state, seller_id, page.cursor, decided)
    return _page(request, caller, parts, which, None)


class Which(NamedTuple):
    """Which cases are looked at, and what was decided just now."""

    state: State = "open"
    seller_id: str | None = None
    cursor: str | None = None
    decided: str | None = None


def _page(
    request: Request, caller: Caller, parts: Parts, which: Which, wrong: Wrong | None
) -> Response:
    found = asking.cases(parts, caller, which.state, which.seller_id, Page(PER_PAGE, which.cursor))
    seller = caller.id if caller.role == "seller" else which.seller_id
    return render(
        request,
        caller,
        "seller.html",
        status=HTTPStatus.OK if wrong is None else wrong.status,
        state=which.state,
        counted=_counts(parts, seller),
        groups=grouped(parts, found["cases"]),
        following=found["next"],
        exposed=asking.exposed(parts, caller, which.seller_id, Page(PER_PAGE)),
        seller=which.seller_id,
        decided=which.decided,
        wrong=wrong,
    )


def _counts(parts: Parts, seller: str | None) -> dict[str, str]:
    with parts.store.connection() as conn:
        return {
            state: counts.as_text(counts.cases(conn, parts.clock(), state, seller))
            for state in get_args(State)
        }


@router.post("/seller/cases/{order_id}", dependencies=[Depends(csrf.check)])
def decide(  # noqa: PLR0913, PLR0917  # one parameter for each field of the form
    request: Request,
    caller: MayDecide,
    parts: Given,
    order_id: OrderId,
    key: Annotated[str, Form(pattern=r"^[A-Za-z0-9-]{1,64}$")],
    wait: Text = "",
    goods: Text = "",
    quantity: Text = "",
    outcome: Text = "",
    amount: Text = "",
    reason: Text = "",
) -> Response:
    """Decide, and see the cases again; where it was refused, with why, and nothing is changed."""
    said = {"goods": goods, "quantity": quantity, "outcome": outcome, "amount": amount}
    said["reason"] = reason
    try:
        refused = _decide(parts, caller, order_id, key, said)
    except (ValidationError, Problem) as error:
        told = _told(error)
        wrong = Wrong(422, order_id, wait, "Nothing was decided yet", told, said)
        return _page(request, caller, parts, Which(), wrong)
    if refused is not None:
        title = "This case changed while you were reading"
        wrong = Wrong(409, order_id, wait, title, refused, said)
        return _page(request, caller, parts, Which(), wrong)
    return RedirectResponse(f"/seller?decided={order_id}", HTTPStatus.SEE_OTHER)


def _decide(
    parts: Parts, caller: Caller, order_id: str, key: str, said: dict[str, str]
) -> list[str] | None:
    """None: it is decided. Raises ValidationError and Problem for what is not to be understood."""
    body = CaseDecision.model_validate(
        {
            "decision_id": key,
            "line_id": said["goods"],
            "quantity": int(said["quantity"]) if said["quantity"].isdecimal() else None,
            "outcome": said["outcome"],
            "reason": said["reason"].strip(),
            **({"amount": said["amount"].strip()} if said["amount"].strip() else {}),
        }
    )
    command = asked(caller, key, order_id, "decide", body)
    answer = deciding.decide(parts, command, body)
    if answer.status == HTTPStatus.OK:
        return None
    refusal: dict[str, Any] = json.loads(answer.body)
    can_be = sum(one["quantity"] for one in refusal["can_be_decided"])
    left = f"{can_be} units can be decided now." if can_be else "Nothing is left to decide."
    return [f"It was refused: {broken(refusal['rule'])}. Nothing was changed. {left}"]


_FIELDS = {
    "line_id": "Goods",
    "quantity": "Units",
    "outcome": "What shall happen",
    "amount": "Amount",
    "reason": "Reason",
}


def _told(error: ValidationError | Problem) -> list[str]:
    """What is wrong, field by field. Raises a problem that is no fault of the form."""
    if isinstance(error, ValidationError):
        errors = errors_of([dict(one) for one in error.errors(include_url=False)])
    elif "errors" in error.body:
        errors = error.body["errors"]
    else:
        raise error
    return [f"{_FIELDS.get(one['field'], one['field'])} {one['detail']}." for one in errors]


@router.get("/seller/refunds")
def listed_refunds(  # noqa: PLR0913, PLR0917  # one parameter for each of its own
    request: Request,
    caller: MayDecide,
    parts: Given,
    page: ThisPage,
    state: Literal["failed", "due", "requested", "held", "issued"] | None = None,
    seller_id: OneSeller = None,
) -> Response:
    """Refunds by their state, and why they wait."""
    seller = caller.id if caller.role == "seller" else seller_id
    sections = seller_refunds.sections(parts, seller, state, page.cursor)
    return render(
        request,
        caller,
        "seller_refunds.html",
        state=state,
        seller=seller_id,
        sections=sections,
        tabs=seller_refunds.tabs(parts, seller),
    )
