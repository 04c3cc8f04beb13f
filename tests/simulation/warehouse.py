"""One order as it really is: what lies in the warehouse, what travels, what was taken."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.simulation.outside import Data, Outside


def as_items(units: Mapping[str, int]) -> list[Data]:
    """Units by line, as messages name them."""
    return [{"line_id": line, "quantity": number} for line, number in units.items() if number]


def by_line(items: list[Data]) -> dict[str, int]:
    """Items of a message, added up by line."""
    units: dict[str, int] = {}
    for item in items:
        units[item["line_id"]] = units.get(item["line_id"], 0) + item["quantity"]
    return units


@dataclass
class Shelf:
    """What a warehouse has of one order, and what it was asked to do with it."""

    outside: Outside
    order_id: str
    stock: dict[str, int]
    wanted_no_more: dict[str, int] = field(default_factory=dict)
    """Units that it heard were cancelled, by line."""
    stopped: dict[str, dict[str, int]] = field(default_factory=dict)
    """Units laid aside, by cancellation and line."""
    answered: dict[str, Data] = field(default_factory=dict)
    """Requests heard, by message id: who hears one again does not act again."""

    def asked_to_stop(self, message_id: str, data: Data) -> None:
        """Lay aside what still lies here, and say so; or not."""
        habits, outside = self.outside.habits, self.outside
        if message_id in self.answered:
            return
        self.answered[message_id] = data
        if outside.happens(habits.silent_stop):
            return
        outside.after(30, lambda: self._stop(data))

    def _stop(self, data: Data) -> None:
        cancellation = data["cancellation_id"]
        asked = by_line(data["items"])
        if self.outside.happens(self.outside.habits.ignores_stop):
            self._refuse(cancellation, asked)
            return
        laid_aside = {line: min(units, self.stock[line]) for line, units in asked.items()}
        self.lay_aside(cancellation, laid_aside)
        if any(laid_aside.values()):
            self.outside.say(
                "CancellationConfirmed",
                self.order_id,
                cancellation_id=cancellation,
                confirmed_by="warehouse",
                items=as_items(laid_aside),
            )
        late = {line: units - laid_aside[line] for line, units in asked.items()}
        if any(late.values()):
            self._refuse(cancellation, late)

    def lay_aside(self, cancellation: str, units: Mapping[str, int]) -> None:
        """Take units out of stock for a cancellation."""
        aside = self.stopped.setdefault(cancellation, {})
        for line, number in units.items():
            self.stock[line] -= number
            aside[line] = aside.get(line, 0) + number

    def _refuse(self, cancellation: str, units: Mapping[str, int]) -> None:
        self.outside.say(
            "StopRefused",
            self.order_id,
            cancellation_id=cancellation,
            items=as_items(units),
            reason="packed",
        )

    def told_to_go_on(self, message_id: str, data: Data) -> None:
        """A cancellation was withdrawn: what was laid aside for it goes back into stock."""
        if message_id in self.answered:
            return
        self.answered[message_id] = data
        for line, units in self.stopped.pop(data["cancellation_id"], {}).items():
            self.stock[line] += units

    def pick(self, most: int | None = None) -> dict[str, int]:
        """Take units out of stock for a parcel: those that are wanted as far as is known here."""
        picked: dict[str, int] = {}
        for line, units in self.stock.items():
            free = max(0, units - self._to_leave(line))
            number = free if most is None else min(free, most)
            if number:
                picked[line] = number
                self.stock[line] -= number
        return picked

    def _to_leave(self, line: str) -> int:
        """Units that it heard were cancelled, and has not laid aside yet."""
        aside = sum(units.get(line, 0) for units in self.stopped.values())
        return max(0, self.wanted_no_more.get(line, 0) - aside)
