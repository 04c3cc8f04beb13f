"""How goods are cancelled: by whom, how much of it, and what the warehouse answers."""

from runtime.simulated_order import HOUR, MINUTE, STOREFRONT, Content, Due, Order, Units

BUYER_REASONS = (
    "changed_mind",
    "ordered_by_mistake",
    "found_cheaper",
    "arrives_too_late",
    "wrong_address",
    "wrong_payment_method",
    "other",
)
SELLER_REASONS = ("out_of_stock", "cannot_deliver", "price_error", "suspected_fraud", "other")
_TOO_LATE = ("already_packed", "left_the_dock", "carrier_has_it")


def cancel_in_time(order: Order) -> None:
    """Hours before the goods leave; a second time now and then."""
    times = 2 if order.chance(order.world.again) else 1
    at = order.between(order.placed_at + 5 * MINUTE, order.ships_at - 3 * HOUR)
    for _ in range(times):
        goods = choose_goods(order, _still_to_ship(order))
        if not any(goods):
            return
        cancellation_id = request(order, at, goods)
        _answer_in_time(order, at, cancellation_id, goods)
        at = order.between(at + MINUTE, order.ships_at - 2 * HOUR)


def cancel_while_shipping(order: Order) -> None:
    """The cancellation crosses the shipment: heard up to half an hour before it, or after."""
    shipped = [sum(counts) for counts in zip(*(p.units for p in order.parcels), strict=True)]
    goods = choose_goods(
        order, [min(n, line.ordered) for n, line in zip(shipped, order.lines, strict=True)]
    )
    at = order.ships_at + order.between(-30 * MINUTE, 30 * MINUTE)
    cancellation_id = request(order, at, goods)
    if order.released_at is None and _succeeds_at_once(order, at, goods):
        order.money_known = False
    if order.released_at is not None and order.random() < 0.5:
        _refuse_to_stop(order, at + order.between(5, 90) * MINUTE, cancellation_id, goods)
    if order.chance(order.world.withdrawals):
        _withdraw(order, at + order.between(1, 20) * MINUTE, cancellation_id)
    _mark_cancelled(order, goods)


def cancel_too_late(order: Order, at: int) -> None:
    """After the goods were taken at the door: to be refused."""
    request(order, at, choose_goods(order, [line.ordered for line in order.lines]))
    order.money_known = False


def choose_goods(order: Order, available: Units) -> Units:
    """Everything, one line, or some units of a line."""
    places = [place for place, count in enumerate(available) if count]
    if not places or order.chance(order.world.whole):
        return list(available)
    goods = [0] * len(available)
    place = places[order.between(0, len(places) - 1)]
    count = available[place]
    if len(places) == 1 or order.random() < 0.5:
        count = order.between(1, max(1, count - 1))
    goods[place] = count
    return goods


def request(order: Order, at: int, goods: Units) -> str:
    order.cancellations += 1
    cancellation_id = f"{order.order_id}-C{order.cancellations}"
    by_seller = order.chance(order.world.by_seller)
    reasons = SELLER_REASONS if by_seller else BUYER_REASONS
    data: Content = {
        "cancellation_id": cancellation_id,
        "requested_by": "seller" if by_seller else "buyer",
        "reason": reasons[order.between(0, len(reasons) - 1)],
    }
    everything = all(n == line.ordered for n, line in zip(goods, order.lines, strict=True))
    if not everything or order.random() < 0.5:
        data["items"] = order.items(goods)
    if order.random() < 0.05:
        data["note"] = "Please call me before you send anything."
    order.tell(at, "storefront", "ItemCancelRequested", STOREFRONT, data)
    return cancellation_id


def _succeeds_at_once(order: Order, at: int, goods: Units) -> bool:
    """Whether its refund may have been asked for before the shipment was heard of."""
    everything = all(n == line.ordered for n, line in zip(goods, order.lines, strict=True))
    return len(order.parcels) > 1 or (everything and at < order.ships_at)


def _still_to_ship(order: Order) -> Units:
    return [
        line.ordered - stopped - cancelled
        for line, stopped, cancelled in zip(
            order.lines, order.stopped, order.cancelled, strict=True
        )
    ]


def _answer_in_time(order: Order, at: int, cancellation_id: str, goods: Units) -> None:
    withdrawn = order.chance(order.world.withdrawals)
    asked = [0 if line.coming_soon else n for n, line in zip(goods, order.lines, strict=True)]
    if order.released_at is None or at < order.released_at or not any(asked):
        _stop(order, goods)
        for place, count in enumerate(goods):
            order.unreleased[place] += count
        order.dues.append(Due(at, "cancellation", cancellation_id, goods))
        if withdrawn:  # in vain: it has succeeded
            _withdraw(order, at + order.between(1, 30) * MINUTE, cancellation_id)
    elif withdrawn:  # before the warehouse answered: the goods ship as if nothing had been said
        _withdraw(order, at + order.between(1, 30) * MINUTE, cancellation_id)
        order.money_known = False
    else:
        _warehouse_answers(
            order, at + order.between(5, 110) * MINUTE, cancellation_id, goods, asked
        )


def _warehouse_answers(
    order: Order, at: int, cancellation_id: str, goods: Units, asked: Units
) -> None:
    mood = order.random()
    if mood < 0.2 and goods == asked:
        _refuse_to_stop(order, at, cancellation_id, goods)
        _mark_cancelled(order, goods)
        return
    _stop(order, goods)
    if mood < 0.3:  # stopped, and never said so
        order.money_known = False
        return
    data: Content = {
        "cancellation_id": cancellation_id,
        "confirmed_by": "seller" if order.random() < 0.1 else "warehouse",
    }
    if goods != asked or order.random() < 0.5:
        data["items"] = order.items(asked)
    order.tell_from_warehouse(at, "CancellationConfirmed", data)
    order.dues.append(Due(at, "cancellation", cancellation_id, goods))


def _refuse_to_stop(order: Order, at: int, cancellation_id: str, goods: Units) -> None:
    data: Content = {
        "cancellation_id": cancellation_id,
        "reason": _TOO_LATE[order.between(0, len(_TOO_LATE) - 1)],
    }
    if order.random() < 0.5:
        data["items"] = order.items(goods)
    order.tell_from_warehouse(at, "StopRefused", data)


def _withdraw(order: Order, at: int, cancellation_id: str) -> None:
    data: Content = {"cancellation_id": cancellation_id}
    order.tell(at, "storefront", "CancellationWithdrawn", STOREFRONT, data)


def _stop(order: Order, goods: Units) -> None:
    for place, count in enumerate(goods):
        order.stopped[place] += count


def _mark_cancelled(order: Order, goods: Units) -> None:
    """These units leave, or have left, although they are cancelled."""
    for place, count in enumerate(goods):
        order.cancelled[place] += count
