"""What there is to aim at: orders that can be cancelled, cases that can be decided, and so on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from random import Random
from typing import Any, NamedTuple, TypeVar

import msgspec

from application.deciding import Open, open_in, order_of
from consumers.intake import clock
from domain.events import CancellationWithdrawn, ItemCancelRequested
from domain.order import Order
from tests.fuzz.owners import Owners
from tests.fuzz.world import POLICY, another_day, take, until_all_followed

_SOME = 20
"""A look at the tables is good for so many requests."""
_FEW = 5
_OF_STATUS = b"SELECT order_id FROM countermand.order_information WHERE status %s ORDER BY order_id"
_BODIES = b"""SELECT body FROM countermand.order_information
WHERE order_id = ANY(%s) ORDER BY order_id"""
_OPEN = b"""SELECT DISTINCT order_id FROM countermand.late_cancellations
WHERE ended_at IS NULL ORDER BY order_id"""
_LETTERS = b"""SELECT dead_letter_id FROM countermand.dead_letters
WHERE state = 'open' ORDER BY dead_letter_id"""

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
    _kept: dict[str, list[Any]] = field(default_factory=dict)
    _days: count[int] = field(default_factory=lambda: count(1))

    def order(self) -> str:
        """Any order."""
        return self.random.choice(list(self.owners.of_order))

    def with_rest(self) -> tuple[str, list[Units]]:
        """An order, and what can be cancelled of it."""
        return self._one("rest", self._rest)

    def cancellation(self) -> Asked:
        """A cancellation that waits for the warehouse, whole."""
        return self._one("waiting", self._waiting)

    def decidable(self) -> tuple[str, Open]:
        """An order, and what can be decided of it."""
        return self._one("open", self._decidable)

    def letter(self) -> int:
        """A dead letter that is open."""
        return self._one("letters", self._letters)

    def _one(self, name: str, look: Callable[[], list[Target]]) -> Target:
        """One that was there a moment ago, and not the same again: it may be used up then."""
        kept = self._kept.get(name)
        if not kept:
            while len(found := look()) < _FEW:
                self._wait_for_more()
            kept = self._kept[name] = found
        one: Target = kept.pop(self.random.randrange(len(kept)))
        return one

    def _wait_for_more(self) -> None:
        """Let another day come."""
        take(self.owners.store, list(another_day(next(self._days))))
        until_all_followed(self.owners.store)
        self.owners.look()

    def _some(self, sql: bytes, most: int = _SOME) -> list[Any]:
        """Some of the names that a statement finds, in an order."""
        with self.owners.store.connection() as conn:
            found = [name for (name,) in conn.execute(sql).fetchall()]
        return self.random.sample(found, min(most, len(found)))

    def _rest(self) -> list[tuple[str, list[Units]]]:
        order_ids = self._some(_OF_STATUS % b"NOT IN ('cancelled', 'refunded', 'closed')")
        with self.owners.store.connection() as conn:
            found = conn.execute(_BODIES, (order_ids,)).fetchall()
        bodies = [msgspec.json.decode(body) for (body,) in found]
        return [(body["order_id"], rest) for body in bodies if (rest := _cancellable(body))]

    def _waiting(self) -> list[Asked]:
        order_ids = self._some(_OF_STATUS % b"= 'cancellation_requested'", 4 * _SOME)
        store = self.owners.store
        return [one for order_id in order_ids for one in _asked(order_of(store, order_id))][:_SOME]

    def _decidable(self) -> list[tuple[str, Open]]:
        found = []
        for order_id in self._some(_OPEN):
            order = order_of(self.owners.store, order_id)
            found += [(order_id, one) for one in open_in(order, clock(), POLICY)]
        return found

    def _letters(self) -> list[int]:
        return self._some(_LETTERS)


def _cancellable(body: dict[str, Any]) -> list[Units]:
    return [Units(o["line_id"], o["cancellable"]) for o in body["lines"] if o["cancellable"]]


def _asked(order: Order) -> list[Asked]:
    """Cancellations of an order that nobody took back, and of which every unit waits."""
    gone = {e.cancellation_id for e in order.events if isinstance(e, CancellationWithdrawn)}
    units = [one for line in order.goods().lines.values() for one in line.cancelled_by]
    decided = {one.place for one in units if one.crossed or one.succeeded}
    waiting = {one.place for one in units} - decided
    return [
        Asked(order.order_id, event.cancellation_id, event.requested_by)
        for place, event in enumerate(order.events)
        if isinstance(event, ItemCancelRequested)
        and event.cancellation_id not in gone
        and place in waiting
    ]
