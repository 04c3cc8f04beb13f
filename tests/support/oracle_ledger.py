"""The unit ledger of one order line, and which cancellation its units belong to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tests.support.oracle_messages import Fact, Json, add_up


@dataclass
class Cancellation:
    """An accepted request; its units were written as numbers when it was decided."""

    cancellation_id: str
    seq: int
    recorded_at: int
    units: dict[str, int]
    withdrawn_seq: int | None = None


UNWANTED = ("damaged", "lost", "missing", "unrefused")
"""Kinds of units that left and are not wanted, known for certain first."""


@dataclass(frozen=True)
class Decided:
    """A seller's decision, with what the units were when it was made."""

    decision_id: str
    seq: int
    recorded_at: int
    line_id: str
    outcome: str
    amount: int | None
    settles: dict[str, int]
    confirms: dict[str, int]  # units that never left, by cancellation

    @property
    def odd(self) -> bool:
        return "odd" in self.settles

    @property
    def unwanted(self) -> int:
        return sum(units for kind, units in self.settles.items() if kind in UNWANTED)

    @property
    def others(self) -> int:
        return 0 if self.odd else sum(self.settles.values()) - self.unwanted

    def refunds(self, kind: str) -> int:
        return self.settles.get(kind, 0) if self.outcome == "refund" else 0

    def as_facts(self) -> list[Fact]:
        """What it says in the warehouse's stead."""
        return [
            Fact(
                self.seq,
                ("decision", self.decision_id),
                "StoppedByDecision",
                {
                    "cancellation_id": cancellation_id,
                    "items": [{"line_id": self.line_id, "quantity": units}],
                },
            )
            for cancellation_id, units in self.confirms.items()
        ]


@dataclass(frozen=True)
class Counts:
    """What was asked and reported about one line."""

    ordered: int
    cancelled: int = 0
    confirmed: int = 0
    released: int = 0
    shipped: int = 0
    accepted: int = 0
    rejected: int = 0
    returned_good: int = 0
    returned_bad: int = 0
    lost: int = 0


@dataclass(frozen=True)
class Ledger:
    """The figures of one line, all worked out from its counts."""

    counts: Counts
    left: int
    crossed0: int
    stopped: int
    crossed: int
    kept: int
    to_ship: int
    succeeded: int
    back_good: int
    back_bad: int
    back_lost: int

    @property
    def back(self) -> int:
        return self.back_good + self.back_bad + self.back_lost

    @property
    def cancelled(self) -> int:
        return self.succeeded + self.back

    @property
    def requested(self) -> int:
        return self.stopped - self.succeeded

    @property
    def refuse_delivery(self) -> int:
        return self.crossed - self.back

    @property
    def remaining(self) -> int:
        return self.kept + self.to_ship

    @property
    def cancellable(self) -> int:
        lost_for_good = self.counts.lost - self.back_lost
        return self.to_ship + max(0, self.kept - self.counts.accepted - lost_for_good)


def ledger_of(c: Counts) -> Ledger:
    """The formulas, one after the other."""
    left = max(c.shipped, c.returned_good + c.returned_bad + c.lost)
    left_of_order = min(left, c.ordered)
    crossed0 = max(0, c.cancelled + left_of_order - c.ordered)
    stopped = c.cancelled - crossed0
    lapsed = max(0, crossed0 - (left - c.accepted))
    crossed = max(crossed0 - lapsed, min(c.rejected, left_of_order))
    never_handed_over = c.ordered - max(min(c.released, c.ordered), left_of_order)
    back_good = min(c.returned_good, crossed)
    back_bad = min(c.returned_bad, crossed - back_good)
    return Ledger(
        counts=c,
        left=left,
        crossed0=crossed0,
        stopped=stopped,
        crossed=crossed,
        kept=left_of_order - crossed,
        to_ship=c.ordered - left_of_order - stopped,
        succeeded=min(stopped, c.confirmed + never_handed_over),
        back_good=back_good,
        back_bad=back_bad,
        back_lost=min(c.lost, crossed - back_good - back_bad),
    )


@dataclass(frozen=True)
class Parcel:
    """What is known of one line's units in one parcel."""

    held: int
    delivered: bool
    rejected: int
    lost: int
    came_back: int

    @property
    def accepted(self) -> int:
        return self.held - self.rejected if self.delivered else 0


def named(facts: Iterable[Fact], kind: str, field: str, value: str) -> list[Fact]:
    return [fact for fact in facts if fact.type == kind and fact.data.get(field) == value]


def units_told(facts: Iterable[Fact], line_id: str, when_no_items: int = 0) -> int:
    """Units of a line over several facts; a fact without items speaks of `when_no_items`."""
    return sum(
        add_up(fact.data["items"]).get(line_id, 0) if fact.data.get("items") else when_no_items
        for fact in facts
    )


