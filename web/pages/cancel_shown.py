"""What the steps of the cancel flow show of goods: what can be chosen, what it means, its fate."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from msgspec import structs

from domain.goods import Goods, LineGoods
from domain.ledger import ledger
from domain.money import to_text
from domain.state import Order
from domain.wording import counted
from web.pages.choosing import Chosen
from web.pages.reader import Reader
from web.problems import not_found

LINES = 55
"""Kinds of goods that can be chosen one by one; of more, everything can be."""
_LISTED = 12
"""Units up to which one chooses from a list."""
_WHEN = {
    "now": "At once, as soon as the goods are stopped.",
    "after_return": "When the refused goods are back in the warehouse in good condition.",
    "after_decision": "When the shop has looked at it.",
}


class Line(NamedTuple):
    """A kind of goods that can be cancelled."""

    line_id: str
    title: str
    worth: str
    ordered: int
    most: int
    said: str
    shape: str
    words: str

    @property
    def is_short(self) -> bool:
        return self.most <= _LISTED


class Meant(NamedTuple):
    """What a cancellation would mean."""

    units: int
    groups: list[tuple[str, str, list[tuple[str, int, int]]]]
    """Shape, title, and title, units and ordered units of each kind."""
    amount: str
    parts: list[tuple[str, str, str | None]]
    """Amount, when, and the latest date."""
    nothing: str | None
    """Why nothing comes back."""
    refuse_parcels: list[str]
    back_of_refused: str | None
    """What comes back once the refused goods are in the warehouse."""


class Fate(NamedTuple):
    """What became of units of one kind."""

    title: str
    quantity: int
    ordered: int
    states: list[tuple[str, str]]
    """Shape and words."""
    stopped: int
    asked: int
    crossed: int


def to_choose(order: Order, choice: Chosen, reader: Reader) -> list[Line]:
    """The goods that can be cancelled now."""
    currency = order.placed.currency
    return [
        _line(line, choice, currency, reader)
        for line in order.goods().lines.values()
        if line.ledger.cancellable
    ]


def _line(goods: LineGoods, choice: Chosen, currency: str, reader: Reader) -> Line:
    line = goods.line
    most = goods.ledger.cancellable
    said = str(most) if choice.is_all else choice.units.get(line.line_id, "")
    worth = to_text(line.amount, currency)
    shape, words = _means(goods, reader)
    return Line(line.line_id, line.title, worth, line.quantity, most, said, shape, words)


def _means(goods: LineGoods, reader: Reader) -> tuple[str, str]:
    """What cancelling it would mean."""
    to_ship, most = goods.ledger.to_ship, goods.ledger.cancellable
    refuses = reader.hears("you refuse", "the buyer refuses") + " the parcel at the door"
    if to_ship == 0:
        return "ship", f"On its way. You can still cancel it: then {refuses}."
    if most > to_ship:
        return "partship", (
            f"{counted(most - to_ship)} on the way: to be refused at the door. The rest is stopped."
        )
    if goods.counts.released:
        return "ask", (
            f"The warehouse has it. We ask it to stop; if the goods have left already, {refuses}."
        )
    if goods.line.coming_soon:
        return "soon", "Coming soon. Cancelled at once."
    return "ring", "Not yet handed to the warehouse. Cancelled at once."


def meant(order: Order, body: Mapping[str, Any], reader: Reader) -> Meant:
    """A preview, in groups."""
    where = order.goods()
    back = body["refund"]
    units = sum(item["quantity"] for item in body["items"])
    return Meant(
        units,
        list(_groups(where, body, reader)),
        back["amount"],
        [
            (part["amount"], *_when(part["when"], back["held_until"], reader))
            for part in back["parts"]
        ],
        _nothing(back["reason"], reader),
        body["refuse_parcels"],
        next((one["amount"] for one in back["parts"] if one["when"] == "after_return"), None),
    )


def _nothing(reason: str | None, reader: Reader) -> str | None:
    """Why nothing comes back; none: something does, or it is not known."""
    if reason == "not_paid":
        return reader.hears("You", "The buyer") + " had not paid, so there is nothing to pay back."
    return "Nothing comes back for it." if reason == "nothing_owed" else None


def _groups(
    where: Goods, body: Mapping[str, Any], reader: Reader
) -> Iterator[tuple[str, str, list[tuple[str, int, int]]]]:
    refuses = reader.hears("you refuse it", "the buyer refuses it")
    asked = [_named(where, item, _asked(where, item)) for item in body["items"]]
    at_once = [_named(where, item, item["stop"] - _asked(where, item)) for item in body["items"]]
    refused = [_named(where, item, item["refuse"]) for item in body["items"]]
    for shape, title, goods in (
        ("cancel", "Stopped at once", at_once),
        ("ask", "We ask the warehouse to stop it", asked),
        ("refuse", f"On its way: {refuses} at the door", refused),
    ):
        some = [one for one in goods if one[1]]
        if some:
            yield shape, title, some


def _asked(where: Goods, item: Mapping[str, Any]) -> int:
    """Of units to stop, those that the warehouse has; the others are cancelled before them."""
    line = where.lines[item["line_id"]]
    cancelled = line.counts.cancelled + int(item["quantity"])
    then = ledger(structs.replace(line.counts, cancelled=cancelled))
    return then.requested - line.ledger.requested


def _named(where: Goods, item: Mapping[str, Any], units: int) -> tuple[str, int, int]:
    line = where.lines[item["line_id"]].line
    return line.title, units, line.quantity


def _when(when: str, held_until: str | None, reader: Reader) -> tuple[str, str | None]:
    if when == "after_remaining_shipped":
        whose = reader.hears("your", "the")
        return f"When {whose} remaining goods have left the warehouse.", held_until
    return _WHEN[when], None


def cancellable(order: Order, left: Iterable[Mapping[str, Any]]) -> list[str]:
    """What can be cancelled now, in words."""
    where = order.goods()
    return [f"{item['quantity']} x {where.lines[item['line_id']].line.title}" for item in left]


def left(order: Order) -> list[str]:
    """All that can be cancelled now, in words."""
    lines = [line for line in order.goods().lines.values() if line.ledger.cancellable]
    return [f"{one.ledger.cancellable} x {one.line.title}" for one in lines]


def fates(order: Order, cancellation_id: str, reader: Reader) -> list[Fate]:
    """What became of a cancellation's units. Raises Problem 404 where it does not stand."""
    where = order.goods()
    for place, event in where.cancellations:
        if event.cancellation_id == cancellation_id:
            ids = [item.line_id for item in event.items]
            return [_fate(where.lines[line_id], place, reader) for line_id in ids]
    raise not_found(f"cancellation {cancellation_id}")


def _fate(goods: LineGoods, place: int, reader: Reader) -> Fate:
    mine = [one for one in goods.cancelled_by if one.place == place]
    quantity = sum(one.quantity for one in mine)
    crossed = sum(one.crossed for one in mine)
    stopped = sum(one.succeeded for one in mine)
    asked = quantity - crossed - stopped
    states = []
    if stopped:
        states.append(("cancel", f"{stopped} cancelled in time"))
    if asked:
        states.append(("ask", f"{asked} asked for: waiting for the warehouse"))
    if crossed:
        states.append(_left(goods, crossed, reader))
    return Fate(goods.line.title, quantity, goods.line.quantity, states, stopped, asked, crossed)


def _left(goods: LineGoods, crossed: int, reader: Reader) -> tuple[str, str]:
    if goods.to_refuse:
        to_do = reader.hears("please refuse", "to be refused")
        return "refuse", f"{crossed} left already: {to_do}"
    if goods.ledger.refuse_delivery:
        return "back", f"{crossed} going back"
    return "done", f"{crossed} left already, and came to an end"
