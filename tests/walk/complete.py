"""What must have been said, and be awaited, once a process has done all that it can do now."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import astuple

from application.late_cancellations import Rules
from domain.attribution import CancelledUnits
from domain.events import CancellationWithdrawn, RefundRequested
from domain.goods import Goods, LineGoods
from domain.order import Order
from domain.refunds import Money
from tests.walk.memory import Memory


def incomplete(  # noqa: PLR0913, PLR0917 - all that a step is made of
    order: Order, where: Goods, memory: Memory, due_at: int | None, now: int, rules: Rules
) -> list[str]:
    """What is missing or too much behind a step, in words."""
    money = order.money_for(where, now, rules.policy)
    return [
        *units_of(where),
        *_stops(order, where, memory),
        *_told(where, memory),
        *_money(order, where, money, memory),
        *_waits(where, memory),
        *_wakes(money, memory, due_at, now),
    ]


def units_of(where: Goods) -> Iterator[str]:
    """Units are conserved, and no figure is negative."""
    for line_id, line in where.lines.items():
        units = line.ledger
        if units.stopped + units.crossed + units.kept + units.to_ship != units.ordered:
            yield f"line {line_id}: units are not conserved"
        if min(astuple(units)) < 0:
            yield f"line {line_id}: a figure is negative"


def _stops(order: Order, where: Goods, memory: Memory) -> Iterator[str]:
    for place, cancellation in where.cancellations:
        name = cancellation.cancellation_id
        requested = 0
        for line_id, line in where.lines.items():
            waiting = sum(_requested(units) for units in line.cancelled_by if units.place == place)
            requested += waiting
            if memory.stops[name, line_id] < waiting:
                yield f"{name}: the warehouse was not asked to stop line {line_id}"
        is_open = any(wait.partition("#")[0] == f"stop:{name}" for wait in memory.waits)
        if is_open != bool(requested):
            yield f"{name}: {requested} units are requested, and a wait is {is_open}"
    asked = {name for name, _ in memory.stops}
    for event in order.events:
        if isinstance(event, CancellationWithdrawn):
            name = event.cancellation_id
            if name in asked and name not in memory.withdrawn:
                yield f"{name} was withdrawn, and the warehouse not told"


def _requested(units: CancelledUnits) -> int:
    return units.quantity - units.crossed - units.succeeded


def _told(where: Goods, memory: Memory) -> Iterator[str]:
    for place, cancellation in where.cancellations:
        name = cancellation.cancellation_id
        for line_id, line in where.lines.items():
            units = sum(one.succeeded for one in line.cancelled_by if one.place == place)
            if memory.succeeded[name, line_id] < units:
                yield f"{name}: the buyer was not told that it succeeded"
    for line_id, line in where.lines.items():
        if memory.lapsed[line_id] < line.ledger.lapsed:
            yield f"line {line_id}: the buyer was not told that it lapsed"
        if line.to_refuse and not _may_refuse(where, line_id, memory):
            yield f"line {line_id}: the buyer was not told what to refuse"


def _may_refuse(where: Goods, line_id: str, memory: Memory) -> bool:
    """Whether the buyer was told of a parcel with this line, or no parcel can be named."""
    on_its_way = [
        name
        for name, parcel in where.parcels.items()
        if not parcel.delivered and parcel.holds.get(line_id, 0) > parcel.spoken_for(line_id)
    ]
    return not on_its_way or any(line_id in memory.refusals.get(one, {}) for one in on_its_way)


def _money(order: Order, where: Goods, money: Money, memory: Memory) -> Iterator[str]:
    asked = {one.refund_id for one in order.events if isinstance(one, RefundRequested)}
    for refund in money.refunds:
        name = refund.refund_id
        is_open = f"pay:{name}" in memory.waits
        if refund.state in ("due", "failed") and name not in asked:
            yield f"{name} is due, and was not asked for"
        if refund.state == "held" and memory.held.get(name) != (refund.reason, refund.amount):
            yield f"{name} is held, and the buyer was not told of it"
        if is_open != (refund.state in ("requested", "failed")):
            yield f"{name} is {refund.state}, and a wait for it is {is_open}"
    if {item.line_id: item.quantity for item in money.at_large} != memory.at_large:
        yield "refunded goods at large were not noted"
    for item in money.at_large:
        open_units = item.quantity - _decided(where.lines[item.line_id])
        if open_units > 0 and not _awaited(item.line_id, memory):
            yield f"line {item.line_id}: refunded goods are at large, and nobody is asked"


def _waits(where: Goods, memory: Memory) -> Iterator[str]:
    """Every unit that left and is not wanted is awaited, back, or decided about."""
    for line_id, line in where.lines.items():
        open_units = line.ledger.crossed - line.ledger.back_good - _decided(line)
        if open_units > 0 and not _awaited(line_id, memory):
            yield f"line {line_id}: {open_units} units left, and nobody waits for them"
        if line.ledger.crossed == line.ledger.back and f"return:{line_id}" in memory.waits:
            yield f"line {line_id}: all of it is back, and its return is awaited"


def _awaited(line_id: str, memory: Memory) -> bool:
    """Whether units of a line are awaited, or a parcel is, which may hold some."""
    several = ("refuse:", "stop:")
    return any(w.endswith(f":{line_id}") or w.startswith(several) for w in memory.waits)


def _decided(line: LineGoods) -> int:
    return sum(
        settled.quantity
        for decision in line.decisions
        for settled in decision.settles
        if settled.kind != "odd"
    )


def _wakes(money: Money, memory: Memory, due_at: int | None, now: int) -> Iterator[str]:
    """Whatever time alone will change has a moment at which the process is woken."""
    moments = [wait.until for wait in memory.waits.values() if not wait.overdue]
    if None in moments:
        yield "a wait that is not overdue has no deadline"
    known = [moment for moment in moments if moment is not None]
    known += [refund.held_until for refund in money.refunds if refund.held_until is not None]
    if due_at is None:
        if known:
            yield f"something is due at {min(known)}, and nobody is woken"
        return
    if due_at <= now:
        yield "it is woken at once again, for ever"
    if known and due_at > min(known):
        yield f"something is due at {min(known)}, and it is woken at {due_at}"