def parcel_of(facts: list[Fact], shipment_id: str, line_id: str, known_parcels: set[str]) -> Parcel:
    def told(kind: str) -> list[Fact]:
        return named(facts, kind, "shipment_id", shipment_id)

    held = units_told(told("ShippedFromWarehouse"), line_id)
    rejected = min(held, units_told(told("DeliveryRejected"), line_id, when_no_items=held))
    delivered = bool(told("Delivered"))
    said_lost = units_told(told("LostInTransit"), line_id, when_no_items=held)
    came_back = units_told(told("ReturnedToWarehouse"), line_id)
    if shipment_id in known_parcels:
        taken = held - rejected if delivered else 0
        lost = max(0, min(said_lost, held - taken - came_back))
    else:  # a parcel not heard of yet holds what was lost in it
        lost = 0 if delivered else max(0, said_lost - came_back)
    return Parcel(held, delivered, rejected, lost, came_back)


def parcels_of(facts: list[Fact], line_id: str) -> dict[str, Parcel]:
    known = {fact.data["shipment_id"] for fact in facts if fact.type == "ShippedFromWarehouse"}
    about = [fact for fact in facts if _may_speak_of(fact, line_id)]
    ids = {fact.data["shipment_id"]: None for fact in about if fact.data.get("shipment_id")}
    return {shipment_id: parcel_of(about, shipment_id, line_id, known) for shipment_id in ids}


def count_line(line: Json, facts: list[Fact], cancellations: list[Cancellation]) -> Counts:
    """Everything that was said about one line, in numbers."""
    line_id, ordered = line["line_id"], line["quantity"]
    about = [fact for fact in facts if _may_speak_of(fact, line_id)]
    parcels = parcels_of(facts, line_id).values()
    releases = [fact for fact in about if fact.type == "ReleasedToWarehouse"]
    returns = [fact for fact in about if fact.type == "ReturnedToWarehouse"]
    return Counts(
        ordered=ordered,
        cancelled=sum(each.units.get(line_id, 0) for each in cancellations),
        confirmed=sum(confirmed_units(each, facts, line_id) for each in cancellations),
        released=units_told(releases, line_id, 0 if line.get("coming_soon") else ordered),
        shipped=sum(parcel.held for parcel in parcels),
        accepted=sum(parcel.accepted for parcel in parcels),
        rejected=sum(parcel.rejected for parcel in parcels),
        returned_good=sum(add_up(f.data["items"], "good").get(line_id, 0) for f in returns),
        returned_bad=sum(add_up(f.data["items"], "damaged").get(line_id, 0) for f in returns),
        lost=sum(parcel.lost for parcel in parcels),
    )


def _may_speak_of(fact: Fact, line_id: str) -> bool:
    items = fact.data.get("items")
    return not items or any(item["line_id"] == line_id for item in items)


def confirmed_units(cancellation: Cancellation, facts: list[Fact], line_id: str) -> int:
    asked = cancellation.units.get(line_id, 0)
    name = cancellation.cancellation_id
    confirmations = [
        *named(facts, "CancellationConfirmed", "cancellation_id", name),
        *named(facts, "StoppedByDecision", "cancellation_id", name),
    ]
    return min(asked, units_told(confirmations, line_id, when_no_items=asked))


@dataclass
class Part:
    """One cancellation's part in a line: its units, and what became of them."""

    confirmed: int
    unconfirmed: int
    crossed: int = 0
    succeeded: int = 0


def share_out(
    ledger: Ledger, line_id: str, facts: list[Fact], cancellations: list[Cancellation]
) -> dict[str, Part]:
    """Give crossed and succeeded units of a line to its cancellations, oldest first in the list."""
    parts: dict[str, Part] = {}
    for each in cancellations:
        confirmed = confirmed_units(each, facts, line_id)
        parts[each.cancellation_id] = Part(confirmed, each.units.get(line_id, 0) - confirmed)
    newest_first = list(reversed(parts.values()))
    to_cross = ledger.crossed0
    for part in newest_first:  # unconfirmed units cross first
        units = min(to_cross, part.unconfirmed)
        part.unconfirmed, part.crossed, to_cross = part.unconfirmed - units, units, to_cross - units
    for part in newest_first:  # then those of the newest cancellation
        units = min(to_cross, part.confirmed)
        part.confirmed, to_cross = part.confirmed - units, to_cross - units
        part.crossed += units
    _share_success(ledger.succeeded, list(parts.values()))
    return parts


def _share_success(succeeded: int, oldest_first: list[Part]) -> None:
    """Confirmed units have succeeded; units never handed over go to the oldest that waits."""
    for part in oldest_first:
        part.succeeded = part.confirmed
        succeeded -= part.confirmed
    for part in oldest_first:
        units = min(succeeded, part.unconfirmed)
        part.succeeded += units
        succeeded -= units
