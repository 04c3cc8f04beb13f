"""A seller's case is decided in place: the form, what is wrong with it, and what was refused."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import Depends, Form, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import ValidationError

from application.answers import Answer
from domain.wording import broken, counted
from web import asking
from web.api.addresses import CancellationId, Given, OrderId
from web.commanding import asked
from web.commands import confirming, deciding
from web.malformed import errors_of, malformed
from web.pages.seller import MayDecide, Which, Wrong, page
from web.pages.seller_choices import MOST_ANSWERS, about
from web.parts import Parts
from web.problems import Problem
from web.security import csrf
from web.security.caller import Caller
from web.shapes.cancellations import Stopped
from web.shapes.decisions import CaseDecision
from web.within import Below

router = Below("/seller/", include_in_schema=False)
Key = Annotated[str, Form(pattern=r"^[A-Za-z0-9-]{1,60}$")]
Text = Annotated[str, Form(max_length=2_000)]
Texts = Annotated[list[str], Form(max_length=2_000)]
Said = dict[str, Any]


@router.post("/seller/cases/{order_id}", dependencies=[Depends(csrf.check)])
def decide(  # noqa: PLR0913, PLR0917  # one parameter for each field of the form
    request: Request,
    caller: MayDecide,
    parts: Given,
    order_id: OrderId,
    key: Key,
    wait: Text = "",
    goods: Text = "",
    quantity: Text = "",
    outcome: Text = "",
    amount: Text = "",
    reason: Text = "",
) -> Response:
    """Decide, and see the cases again; where it was refused, with why, and nothing is changed."""
    said: Said = {"goods": goods, "quantity": quantity, "outcome": outcome, "amount": amount}
    said |= {"reason": reason, "units": {}}

    def work() -> tuple[str, list[str] | None]:
        return key, _refused(_decide(parts, caller, order_id, key, said))

    return _answered(request, caller, parts, (order_id, wait, said), work)


@router.post("/seller/cases/{order_id}/stopped", dependencies=[Depends(csrf.check)])
def answer_for_the_warehouse(  # noqa: PLR0913, PLR0917  # one parameter for each field of the form
    request: Request,
    caller: MayDecide,
    parts: Given,
    order_id: OrderId,
    key: Key,
    cancellation: Annotated[CancellationId, Form()],
    wait: Text = "",
    outcome: Text = "",
    line: Texts = [],  # noqa: B006  # read only
    units: Texts = [],  # noqa: B006  # read only
    reason: Text = "",
) -> Response:
    """Say in the warehouse's stead whether goods were stopped, and see the cases again."""
    counts = {one: number(text) for one, text in zip(line, units, strict=False)}
    said: Said = {"outcome": outcome, "reason": reason, "units": counts}
    said |= {"goods": "", "quantity": "", "amount": ""}

    def work() -> tuple[str, list[str] | None]:
        if outcome == "not_stopped":
            if not counts:
                said["units"] = _all_of(parts, caller, order_id, cancellation)
            return _not_stopped(parts, caller, order_id, key, said)
        return _stopped(parts, caller, order_id, key, cancellation, said)

    return _answered(request, caller, parts, (order_id, wait, said), work)


def _answered(
    request: Request,
    caller: Caller,
    parts: Parts,
    form: tuple[str, str, Said],
    work: Callable[[], tuple[str, list[str] | None]],
) -> Response:
    """The cases, with what was done; or with why nothing was."""
    order_id, wait, said = form
    try:
        by, refused = work()
    except (ValidationError, Problem) as error:
        wrong = Wrong(422, order_id, wait, "Nothing was decided yet", told(error), said)
        return page(request, caller, parts, Which(), wrong)
    if refused is not None:
        title = "This case changed while you were reading"
        wrong = Wrong(409, order_id, wait, title, refused, said)
        return page(request, caller, parts, Which(), wrong)
    return RedirectResponse(f"/seller?decided={order_id}&by={by}", HTTPStatus.SEE_OTHER)


