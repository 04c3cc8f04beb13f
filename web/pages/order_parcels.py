"""The parcels of an order: which to refuse, which to take, and what became of the others."""

from __future__ import annotations

from typing import NamedTuple

from domain.events import ShippedFromWarehouse
from domain.goods import Goods
from domain.parcels import Parcel
from domain.refusing import parcels_to_refuse
from domain.state import Order
from domain.wording import counted
from web.pages.showing import heard_late


class Held(NamedTuple):
    """Units in a parcel: how many of them are wanted, or not."""

    title: str
    units: int
    unwanted: int


class Shipment(NamedTuple):
    """A parcel as a buyer sees it."""

    shipment_id: str
    carrier: str | None
    number: str | None
    word: str
    shape: str
    to_refuse: bool
    is_out: bool
    """Whether it may still come to the door."""
    left_at: int | None
    known_at: int | None
    """When we heard that it left, where that was later."""
    holds: tuple[Held, ...]

    @property
    def has_wanted(self) -> bool:
        return any(one.unwanted < one.units for one in self.holds)

    @property
    def wanted(self) -> str:
        more = [(one.units - one.unwanted, one.title) for one in self.holds]
        return ", ".join(f"{units} x {title}" for units, title in more if units)

    @property
    def unwanted(self) -> str:
        return ", ".join(f"{one.unwanted} x {one.title}" for one in self.holds if one.unwanted)


def shipments(order: Order, where: Goods) -> list[Shipment]:
    """Every parcel, those to refuse first."""
    refuse = frozenset(parcels_to_refuse(where))
    facts = {
        fact.shipment_id: fact
        for _, fact in where.effective.facts
        if isinstance(fact, ShippedFromWarehouse)
    }
    titles = order.placed.titles
    shown = [
        _shipment(parcel, facts.get(parcel.shipment_id), where, titles, refuse)
        for parcel in where.parcels.values()
    ]
    return sorted(shown, key=lambda one: (not one.to_refuse, not one.is_out, one.shipment_id))


def _shipment(
    parcel: Parcel,
    fact: ShippedFromWarehouse | None,
    where: Goods,
    titles: dict[str, str],
    refuse: frozenset[str],
) -> Shipment:
    to_refuse = parcel.shipment_id in refuse
    word, shape, is_out = _fate(parcel, to_refuse=to_refuse)
    holds = tuple(
        Held(titles.get(line_id, "Other goods"), units, _unwanted(where, parcel, line_id))
        for line_id, units in parcel.holds.items()
    )
    return Shipment(
        parcel.shipment_id,
        fact.carrier if fact else None,
        fact.tracking_number if fact else None,
        word,
        shape,
        to_refuse,
        is_out,
        fact.occurred_at if fact else None,
        heard_late(fact) if fact else None,
        holds,
    )


def _fate(parcel: Parcel, *, to_refuse: bool) -> tuple[str, str, bool]:
    if to_refuse:
        return "Refuse", "refuse", True
    if parcel.is_rejected:
        return "Refused", "back", False
    if parcel.delivered:
        return "Taken", "done", False
    if parcel.is_lost:
        return "Lost", "fail", False
    if any(parcel.returned(line_id) for line_id in parcel.lines()):
        return "Back", "back", False
    return "Take", "ship", True


def _unwanted(where: Goods, parcel: Parcel, line_id: str) -> int:
    line = where.lines.get(line_id)
    if line is None or parcel.delivered:
        return 0
    return min(line.to_refuse, max(0, parcel.holds[line_id] - parcel.spoken_for(line_id)))


def ids(parcels: list[Shipment]) -> str:
    """Parcels by name: `parcel S1`, `parcels S1 and S2`."""
    names = [one.shipment_id for one in parcels]
    if len(names) == 1:
        return f"parcel {names[0]}"
    return f"parcels {', '.join(names[:-1])} and {names[-1]}" if names else counted(0)
