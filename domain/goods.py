"""Where the goods of an order are: the ledger of each line, and which message moved which units."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from msgspec import Struct

from domain.attribution import (
    CancelledUnits,
    DecidedUnits,
    ReturnedUnits,
    by_cancellation,
    by_decision,
    by_return,
)
from domain.corrections import Effective, effective_facts
from domain.events import (
    CancellationConfirmed,
    CancellationWithdrawn,
    CaseDecided,
    Delivered,
    DeliveryRejected,
    Event,
    ItemCancelRequested,
    LostInTransit,
    OrderPlaced,
    RefundGranted,
    ReleasedToWarehouse,
    ReturnedToWarehouse,
    ShippedFromWarehouse,
    StopRefused,
)
from domain.items import Line, add_units
from domain.ledger import Counts, Ledger, ledger
from domain.parcels import Parcel


class LineGoods(Struct, frozen=True, gc=False):
    """One line: what was reported, where its units are, and by which messages."""

    line: Line
    counts: Counts
    ledger: Ledger
    to_refuse: int = 0
    """Units that left and are not wanted, neither rejected nor back: to be refused."""
    cancelled_by: tuple[CancelledUnits, ...] = ()
    returned_by: tuple[ReturnedUnits, ...] = ()
    decided_by: tuple[DecidedUnits, ...] = ()
    decisions: tuple[CaseDecided, ...] = ()
    """Everything that was decided about it, oldest first."""
    granted: int = 0
    """Units that a seller refunded by hand."""


class Goods(Struct, frozen=True, gc=False):
    """All lines of an order, in the order's own sequence, and the evidence behind them."""

    lines: dict[str, LineGoods]
    effective: Effective
    parcels: dict[str, Parcel]
    confirmed: dict[str, dict[str, int]]
    """Confirmed units by cancellation and line, before they are capped."""

    cancellations: list[tuple[int, ItemCancelRequested]]
    """Those that stand, with their places, oldest first."""
    units_to_ship: int
    units_uncancelled: int

    def to_ship(self) -> int:
        """Units still to ship, over all lines."""
        return self.units_to_ship

    def all_cancelled(self) -> bool:
        """Whether every unit of every line is cancelled."""
        return self.units_uncancelled == 0


def goods(placed: OrderPlaced, events: tuple[Event, ...]) -> Goods:
    """Fold the set of facts and accepted cancellations into ledgers."""
    return _Evidence(placed, events).goods()


def standing_cancellations(events: Iterable[Event]) -> list[tuple[int, ItemCancelRequested]]:
    """The cancellations accepted and not withdrawn, with their places, oldest first."""
    withdrawn: set[str] = set()
    accepted: list[tuple[int, ItemCancelRequested]] = []
    for place, event in enumerate(events):
        if type(event) is ItemCancelRequested:
            accepted.append((place, event))
        elif type(event) is CancellationWithdrawn:
            withdrawn.add(event.cancellation_id)
    return [(place, event) for place, event in accepted if event.cancellation_id not in withdrawn]


