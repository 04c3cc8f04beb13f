"""OpenAPI links: what an answer leads to; a program finds its way as a reader of pages does.

A name is taken from the answer, or from the question; where there is none (a last page has no
`next`), the link leads nowhere.
"""

from __future__ import annotations

from typing import Any, NamedTuple

_API = "/api/v1"
_ORDER = f"{_API}/orders/{{order_id}}"
_CANCELLATIONS = f"{_ORDER}/cancellations"
_CANCELLATION = f"{_CANCELLATIONS}/{{cancellation_id}}"
_LETTERS = f"{_API}/dead-letters"
_LETTER = f"{_LETTERS}/{{dead_letter_id}}"
_CASES = f"{_API}/late-cancellations"
_DECISION = f"{_CASES}/{{order_id}}/decision"
_THIS_ORDER = {"order_id": "$request.path.order_id"}
_GET, _POST = "get", "post"


class Link(NamedTuple):
    """From an answer of one call to another call."""

    source: str
    """An address."""
    name: str
    target: str
    parameters: dict[str, str]
    description: str
    by: str = _GET
    """The method of the source."""
    to: str = _GET
    """The method of the target."""


class _List(NamedTuple):
    """A list: its name in the body, whose it is, and its filters."""

    address: str
    rows: str
    of: tuple[str, ...] = ()
    filters: tuple[str, ...] = ()
    id: str | None = "order_id"


_LISTS = (
    _List(f"{_API}/buyers/{{buyer_id}}/orders", "orders", ("buyer_id",), ("status",)),
    _List(f"{_API}/sellers/{{seller_id}}/orders", "orders", ("seller_id",), ("status",)),
    _List(f"{_API}/buyers/{{buyer_id}}/cancelled-orders", "orders", ("buyer_id",)),
    _List(f"{_API}/sellers/{{seller_id}}/refunds", "refunds", ("seller_id",), ("state",)),
    _List(_CASES, "cases", (), ("state", "seller_id")),
    _List(f"{_API}/exposure", "orders", (), ("seller_id",)),
    _List(f"{_API}/conformance", "warehouses", id=None),
    _List(f"{_API}/parked", "parked", id=None),
    _List(_LETTERS, "dead_letters", (), ("state",), id=None),
)
_CHANGES = (
    _CANCELLATIONS,
    f"{_CANCELLATION}/withdrawal",
    f"{_CANCELLATION}/confirmation",
    f"{_ORDER}/refunds",
    _DECISION,
)


def _turned(one: _List) -> Link:
    parameters = {name: f"$request.path.{name}" for name in one.of}
    parameters |= {name: f"$request.query.{name}" for name in ("limit", *one.filters)}
    cursor = {"cursor": "$response.body#/next"}
    return Link(one.address, "next_page", one.address, parameters | cursor, "The next page.")


def _first(one: _List) -> Link:
    found = {"order_id": f"$response.body#/{one.rows}/0/{one.id}"}
    return Link(one.address, "first_order", _ORDER, found, "Order Information of the first.")


def _seen(source: str) -> Link:
    parameters = {**_THIS_ORDER, "at_least": "$response.body#/position"}
    text = "The order, as this command has left it."
    return Link(source, "see_it", _ORDER, parameters, text, by=_POST)


def _same(party: str, address: str) -> Link:
    """From an order to a list of its buyer's or seller's."""
    what = f"{party}s_{address.replace('-', '_')}"
    found = {f"{party}_id": f"$response.body#/{party}_id"}
    target = f"{_API}/{party}s/{{{party}_id}}/{address}"
    return Link(_ORDER, what, target, found, f"The same {party}'s {address.replace('-', ' ')}.")


def _of_cancellation(name: str, text: str) -> Link:
    parameters = {**_THIS_ORDER, "cancellation_id": "$response.body#/cancellation_id"}
    return Link(_CANCELLATIONS, name, f"{_CANCELLATION}/{name}", parameters, text, _POST, _POST)


def _of_letter(name: str, text: str, to: str = _POST) -> Link:
    address = _LETTER if to == _GET else f"{_LETTER}/{name}"
    found = {"dead_letter_id": "$response.body#/dead_letters/0/dead_letter_id"}
    return Link(_LETTERS, name, address, found, text, to=to)


LINKS = (
    *(_turned(one) for one in _LISTS),
    *(_first(one) for one in _LISTS if one.id),
    *(_seen(source) for source in _CHANGES),
    *(_same("buyer", address) for address in ("orders", "cancelled-orders")),
    *(_same("seller", address) for address in ("orders", "refunds")),
    Link(_ORDER, "history", f"{_ORDER}/history", _THIS_ORDER, "What happened to it."),
    Link(_ORDER, "timeline", f"{_ORDER}/timeline", _THIS_ORDER, "Its whole story."),
    Link(
        _ORDER,
        "preview",
        f"{_CANCELLATIONS}/preview",
        _THIS_ORDER,
        "What cancelling would mean.",
        to=_POST,
    ),
    Link(
        f"{_CANCELLATIONS}/preview",
        "cancel",
        _CANCELLATIONS,
        _THIS_ORDER,
        "Cancel what was looked at.",
        by=_POST,
        to=_POST,
    ),
    _of_cancellation("withdrawal", "Take it back."),
    _of_cancellation("confirmation", "Confirm in the warehouse's stead that goods were stopped."),
    Link(
        _CASES,
        "decision",
        _DECISION,
        {"order_id": "$response.body#/cases/0/order_id"},
        "Decide the first.",
        to=_POST,
    ),
    _of_letter("first_letter", "The first of them, with its bytes.", to=_GET),
    _of_letter("retry", "Hear the first of them again."),
    _of_letter("drop", "Say that nothing more is to be done about the first."),
)


def add_links(document: dict[str, Any]) -> None:
    """Write every link beside the good answer that it starts from."""
    paths = document["paths"]
    for link in LINKS:
        answers = paths[link.source][link.by]["responses"]
        good = next(status for status in answers if status.startswith("2"))
        answers[good].setdefault("links", {})[link.name] = {
            "operationId": paths[link.target][link.to]["operationId"],
            "parameters": link.parameters,
            "description": link.description,
        }