def _decide(parts: Parts, caller: Caller, order_id: str, key: str, said: Said) -> Answer:
    """Raises ValidationError and Problem for what is not to be understood."""
    line_id, _, kind = said["goods"].partition(" ")
    body = CaseDecision.model_validate(
        {
            "decision_id": key,
            "line_id": line_id,
            "quantity": number(said["quantity"]),
            "outcome": said["outcome"],
            "reason": said["reason"].strip(),
            **({"amount": said["amount"].strip()} if said["amount"].strip() else {}),
        }
    )
    return deciding.decide(parts, asked(caller, key, order_id, "decide", body), body, about(kind))


def number(text: str) -> int | None:
    """The number that a field says; none: it says none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 10 else None  # noqa: PLR2004


def _stopped(  # noqa: PLR0913, PLR0917  # the command, and what it is about
    parts: Parts, caller: Caller, order_id: str, key: str, cancellation_id: str, said: Said
) -> tuple[str, list[str] | None]:
    """Confirm that goods were stopped: those that are named, or all of the cancellation."""
    if said["outcome"] != "stopped":
        raise malformed("outcome", "missing", "must be chosen")
    named = [
        {"line_id": one, "quantity": count} for one, count in said["units"].items() if count != 0
    ]
    if said["units"] and not named:
        raise malformed("quantity", "too_small", "must be at least 1 of something")
    body = Stopped.model_validate({"items": named} if named else {})
    command = asked(caller, key, order_id, f"confirm {cancellation_id}", body)
    answer = confirming.confirm(parts, command, cancellation_id, body)
    return command.message_id, _refused(answer)


def _all_of(parts: Parts, caller: Caller, order_id: str, cancellation_id: str) -> dict[str, int]:
    """Everything that waits for the warehouse's answer."""
    units, _ = confirming.waiting(asking.order_state(parts, caller, order_id), cancellation_id)
    found = {line_id: number for line_id, number in units.items() if number}
    return dict(list(found.items())[:MOST_ANSWERS])


def _not_stopped(
    parts: Parts, caller: Caller, order_id: str, key: str, said: Said
) -> tuple[str, list[str] | None]:
    """Say of each line that its units will ship; of one that changed meanwhile, why not."""
    wanted = [(one, count) for one, count in said["units"].items() if count != 0]
    if not wanted:
        raise malformed("quantity", "too_small", "must be at least 1 of something")
    bodies = [
        CaseDecision.model_validate(
            {
                "decision_id": f"{key}-{place}",
                "line_id": line_id,
                "quantity": count,
                "outcome": "not_stopped",
                "reason": said["reason"].strip(),
            }
        )
        for place, (line_id, count) in enumerate(wanted)
    ]
    for body in bodies:
        command = asked(caller, body.decision_id, order_id, "decide", body)
        refused = _refused(deciding.decide(parts, command, body))
        if refused is not None:
            return body.decision_id, refused
    return bodies[0].decision_id, None


def _refused(answer: Answer) -> list[str] | None:
    """Why it was refused, and what can be decided now; none: it was not."""
    if answer.status == HTTPStatus.OK:
        return None
    refusal: dict[str, Any] = json.loads(answer.body)
    said = f"It was refused: {broken(refusal['rule'])}. Nothing was changed."
    if "can_be_decided" not in refusal:
        return [f"{said} See below how it stands."]
    can_be = sum(one["quantity"] for one in refusal["can_be_decided"])
    left = f"{counted(can_be)} can be decided now." if can_be else "Nothing is left to decide."
    return [f"{said} {left}"]


FIELDS = {
    "line_id": "Goods",
    "quantity": "Units",
    "outcome": "What shall happen",
    "amount": "Amount",
    "reason": "Reason",
    "order_id": "Order",
}


def told(error: ValidationError | Problem) -> list[str]:
    """What is wrong, field by field. Raises a problem that is no fault of the form."""
    if isinstance(error, ValidationError):
        errors: Sequence[Any] = errors_of([dict(one) for one in error.errors(include_url=False)])
    elif "errors" in error.body:
        errors = error.body["errors"]
    else:
        raise error
    return [_words(one["field"].rpartition(".")[2], one["detail"]) for one in errors]


def _words(field: str, detail: str) -> str:
    if field == "amount" and detail.startswith("must be a decimal"):
        detail = "must be a number like 12.99"
    return f"{FIELDS.get(field, field)} {detail}."
