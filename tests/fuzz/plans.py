"""What fits each call, by its address: an order that is there, units that can be cancelled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.fuzz.aim import STAFF, Aim, Callers, Plan, anybody, is_known
from tests.fuzz.made import BODY, PATH, QUERY, Made, is_good
from tests.fuzz.world import SELLERS
from tests.support.saying import cancel, say
from web.problems import KINDS


def _at(case: Made, **ids: object) -> None:
    if is_good(case, PATH):
        case.path_parameters = {**(case.path_parameters or {}), **ids}


def _body(case: Made) -> dict[str, Any] | None:
    """Its body, if it is made up well and can be changed."""
    if is_good(case, BODY) and isinstance(case.body, dict):
        return case.body
    return None


def _some_order(aim: Aim, case: Made) -> str:
    """The order that a link led to, or any."""
    order_id: str = aim.targets.order()
    if is_known(aim, case):
        order_id = case.path_parameters["order_id"]
    _at(case, order_id=order_id)
    return order_id


def _read(aim: Aim, case: Made) -> Callers:
    return [*aim.parties(_some_order(aim, case)), "auditor"]


def _cancel(aim: Aim, case: Made) -> Callers:
    order_id, rest = aim.targets.with_rest()
    _at(case, order_id=order_id)
    body = _body(case)
    if body is None:
        return aim.parties(order_id)
    if aim.random.random() < 0.95:
        units = aim.random.sample(rest, min(len(rest), aim.random.randint(1, 3)))
        body["items"] = [
            {"line_id": one.line_id, "quantity": aim.random.randint(1, min(one.quantity, 4))}
            for one in units
        ]
    if "cancellation_id" in body and aim.random.random() < 0.8:
        body["cancellation_id"] = aim.new("c")
    buyer, seller = aim.parties(order_id)
    return {"buyer": [buyer], "seller": [seller]}.get(body.get("requested_by", ""), [buyer, seller])


def _withdraw(aim: Aim, case: Made) -> Callers:
    order_id, cancellation_id, by = aim.targets.cancellation()
    _at(case, order_id=order_id, cancellation_id=cancellation_id)
    return [aim.parties(order_id)[by == "seller"]]


def _confirm(aim: Aim, case: Made) -> Callers:
    order_id, cancellation_id, _ = aim.targets.cancellation()
    _at(case, order_id=order_id, cancellation_id=cancellation_id)
    body = _body(case)
    if body:
        body.pop("items", None)
    return [aim.parties(order_id)[1]]


def _decide(aim: Aim, case: Made) -> Callers:
    order_id, what = aim.targets.decidable()
    _at(case, order_id=order_id)
    body = _body(case)
    if body is not None:
        body |= {
            "decision_id": aim.new("d"),
            "line_id": what.line_id,
            "quantity": aim.random.randint(1, min(what.quantity, 2)),
            "outcome": aim.random.choice(what.outcomes),
        }
        body.pop("amount", None)
    return [aim.parties(order_id)[1]]


def _refund(aim: Aim, case: Made) -> Callers:
    order_id = _some_order(aim, case)
    body = _body(case)
    if body is not None:
        body |= {"decision_id": aim.new("d"), "amount": f"0.{aim.random.randint(1, 99):02}"}
        for name in ("items", "currency"):
            body.pop(name, None)
    return [aim.parties(order_id)[1]]


def _of_buyer(aim: Aim, case: Made) -> Callers:
    buyer = aim.buyer()
    _at(case, buyer_id=buyer.removeprefix("buyer:"))
    return [buyer, buyer, "auditor"]


def _of_seller(aim: Aim, case: Made) -> Callers:
    seller = f"retail-{aim.random.randrange(SELLERS)}"
    _at(case, seller_id=seller)
    return [f"seller:{seller}", f"seller:{seller}", "auditor"]


def _sellers_own(aim: Aim, case: Made) -> Callers:
    seller = f"retail-{aim.random.randrange(SELLERS)}"
    if is_good(case, QUERY) and "seller_id" in (case.query or {}):
        case.query["seller_id"] = seller
    return [f"seller:{seller}", *STAFF]


def _kept_word(_aim: Aim, _case: Made) -> Callers:
    return ["seller:retail-0", "warehouse:w1", *STAFF]


def _operate(_aim: Aim, _case: Made) -> Callers:
    return ["operator"]


def _letter(aim: Aim, case: Made) -> Callers:
    _at(case, dead_letter_id=aim.targets.letter())
    return ["operator"]


def _message(aim: Aim, case: Made) -> Callers:
    if _body(case) is not None and "cloudevents" in (case.media_type or ""):
        made = aim.random.choice([None, *MESSAGES])
        if made is not None:
            case.body = made(aim) | {"id": aim.new("m")}
    return ["operator", "operator", "operator", "warehouse:w1"]


def _kind(aim: Aim, case: Made) -> Callers:
    _at(case, name=aim.random.choice(list(KINDS)))
    return anybody(aim, case)


def _new_order(aim: Aim) -> dict[str, Any]:
    buyer, seller = aim.parties(aim.targets.order())
    line = {"sku": "85123A", "title": "WHITE HANGING HEART T-LIGHT HOLDER", "unit_price": "2.55"}
    lines = [{"line_id": str(n), "quantity": aim.random.randint(2, 30), **line} for n in (1, 2)]
    people = {"buyer_id": buyer.partition(":")[2], "seller_id": seller.partition(":")[2]}
    return say("OrderPlaced", aim.new("N"), currency="GBP", lines=lines, **people)


def _release(aim: Aim) -> dict[str, Any]:
    return say("ReleasedToWarehouse", aim.targets.with_rest()[0], warehouse_id="w1")


def _cancellation(aim: Aim) -> dict[str, Any]:
    order_id, rest = aim.targets.with_rest()
    items = [{"line_id": rest[0].line_id, "quantity": 1}]
    return cancel(order_id, aim.new("c"), items=items)


MESSAGES: list[Callable[[Aim], dict[str, Any]]] = [_new_order, _release, _cancellation]
_ORDER = "/orders/{order_id}"
_CANCELLATION = f"{_ORDER}/cancellations/{{cancellation_id}}"
_LETTER = "/dead-letters/{dead_letter_id}"
PLANS: dict[str, Plan] = {
    _ORDER: _read,
    f"{_ORDER}/history": _read,
    f"{_ORDER}/timeline": _read,
    f"{_ORDER}/cancellations/preview": _cancel,
    f"{_ORDER}/cancellations": _cancel,
    f"{_CANCELLATION}/withdrawal": _withdraw,
    f"{_CANCELLATION}/confirmation": _confirm,
    f"{_ORDER}/refunds": _refund,
    "/buyers/{buyer_id}/orders": _of_buyer,
    "/buyers/{buyer_id}/cancelled-orders": _of_buyer,
    "/sellers/{seller_id}/orders": _of_seller,
    "/sellers/{seller_id}/refunds": _of_seller,
    "/late-cancellations": _sellers_own,
    "/late-cancellations/{order_id}/decision": _decide,
    "/exposure": _sellers_own,
    "/conformance": _kept_word,
    "/status": _operate,
    "/parked": _operate,
    "/dead-letters": _operate,
    _LETTER: _letter,
    f"{_LETTER}/retry": _letter,
    f"{_LETTER}/drop": _letter,
    "/messages": _message,
    "/problems/{name}": _kind,
}
"""By address: changes a request so that it fits, and says who may send it."""
