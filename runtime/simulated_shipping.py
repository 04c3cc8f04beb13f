"""How goods leave the warehouse and what becomes of each parcel at the door and on the way back."""

from runtime.simulated_cancelling import cancel_too_late
from runtime.simulated_order import DAY, HOUR, MINUTE, Content, Due, Order, Parcel, Units

_CARRIERS = ("DHL", "GLS", "UPS", "Hermes")
_KINDS = ("refused", "unclaimed", "undeliverable")


def tell_release(order: Order, at: int) -> None:
    """What was stopped before is not taken on; a pre-order is taken on when it arrives."""
    units = [
        0 if line.coming_soon else line.ordered - gone
        for line, gone in zip(order.lines, order.unreleased, strict=True)
    ]
    if not any(units):
        return
    data: Content = {"warehouse_id": order.warehouse_id}
    if any(order.unreleased) or order.random() < 0.5:
        data["items"] = order.items(units)
    order.tell_from_warehouse(at, "ReleasedToWarehouse", data)


def ship(order: Order) -> None:
    leaving = [
        0 if line.coming_soon else line.ordered - stopped
        for line, stopped in zip(order.lines, order.stopped, strict=True)
    ]
    if any(leaving) and order.chance(order.world.over_ship):
        leaving[leaving.index(max(leaving))] += 1
        order.money_known = False
    if sum(leaving) > 1 and order.chance(order.world.split):
        first = _part_of(order, leaving)
        _send_parcel(order, order.ships_at, first)
        rest = [whole - part for whole, part in zip(leaving, first, strict=True)]
        _send_parcel(order, order.ships_at + order.between(2, 30) * HOUR, rest)
    elif any(leaving):
        _send_parcel(order, order.ships_at, leaving)


def ship_what_was_coming_soon(order: Order) -> None:
    units = [
        line.ordered - stopped if line.coming_soon else 0
        for line, stopped in zip(order.lines, order.stopped, strict=True)
    ]
    if not any(units):
        return
    if order.random() < 0.5:  # it never arrives, and its refunds wait for their latest date
        order.money_known = False
        return
    at = order.ships_at + order.between(4 * DAY, 8 * DAY)
    if order.released_at is not None:
        data: Content = {"warehouse_id": order.warehouse_id, "items": order.items(units)}
        order.tell_from_warehouse(at - 5 * HOUR, "ReleasedToWarehouse", data)
    _send_parcel(order, at, units)


def spread_cancelled(order: Order) -> None:
    """The cancelled units that left lie in the earliest parcels."""
    for place, cancelled in enumerate(order.cancelled):
        elsewhere = cancelled
        for parcel in order.parcels:
            parcel.cancelled[place] = min(elsewhere, parcel.units[place])
            elsewhere -= parcel.cancelled[place]


def tell_fate(order: Order, parcel: Parcel) -> None:
    world = order.world
    at = parcel.at + order.between(20 * HOUR, 3 * DAY)
    if order.chance(world.lost):
        _lose(order, parcel, at)
    elif any(parcel.cancelled):
        if order.chance(world.refusals):
            whole = order.random() < 0.25
            _reject(order, parcel, parcel.units if whole else parcel.cancelled, "refused", at)
        else:
            _deliver(order, parcel, at)
    elif order.chance(world.unwanted):
        whole = order.random() < 0.5
        goods = parcel.units if whole else _part_of(order, parcel.units)
        _reject(order, parcel, goods, _KINDS[order.between(0, 2)], at)
    else:
        _deliver(order, parcel, at)


def _send_parcel(order: Order, at: int, units: Units) -> None:
    shipment_id = f"{order.order_id}-P{len(order.parcels) + 1}"
    order.parcels.append(Parcel(shipment_id, units, [0] * len(units), at))
    data: Content = {"shipment_id": shipment_id, "items": order.items(units)}
    if order.random() < 0.5:
        data["warehouse_id"] = order.warehouse_id
    if order.random() < 0.5:
        data["carrier"] = _CARRIERS[order.between(0, len(_CARRIERS) - 1)]
        data["tracking_number"] = f"{order.between(10**9, 10**10 - 1)}"
    order.tell_from_warehouse(at, "ShippedFromWarehouse", data)


