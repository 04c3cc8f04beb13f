"""The parcels of an order: which to refuse, which to take, and what became of the others."""

from __future__ import annotations

from typing import NamedTuple

from domain.events import ShippedFromWarehouse
from domain.goods import Goods
from domain.parcels import Parcel
from domain.refusing import parcels_to_refuse
from domain.state import Order
from domain.wording import counted
from web.pages.reader import Reader
from web.pages.showing import heard_late


class Held(NamedTuple):
    """Units in a parcel: how many of them are wanted, or not."""

    title: str
    units: int
    unwanted: int


class Shipment(NamedTuple):
    """A parcel as whoever reads sees it."""

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


def shipments(order: Order, where: Goods, reader: Reader) -> list[Shipment]:
    """Every parcel, those to refuse first."""
    refuse = frozenset(parcels_to_refuse(where))
    facts = {
        fact.shipment_id: fact
        for _, fact in where.effective.facts
        if isinstance(fact, ShippedFromWarehouse)
    }
    shown = []
    for parcel in where.parcels.values():
        fate = _fate(parcel, reader, to_refuse=parcel.shipment_id in refuse)
        holds = _holds(parcel, where, order.placed.titles)
        shown.append(_shipment(parcel, facts.get(parcel.shipment_id), fate, holds))
    return sorted(shown, key=lambda one: (not one.to_refuse, not one.is_out, one.shipment_id))


def _shipment(
    parcel: Parcel, fact: ShippedFromWarehouse | None, fate: _Fate, holds: tuple[Held, ...]
) -> Shipment:
    return Shipment(
        parcel.shipment_id,
        fact.carrier if fact else None,
        fact.tracking_number if fact else None,
        fate.word,
        fate.shape,
        fate.to_refuse,
        fate.is_out,
        fact.occurred_at if fact else None,
        heard_late(fact) if fact else None,
        holds,
    )


def _holds(parcel: Parcel, where: Goods, titles: dict[str, str]) -> tuple[Held, ...]:
    return tuple(
        Held(titles.get(line_id, "Other goods"), units, _unwanted(where, parcel, line_id))
        for line_id, units in parcel.holds.items()
    )


class _Fate(NamedTuple):
    word: str
    shape: str
    is_out: bool = False
    to_refuse: bool = False


def _fate(parcel: Parcel, reader: Reader, *, to_refuse: bool) -> _Fate:
    if to_refuse:
        return _Fate(reader.hears("Refuse", "To be refused"), "refuse", is_out=True, to_refuse=True)
    if parcel.is_rejected:
        return _Fate("Refused", "back")
    if parcel.delivered:
        return _Fate("Taken", "done")
    if parcel.is_lost:
        return _Fate("Lost", "fail")
    if any(parcel.returned(line_id) for line_id in parcel.lines()):
        return _Fate("Back", "back")
    return _Fate(reader.hears("Take", "On its way"), "ship", is_out=True)


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
