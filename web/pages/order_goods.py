"""The goods of an order in groups, for whoever reads: every group's units add up to all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from domain.goods import Goods, LineGoods
from domain.money import to_text, worth_of_first
from domain.state import Order
from domain.wording import counted
from web.pages.reader import Reader

SHOWN = 60
"""Kinds of goods that are shown in one group; the others are counted."""


class Good(NamedTuple):
    """Some units of a line."""

    title: str
    quantity: int
    ordered: int
    worth: str
    where: tuple[tuple[str, str], ...]
    """Shape and words, one for each place where some of them are."""


class Group(NamedTuple):
    """Goods of which the same is true."""

    name: str
    shape: str
    title: str
    short: str
    units: int
    goods: tuple[Good, ...]
    others: int
    """Kinds of goods that are not shown."""


class _Kind(NamedTuple):
    name: str
    shape: str
    title: str
    title_for_others: str
    short: str
    units: Callable[[LineGoods], int]
    where: Callable[[Goods, LineGoods, int, Reader], Iterable[tuple[str, str]]]


def groups(order: Order, where: Goods, reader: Reader) -> list[Group]:
    """The groups that have any goods, what a buyer must do first."""
    taken = dict.fromkeys(where.lines, 0)
    found = [_group(kind, order, where, taken, reader) for kind in _KINDS]
    return [group for group in found if group.units]


def _group(kind: _Kind, order: Order, where: Goods, taken: dict[str, int], reader: Reader) -> Group:
    goods = []
    for line_id, line in where.lines.items():
        units = kind.units(line)
        if units:
            places = tuple(kind.where(where, line, units, reader))
            worth = _worth(line, taken[line_id], units, order.placed.currency)
            goods.append(Good(line.line.title, units, line.line.quantity, worth, places))
            taken[line_id] += units
    total = sum(good.quantity for good in goods)
    others = max(0, len(goods) - SHOWN)
    title = reader.hears(kind.title, kind.title_for_others)
    return Group(kind.name, kind.shape, title, kind.short, total, tuple(goods[:SHOWN]), others)


def _worth(goods: LineGoods, before: int, units: int, currency: str) -> str:
    """What units of a line are worth: over all groups it adds up to the line."""
    line = goods.line
    upto = [worth_of_first(n, line.quantity, line.amount) for n in (before, before + units)]
    return to_text(upto[1] - upto[0], currency)


def _in_parcels(where: Goods, line_id: str) -> str:
    ids = [
        parcel.shipment_id
        for parcel in where.parcels.values()
        if not parcel.delivered and parcel.holds.get(line_id, 0) > parcel.spoken_for(line_id)
    ]
    if not ids:
        return ""
    return f" in parcel {ids[0]}" if len(ids) == 1 else f" in parcels {', '.join(ids)}"


def _refused(where: Goods, line: LineGoods, _: int, __: Reader) -> Iterator[tuple[str, str]]:
    held = _in_parcels(where, line.line.line_id)
    yield "refuse", f"On its way{held}. Paid back when it is in the warehouse again."


def _going_back(_: Goods, __: LineGoods, ___: int, ____: Reader) -> Iterator[tuple[str, str]]:
    yield "back", "On its way back. Paid back when it is in the warehouse in good condition."


def _asked(_: Goods, __: LineGoods, ___: int, reader: Reader) -> Iterator[tuple[str, str]]:
    told = reader.hears("we tell you what to refuse", "the buyer is told what to refuse")
    yield "ask", f"We asked the warehouse to stop it. If it has left already, {told}."


def _remaining(
    where: Goods, line: LineGoods, units: int, reader: Reader
) -> Iterator[tuple[str, str]]:
    to_ship = min(units, line.ledger.to_ship)
    taken = min(units - to_ship, line.counts.accepted)
    lost = min(units - to_ship - taken, line.counts.lost - line.ledger.back_lost)
    out = units - to_ship - taken - lost
    if lost:
        yield "fail", _some(lost, units, "lost on the way. The shop is looking into it.")
    if out:
        parcels = _in_parcels(where, line.line.line_id)
        take = reader.hears(" Please take it.", "")
        yield "ship", _some(out, units, f"on its way{parcels}.{take}")
    if taken:
        yield "done", _some(taken, units, "delivered.")
    if to_ship:
        soon = line.line.coming_soon
        words = "coming soon, not shipped yet." if soon else "not yet shipped."
        yield "soon" if soon else "ring", _some(to_ship, units, words)


def _cancelled(_: Goods, line: LineGoods, units: int, __: Reader) -> Iterator[tuple[str, str]]:
    back = min(units, line.ledger.back)
    if units - back:
        yield "cancel", _some(units - back, units, "cancelled in time: it never left.")
    if back:
        lost = min(back, line.ledger.back_lost)
        bad = min(back - lost, line.ledger.back_bad)
        if good := back - lost - bad:
            yield "back", _some(good, units, "back in the warehouse.")
        decides = "" if line.decisions else " The shop decides about the money."
        if bad:
            yield "fail", _some(bad, units, f"came back damaged.{decides}")
        if lost:
            yield "fail", _some(lost, units, f"lost on the way.{decides}")


def _some(units: int, of_all: int, words: str) -> str:
    """The words for all of them, or with a figure for some of them."""
    return words[:1].upper() + words[1:] if units == of_all else f"{counted(units)}: {words}"


_KINDS = (
    _Kind(
        "refuse",
        "refuse",
        "On its way: please refuse",
        "On its way: to be refused",
        "to refuse",
        lambda line: line.to_refuse,
        _refused,
    ),
    _Kind(
        "back",
        "back",
        "Going back",
        "Going back",
        "going back",
        lambda line: line.ledger.refuse_delivery - line.to_refuse,
        _going_back,
    ),
    _Kind(
        "asked",
        "ask",
        "Cancellation asked for",
        "Cancellation asked for",
        "asked for",
        lambda line: line.ledger.requested,
        _asked,
    ),
    _Kind(
        "remaining",
        "keep",
        "Remaining goods",
        "Remaining goods",
        "remaining",
        lambda line: line.ledger.remaining,
        _remaining,
    ),
    _Kind(
        "cancelled",
        "cancel",
        "Cancelled goods",
        "Cancelled goods",
        "cancelled",
        lambda line: line.ledger.cancelled,
        _cancelled,
    ),
)