def _deliver(order: Order, parcel: Parcel, at: int) -> None:
    if not order.chance(order.world.delivered):
        return
    order.tell_from_warehouse(at, "Delivered", {"shipment_id": parcel.shipment_id})
    if order.chance(order.world.too_late):
        cancel_too_late(order, at + order.between(1, 20) * HOUR)
    if order.chance(order.world.ordinary_returns):
        unit = [0] * len(parcel.units)
        unit[parcel.units.index(max(parcel.units))] = 1
        _tell_return(order, parcel, unit, at + order.between(5, 12) * DAY, damaged=False)
        order.money_known = False


def _reject(order: Order, parcel: Parcel, goods: Units, kind: str, at: int) -> None:
    data: Content = {"shipment_id": parcel.shipment_id}
    if goods != parcel.units or order.random() < 0.5:
        data["items"] = order.items(goods)
    if kind != "refused" or order.random() < 0.5:
        data["kind"] = kind
    order.tell_from_warehouse(at, "DeliveryRejected", data)
    if goods != parcel.units and order.chance(order.world.delivered):
        order.tell_from_warehouse(at + MINUTE, "Delivered", {"shipment_id": parcel.shipment_id})
    _bring_back(order, parcel, list(goods), at + order.between(1, 5) * DAY)


def _bring_back(order: Order, parcel: Parcel, goods: Units, at: int) -> None:
    damaged = order.chance(order.world.returns_damaged)
    if order.chance(order.world.returns_short):
        goods[goods.index(max(goods))] -= 1
    if sum(goods) > 1 and order.chance(order.world.split):
        first = _part_of(order, goods)
        rest = [whole - part for whole, part in zip(goods, first, strict=True)]
        _tell_return(order, parcel, first, at, damaged=damaged)
        _tell_return(order, parcel, rest, at + order.between(2, 40) * HOUR, damaged=False)
    elif any(goods):
        _tell_return(order, parcel, goods, at, damaged=damaged)


def _tell_return(order: Order, parcel: Parcel, goods: Units, at: int, *, damaged: bool) -> None:
    order.returns += 1
    items = order.items(goods)
    good = list(goods)
    if damaged:
        order.money_known = False  # damaged units wait for a decision, and the fee with them
        place = next(place for place, count in enumerate(goods) if count)
        good[place] -= 1
        items[0] |= {"quantity": 1, "condition": "damaged"}
        if good[place]:
            rest: Content = {"line_id": items[0]["line_id"], "quantity": good[place]}
            items.append(rest | {"condition": "good"})
    elif order.random() < 0.3:
        items = [item | {"condition": "good"} for item in items]
    data: Content = {"return_id": f"{order.order_id}-R{order.returns}", "items": items}
    if order.random() < 0.8:
        data["shipment_id"] = parcel.shipment_id
    told = order.tell_from_warehouse(at, "ReturnedToWarehouse", data)
    if any(good):
        order.dues.append(Due(at, "return", f"{told.source}\n{told.id}", good))


def _lose(order: Order, parcel: Parcel, at: int) -> None:
    """Some lost parcels turn up again days later, at the door or at the warehouse."""
    at += 4 * DAY
    data: Content = {"shipment_id": parcel.shipment_id}
    goods = parcel.units
    if order.random() < 0.5:
        goods = _part_of(order, goods) if sum(goods) > 1 else goods
        data["items"] = order.items(goods)
    order.tell_from_warehouse(at, "LostInTransit", data)
    order.money_known = False
    found = order.random()
    if found < 0.15:
        _deliver(order, parcel, at + order.between(1, 4) * DAY)
    elif found < 0.3:
        _tell_return(order, parcel, list(goods), at + order.between(1, 4) * DAY, damaged=False)


def _part_of(order: Order, units: Units) -> Units:
    """At least one unit, and not all of them where there are several."""
    part = [order.between(0, count) for count in units]
    if part == units and sum(units) > 1:
        part[units.index(max(units))] -= 1
    if not any(part):
        part[units.index(max(units))] = 1
    return part
