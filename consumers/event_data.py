"""The data of each event on `orders`: its fields in the contract's words, amounts as texts."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from msgspec.structs import asdict

from consumers.known_orders import Known
from domain import events
from domain.events import Event
from domain.items import Covered, Line
from domain.money import to_text

Data = dict[str, Any]
Teller = Callable[[Any, Known], Data]

money = lru_cache(50_000)(to_text)
"""Minor units as the contract writes them: the same prices come again and again."""

_CODE = re.compile(r"[a-z]+(?:[_.-][a-z]+)*", re.ASCII)
_CAUSE = frozenset(Event.__struct_fields__)


def code(reason: str | None) -> str | None:
    """A reason that is a code; a text that was kept apart has only a name, which helps nobody."""
    return reason if reason is not None and _CODE.fullmatch(reason) else None


def without_nones(data: Data) -> Data:
    return {name: value for name, value in data.items() if value is not None}


def _as_it_is(kind: type[Event]) -> Teller:
    """All fields under their own names; those that say nothing are left out."""
    names = [name for name in kind.__struct_fields__ if name not in _CAUSE | {"note_ref"}]

    def tell(event: Event, _: Known) -> Data:
        return {name: told for name in names if (told := getattr(event, name)) is not None}

    return tell


def _with_code(kind: type[Event]) -> Teller:
    """As it is, but for a reason that may be anybody's words."""
    plain = _as_it_is(kind)

    def tell(event: Any, known: Known) -> Data:  # noqa: ANN401
        return without_nones({**plain(event, known), "reason": code(event.reason)})

    return tell


def _placed(event: events.OrderPlaced, known: Known) -> Data:
    currency = known.currency
    return {
        "buyer_id": event.buyer_id,
        "seller_id": event.seller_id,
        "currency": currency,
        "lines": [_line(line, currency) for line in event.lines],
        "discount": money(event.discount, currency),
        "shipping_fee": money(event.shipping_fee, currency),
        "shipping_tax": money(event.shipping_tax, currency),
        "paid": money(event.paid, currency),
    }


def _line(line: Line, currency: str) -> Data:
    return {
        "line_id": line.line_id,
        "sku": line.sku,
        "title": line.title,
        "quantity": line.quantity,
        "unit_price": money(line.unit_price, currency),
        "discount": money(line.discount, currency),
        "tax": money(line.tax, currency),
        "amount": money(line.amount, currency),
        "coming_soon": line.coming_soon,
    }


def _covers(covers: tuple[Covered, ...], currency: str) -> list[Data]:
    return [
        {
            "line_id": one.line_id,
            "quantity": one.quantity,
            "amount": money(one.amount, currency),
        }
        for one in covers
    ]


def _corrected(event: events.FactCorrected, _: Known) -> Data:
    told: Data = {"corrects": {"source": event.corrects_source, "id": event.corrects_id}}
    if event.data is not None:
        data = asdict(event.data)
        told["data"] = without_nones({**data, "reason": code(event.data.reason)})
    return told


def _refund_requested(event: events.RefundRequested, known: Known) -> Data:
    return {
        "refund_id": event.refund_id,
        "amount": money(event.amount, known.currency),
        "currency": known.currency,
        "covers": _covers(event.covers, known.currency),
        "fee": money(event.fee, known.currency),
    }


def _refund_issued(event: events.RefundIssued, known: Known) -> Data:
    told = {
        "refund_id": event.refund_id,
        "amount": money(event.amount, event.currency),
        "currency": event.currency,
        "covers": _covers(event.covers, known.currency),
        "fee": money(event.fee, known.currency),
    }
    if event.listed_amount is not None:
        told["listed_amount"] = money(event.listed_amount, known.currency)
    return told


_Decision = events.CaseDecided | events.DecisionRefused | events.RefundGranted | events.GrantRefused


def _with_amount(kind: type[_Decision]) -> Teller:
    plain = _with_code(kind)

    def tell(event: _Decision, known: Known) -> Data:
        told = plain(event, known)
        told["currency"] = known.currency
        if event.amount is not None:
            told["amount"] = money(event.amount, known.currency)
        return told

    return tell


TELLERS: dict[type[Event], Teller] = {
    **{kind: _as_it_is(kind) for kind in events.STORED_NAMES.values()},
    events.OrderPlaced: _placed,
    events.StopRefused: _with_code(events.StopRefused),
    events.FactCorrected: _corrected,
    events.RefundRequested: _refund_requested,
    events.RefundIssued: _refund_issued,
    events.RefundFailed: _with_code(events.RefundFailed),
    events.CaseDecided: _with_amount(events.CaseDecided),
    events.DecisionRefused: _with_amount(events.DecisionRefused),
    events.RefundGranted: _with_amount(events.RefundGranted),
    events.GrantRefused: _with_amount(events.GrantRefused),
}
"""How each event of an order is told; `order_id`, `version` and its cause are added to all."""
