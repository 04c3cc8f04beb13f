"""What buyers of this world order, and what they mean to cancel of it."""

from __future__ import annotations

from typing import Literal, NamedTuple

from runtime import simulate
from runtime.simulated_cancelling import BUYER_REASONS, SELLER_REASONS
from runtime.simulated_order import placed_order
from runtime.world.habits import World
from runtime.world.wire import Content, Units, items

Moment = Literal["never", "in time", "crossing", "late"]


class Plan(NamedTuple):
    """When something of an order will be cancelled, and what happens then."""

    moment: Moment
    again: bool
    withdraws: bool


def order(world: World, number: int) -> Content:
    """An order as the storefront tells it."""
    shop = simulate.World(seed=world.seed, unpaid=0.0, coming_soon=0.0)
    placed = placed_order(shop, number, 0)
    return placed.told[0].data | {"order_id": world.order_id(number)}


def plan(world: World, order_id: str) -> Plan:
    habits = world.habits
    moment: Moment = "never"
    if world.chance("cancel", order_id):
        when = world.draw("moment", order_id)
        moment = "in time"
        if when < habits.crossings + habits.late:
            moment = "crossing" if when < habits.crossings else "late"
    return Plan(moment, world.chance("again", order_id), world.chance("withdrawals", order_id))


def wish(world: World, cancellation_id: str, left: Units) -> Content | None:
    """A request to cancel all that is left of an order, a line, or some units; None: nothing."""
    if not left:
        return None
    by_seller = world.chance("by_seller", cancellation_id)
    reasons = SELLER_REASONS if by_seller else BUYER_REASONS
    data: Content = {
        "cancellation_id": cancellation_id,
        "requested_by": "seller" if by_seller else "buyer",
        "reason": reasons[world.between(0, len(reasons) - 1, "reason", cancellation_id)],
    }
    if not world.chance("whole", cancellation_id):
        lines = list(left)
        line_id = lines[world.between(0, len(lines) - 1, "line", cancellation_id)]
        some = world.between(1, left[line_id], "units", cancellation_id)
        data["items"] = items({line_id: some})
    return data
