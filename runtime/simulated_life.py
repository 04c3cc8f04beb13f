"""The life of one order from placing to the last refund, and what its warehouse got wrong."""

from operator import attrgetter
from typing import cast

from runtime.simulated_cancelling import cancel_in_time, cancel_while_shipping
from runtime.simulated_order import HOUR, MINUTE, Content, Order, placed_order
from runtime.simulated_refunds import report_refunds
from runtime.simulated_shipping import (
    ship,
    ship_what_was_coming_soon,
    spread_cancelled,
    tell_fate,
    tell_release,
)
from runtime.simulated_world import World

_when = attrgetter("at")


def life(world: World, number: int, placed_at: int) -> Order:
    order = placed_order(world, number, placed_at)
    order.ships_at = placed_at + order.between(10 * HOUR, 36 * HOUR)
    if order.chance(world.released):
        order.released_at = placed_at + order.between(HOUR, 6 * HOUR)
    _cancel_and_ship(order)
    if any(order.cancelled):
        spread_cancelled(order)
    for parcel in order.parcels:
        tell_fate(order, parcel)
    if order.chance(world.corrections):
        _correct_something(order)
    report_refunds(order)
    order.told.sort(key=_when)
    if order.chance(world.orphans) and len(order.told) > 1:
        order.orphan = True
        del order.told[0]
    return order


def _cancel_and_ship(order: Order) -> None:
    cancels = order.chance(order.world.cancel)
    can_cross = not all(line.coming_soon for line in order.lines)
    crosses = cancels and can_cross and order.chance(order.world.crossings)
    if cancels and not crosses:
        cancel_in_time(order)
    if order.released_at is not None:
        tell_release(order, order.released_at)
    ship(order)
    if crosses:
        cancel_while_shipping(order)
    if order.lines[-1].coming_soon:
        ship_what_was_coming_soon(order)


def _correct_something(order: Order) -> None:
    """A wrong count is put right, or a fact that never was is taken back: the truth is the same."""
    counted = [
        told for told in order.told if told.type in ("ShippedFromWarehouse", "ReturnedToWarehouse")
    ]
    order.money_known = False
    if not counted or order.random() < 0.3:
        _take_back_a_parcel_that_never_was(order)
        return
    wrong = counted[order.between(0, len(counted) - 1)]
    truth = wrong.data
    first, *others = cast("list[dict[str, int]]", truth["items"])
    wrong.data = truth | {"items": [first | {"quantity": first["quantity"] + 1}, *others]}
    correction: Content = {"corrects": {"source": wrong.source, "id": wrong.id}, "data": truth}
    at = wrong.at + order.between(20, 600) * MINUTE
    order.tell_from_warehouse(at, "FactCorrected", correction)


def _take_back_a_parcel_that_never_was(order: Order) -> None:
    at = order.ships_at + order.between(10, 300) * MINUTE
    items: list[Content] = [{"line_id": order.lines[0].line_id, "quantity": 1}]
    ghost: Content = {"shipment_id": f"{order.order_id}-P9", "items": items}
    told = order.tell_from_warehouse(at, "ShippedFromWarehouse", ghost)
    correction: Content = {"corrects": {"source": told.source, "id": told.id}}
    at += order.between(20, 600) * MINUTE
    order.tell_from_warehouse(at, "FactCorrected", correction)