class _Evidence:
    """What all messages together say, gathered line by line; lines nobody names cost nothing."""

    def __init__(self, placed: OrderPlaced, events: tuple[Event, ...]) -> None:
        self.placed = placed
        self.effective = effective_facts(placed.order_id, events)
        self.parcels: dict[str, Parcel] = {}
        self.confirmed: dict[str, dict[str, int]] = {}
        self.confirmed_whole: set[str] = set()
        self.released: dict[str, int] = {}
        self.released_whole = False
        self.shipped: dict[str, int] = {}
        self.returns: dict[str, list[tuple[int, int, int]]] = {}
        self.cancellations: dict[str, list[tuple[int, str, int]]] = {}
        self.standing = standing_cancellations(events)
        for place, cancellation in self.standing:
            for item in cancellation.items:
                self.cancellations.setdefault(item.line_id, []).append(
                    (place, cancellation.cancellation_id, item.quantity)
                )
        self.decisions: dict[str, list[tuple[int, CaseDecided | int]]] = {}
        for place, event in enumerate(events):
            if type(event) is CaseDecided:
                self.decide(place, event)
            elif type(event) is RefundGranted:
                for item in event.items:
                    self.decisions.setdefault(item.line_id, []).append((place, item.quantity))
        for place, fact in self.effective.facts:
            _HEAR[type(fact)](self, place, fact)

    def decide(self, place: int, decision: CaseDecided) -> None:
        self.decisions.setdefault(decision.line_id, []).append((place, decision))
        for stopped in decision.confirms:
            units = self.confirmed.setdefault(stopped.cancellation_id, {})
            units[decision.line_id] = units.get(decision.line_id, 0) + stopped.quantity

    def ship(self, _: int, fact: ShippedFromWarehouse) -> None:
        self._parcel(fact.shipment_id).ship(fact)
        add_units(self.shipped, fact.items)

    def reject(self, _: int, fact: DeliveryRejected) -> None:
        self._parcel(fact.shipment_id).reject(fact)

    def deliver(self, _: int, fact: Delivered) -> None:
        self._parcel(fact.shipment_id).deliver()

    def lose(self, _: int, fact: LostInTransit) -> None:
        self._parcel(fact.shipment_id).lose(fact)

    def nothing(self, _: int, fact: StopRefused) -> None:
        """A refused stop moves no units: they stay requested until they ship."""

    def _parcel(self, shipment_id: str) -> Parcel:
        parcel = self.parcels.get(shipment_id)
        if parcel is None:
            parcel = self.parcels[shipment_id] = Parcel(shipment_id)
        return parcel

    def take_back(self, place: int, fact: ReturnedToWarehouse) -> None:
        if fact.shipment_id is not None:
            self._parcel(fact.shipment_id).take_back(fact)
        for item in fact.items:
            good = item.quantity if item.condition == "good" else 0
            self.returns.setdefault(item.line_id, []).append((place, good, item.quantity - good))

    def confirm(self, _: int, fact: CancellationConfirmed) -> None:
        if fact.items is None:
            self.confirmed_whole.add(fact.cancellation_id)
        add_units(self.confirmed.setdefault(fact.cancellation_id, {}), fact.items or ())

    def release(self, _: int, fact: ReleasedToWarehouse) -> None:
        if fact.items is None:
            self.released_whole = True
        add_units(self.released, fact.items or ())

    def goods(self) -> Goods:
        doors = _Doors(self.parcels)
        moved = {*doors.lines, *self.cancellations, *self.returns, *self.decisions}
        lines = {
            line.line_id: self._line(line, doors)
            if line.line_id in moved
            else self._untouched(line)
            for line in self.placed.lines
        }
        to_ship = uncancelled = 0
        for one in lines.values():
            to_ship += one.ledger.to_ship
            uncancelled += one.ledger.ordered - one.ledger.cancelled
        return Goods(
            lines,
            self.effective,
            self.parcels,
            self.confirmed,
            self.standing,
            to_ship,
            uncancelled,
        )

    def _untouched(self, line: Line) -> LineGoods:
        counts = Counts(line.quantity, 0, 0, self._released(line))
        return LineGoods(line, counts, ledger(counts))

    def _line(self, line: Line, doors: _Doors) -> LineGoods:
        line_id = line.line_id
        cancelled = confirmed = good = bad = 0
        cancellations: list[tuple[int, int, int]] = []
        for place, cancellation_id, quantity in self.cancellations.get(line_id, ()):
            stopped = self._confirmed(cancellation_id, line_id, quantity) if self.confirmed else 0
            cancellations.append((place, quantity, stopped))
            cancelled += quantity
            confirmed += stopped
        returns = self.returns.get(line_id, ())
        for _, well, badly in returns:
            good += well
            bad += badly
        counts = Counts(
            line.quantity,
            cancelled,
            confirmed,
            self._released(line),
            self.shipped.get(line_id, 0),
            doors.accepted.get(line_id, 0),
            doors.rejected.get(line_id, 0),
            good,
            bad,
            doors.lost.get(line_id, 0),
        )
        state = ledger(counts)
        decisions = self.decisions.get(line_id, ())
        return LineGoods(
            line,
            counts,
            state,
            _to_refuse(line_id, self.parcels.values(), state) if state.refuse_delivery else 0,
            by_cancellation(cancellations, state),
            by_return(returns, state),
            by_decision(decisions, state) if decisions else (),
            tuple([one for _, one in decisions if isinstance(one, CaseDecided)]),
            sum([one for _, one in decisions if isinstance(one, int)]),
        )

    def _confirmed(self, cancellation_id: str, line_id: str, quantity: int) -> int:
        if cancellation_id in self.confirmed_whole:
            return quantity
        units = self.confirmed.get(cancellation_id)
        return min(units.get(line_id, 0), quantity) if units else 0

    def _released(self, line: Line) -> int:
        named = self.released.get(line.line_id, 0)
        return named + line.quantity if self.released_whole and not line.coming_soon else named


_HEAR: dict[type[Event], Callable[[_Evidence, int, Any], None]] = {
    ShippedFromWarehouse: _Evidence.ship,
    DeliveryRejected: _Evidence.reject,
    ReturnedToWarehouse: _Evidence.take_back,
    Delivered: _Evidence.deliver,
    CancellationConfirmed: _Evidence.confirm,
    ReleasedToWarehouse: _Evidence.release,
    LostInTransit: _Evidence.lose,
    StopRefused: _Evidence.nothing,
}
"""What each warehouse fact tells; a table, because every fact of every order passes here."""


class _Doors:
    """What became of parcels at the door, in units of each line, added up over all of them."""

    def __init__(self, parcels: dict[str, Parcel]) -> None:
        self.lines: set[str] = set()
        self.accepted: dict[str, int] = {}
        self.rejected: dict[str, int] = {}
        self.lost: dict[str, int] = {}
        for parcel in parcels.values():
            named = parcel.lines()
            self.lines |= named
            if parcel.is_rejected:
                _add_each(self.rejected, named, parcel.rejected)
            if parcel.delivered:
                _add_each(self.accepted, named, parcel.accepted)
            if parcel.is_lost:
                _add_each(self.lost, named, parcel.lost)


def _add_each(units: dict[str, int], lines: set[str], of: Callable[[str], int]) -> None:
    for line_id in lines:
        more = of(line_id)
        if more:
            units[line_id] = units.get(line_id, 0) + more


def _to_refuse(line_id: str, parcels: Iterable[Parcel], state: Ledger) -> int:
    spoken_for = sum(parcel.spoken_for(line_id) for parcel in parcels)
    return max(0, state.crossed - max(spoken_for, state.back))
