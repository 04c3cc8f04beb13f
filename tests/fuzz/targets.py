"""What there is to aim at: orders that can be cancelled, cases that can be decided, and so on."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, NamedTuple, TypeVar

import msgspec

from application.deciding import Open, open_in, order_of
from consumers.intake import clock
from domain.events import CancellationWithdrawn, ItemCancelRequested
from domain.order import Order
from tests.fuzz.owners import Owners
from tests.fuzz.world import POLICY

_FRESH = 3.0
"""Seconds that a look at the tables is good for."""
_SOME = 40


Target = TypeVar("Target")


class Units(NamedTuple):
    """Some units of a line."""

    line_id: str
    quantity: int


class Asked(NamedTuple):
    """A cancellation of an order, and who asked for it."""

    order_id: str
    cancellation_id: str
    by: str


@dataclass
class Targets:
    """Looks at the service's own tables now and then: what fits is what is there now."""

    owners: Owners
    random: Random
    _kept: dict[str, tuple[float, list[Any]]] = field(default_factory=dict)

    def order(self) -> str:
        """Any order."""
        return self.random.choice(list(self.owners.of_order))

    def with_rest(self) -> tuple[str, list[Units]]:
        """An order, and what can be cancelled of it."""
        return self._one("rest", self._rest)

    def cancellation(self) -> Asked:
        """A cancellation of which units wait for the warehouse."""
        return self._one("waiting", self._waiting)

    def decidable(self) -> tuple[str, Open]:
        """An order, and what can be decided of it."""
        return self._one("open", self._decidable)

    def letter(self) -> int:
        """A dead letter that is open. Not the same one soon: it may be closed then."""
        number = self._one("letters", self._letters)
        self._kept["letters"][1].remove(number)
        return number

    def _one(self, name: str, look: Callable[[], list[Target]]) -> Target:
        until: float
        found: list[Target]
        until, found = self._kept.get(name, (0.0, []))
        if time.monotonic() > until or not found:
            found = look()
            self._kept[name] = (time.monotonic() + _FRESH, found)
        return self.random.choice(found)

    def _rows(self, sql: bytes) -> Sequence[tuple[Any, ...]]:
        with self.owners.store.connection() as conn:
            return conn.execute(sql).fetchall()

    def _bodies(self, which: bytes) -> list[dict[str, Any]]:
        sql = b"SELECT body FROM countermand.order_information WHERE %s ORDER BY random() LIMIT %d"
        return [msgspec.json.decode(body) for (body,) in self._rows(sql % (which, _SOME))]

    def _rest(self) -> list[tuple[str, list[Units]]]:
        bodies = self._bodies(b"status NOT IN ('cancelled', 'refunded')")
        return [
            (body["order_id"], rest)
            for body in bodies
            if (
                rest := [
                    Units(o["line_id"], o["cancellable"]) for o in body["lines"] if o["cancellable"]
                ]
            )
        ]

    def _waiting(self) -> list[Asked]:
        found = []
        for body in self._bodies(b"status = 'cancellation_requested'"):
            found += list(_asked(order_of(self.owners.store, body["order_id"])))
        return found

    def _decidable(self) -> list[tuple[str, Open]]:
        sql = b"""SELECT order_id FROM countermand.late_cancellations WHERE ended_at IS NULL
            GROUP BY order_id ORDER BY random() LIMIT 40"""
        found = []
        for (order_id,) in self._rows(sql):
            order = order_of(self.owners.store, order_id)
            found += [(order_id, one) for one in open_in(order, clock(), POLICY)]
        return found

    def _letters(self) -> list[int]:
        sql = b"""SELECT dead_letter_id FROM countermand.dead_letters WHERE state = 'open'
            ORDER BY random() LIMIT 40"""
        return [number for (number,) in self._rows(sql)]


def _asked(order: Order) -> list[Asked]:
    """Cancellations of an order that nobody took back, and that wait."""
    gone = {e.cancellation_id for e in order.events if isinstance(e, CancellationWithdrawn)}
    waiting = {
        one.place
        for line in order.goods().lines.values()
        for one in line.cancelled_by
        if one.quantity > one.crossed + one.succeeded
    }
    return [
        Asked(order.order_id, event.cancellation_id, event.requested_by)
        for place, event in enumerate(order.events)
        if isinstance(event, ItemCancelRequested)
        and event.cancellation_id not in gone
        and place in waiting
    ]
