"""The state of an order, what an event does to it, and the shape of a decision.

The state is the set of what was recorded; where goods and money are is worked out from it
(`domain.goods`, `domain.refunds`), so that no order of arrival can change it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from msgspec import Struct

from domain.events import Event, OrderPlaced
from domain.goods import Goods, goods
from domain.placing import Problem
from domain.refunds import Money, Policy
from domain.settling import money

Outcome = Literal["recorded", "repeated", "refused", "dead"]


class Order(Struct, frozen=True, gc=False):
    """An order that was placed, as the set of all that was recorded about it."""

    placed: OrderPlaced
    events: tuple[Event, ...]
    """Everything recorded, in order, `placed` first."""

    @property
    def order_id(self) -> str:
        """The storefront's id of the order."""
        return self.placed.order_id

    @property
    def version(self) -> int:
        """How many events the order has, refusals included."""
        return len(self.events)

    def goods(self) -> Goods:
        """Where the goods are."""
        return goods(self.placed, self.events)

    def money(self, now: int, policy: Policy) -> Money:
        """Which refunds there are at `now` (microseconds)."""
        return self.money_for(self.goods(), now, policy)

    def money_for(self, where: Goods, now: int, policy: Policy) -> Money:
        """Which refunds there are at `now`, when it is known where the goods are."""
        return money(self.placed, self.events, where, now, policy)


class Decision(Struct, frozen=True, gc=False):
    """What a message leads to: its outcome, the events to record, and what was wrong with it."""

    outcome: Outcome
    events: tuple[Event, ...] = ()
    problem: Problem | None = None


REPEATED = Decision("repeated")


def evolve(order: Order | None, event: Event) -> Order:
    """The order with one more event. Never refuses: what is recorded has happened."""
    if order is None:
        if not isinstance(event, OrderPlaced):
            raise TypeError(f"a stream starts with OrderPlaced, not {type(event).__name__}")
        return Order(event, (event,))
    return Order(order.placed, (*order.events, event))


def fold(events: Iterable[Event]) -> Order | None:
    """The order that a stream's events lead to, from its first on; none: there are none."""
    order: Order | None = None
    for event in events:
        order = evolve(order, event)
    return order
