"""The race for the last unit: two sessions of one buyer, and the warehouse that ships it.

What is said in it, and what must have come of it, by the order's events alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from http import HTTPStatus
from itertools import permutations
from typing import Any, Literal, NamedTuple

from domain.events import (
    CancellationRefused,
    Delivered,
    Event,
    ItemCancelRequested,
    OrderPlaced,
    ShippedFromWarehouse,
)
from tests.support.saying import Said, cancel, delivered, placed, say
from web.commanding import SOURCE

Kind = Literal["shipped", "delivered", "last of two", "beside others"]
KINDS: tuple[Kind, ...] = ("shipped", "delivered", "last of two", "beside others")
ONE = [{"line_id": "L1", "quantity": 1}]
TWO = [{"line_id": "L2", "quantity": 2}]
CANCEL = {"requested_by": "buyer", "reason": "changed_mind", "items": ONE}


class Race(NamedTuple):
    """An order whose last unit is raced for."""

    order_id: str
    kind: Kind
    turns: str
    """Who writes when all have decided: sessions `1`, `2`, `S`hipped, `D`elivered. Empty: free."""

    @property
    def cancellable(self) -> list[dict[str, Any]]:
        """What can be cancelled when the last unit is gone."""
        return TWO if self.kind == "beside others" else []


def turns(kind: Kind) -> list[str]:
    """Every order in which they can write."""
    every = map("".join, permutations("12SD" if kind == "delivered" else "12S"))
    return [one for one in every if one.find("S") < one.find("D") or "D" not in one]


def races(count: int) -> list[Race]:
    """So many races, of each kind as many; every second one is steered, in each possible order."""
    return [
        Race(f"R-{number}", kind, _turns(kind, number // len(KINDS)))
        for number, kind in ((number, KINDS[number % len(KINDS)]) for number in range(count))
    ]


def _turns(kind: Kind, number: int) -> str:
    every = turns(kind)
    return every[number // 2 % len(every)] if number % 2 else ""


def before(race: Race) -> Iterator[Said]:
    """What was said of the order before."""
    if race.kind == "beside others":
        yield placed(race.order_id, 1, 2)
    elif race.kind == "last of two":
        yield placed(race.order_id, 2)
        yield cancel(race.order_id, f"first-{race.order_id}", items=ONE)
    else:
        yield placed(race.order_id, 1)


def facts(race: Race) -> list[Said]:
    """What the warehouse says while it is raced."""
    parcel = f"S-{race.order_id}"
    shipped = say(
        "ShippedFromWarehouse",
        race.order_id,
        shipment_id=parcel,
        warehouse_id="W1",
        items=ONE,
    )
    return [shipped, delivered(race.order_id, parcel)] if race.kind == "delivered" else [shipped]


def after(race: Race) -> Iterator[Said]:
    """How it ends: a parcel that is not wanted is refused, and the warehouse has it back."""
    if race.kind == "delivered":
        return
    parcel = f"S-{race.order_id}"
    yield say("DeliveryRejected", race.order_id, shipment_id=parcel, rejection="refused")
    yield say(
        "ReturnedToWarehouse",
        race.order_id,
        return_id=f"back-{race.order_id}",
        shipment_id=parcel,
        items=ONE,
    )


def seen(told: tuple[int, dict[str, Any]]) -> tuple[Any, ...]:
    """What counts of an answer."""
    status, body = told
    if status != HTTPStatus.CREATED:
        return body["version"], status, body["rule"], body["cancellable"]
    refund = body["refund"]["amount"]
    return body["version"], status, body["outcome"], body["items"], body["refuse_parcels"], refund


def due(race: Race, events: Sequence[Event]) -> list[tuple[Any, ...]]:
    """What the sessions must have been told, by the order's events alone, first come first."""
    is_out = is_there = is_gone = False
    told: list[tuple[Any, ...]] = []
    for version, event in enumerate(events, 1):
        is_out |= isinstance(event, ShippedFromWarehouse)
        is_there |= isinstance(event, Delivered)
        if event.source != SOURCE:
            continue
        if is_there or is_gone:
            rule = "already_delivered" if is_there else "more_than_cancellable"
            told.append((version, HTTPStatus.CONFLICT, rule, race.cancellable))
            continue
        is_gone = True
        item = {"line_id": "L1", "quantity": 1, "stop": 1 - is_out, "refuse": int(is_out)}
        parcels = [f"S-{race.order_id}"] if is_out else []
        outcome = "refuse_delivery" if is_out else "cancelled"
        told.append((version, HTTPStatus.CREATED, outcome, [item], parcels, "10.00"))
    return told


def groups(race: Race, events: Sequence[Event]) -> dict[str, int]:
    """Where the units must be by then: cancelled, to be refused, or kept after all."""
    accepted = sum(isinstance(event, ItemCancelRequested) for event in events)
    units = placed_in(events).lines[0].quantity
    is_there = race.kind == "delivered"
    return {
        "ordered": units,
        "cancelled": units - 1,
        "requested": 0,
        "refuse_delivery": 0 if is_there else 1,
        "remaining": 1 if is_there else 0,
        "to_ship": 0,
        "shipped": 1,
        "delivered": 1 if is_there else 0,
        "lapsed": accepted if is_there else 0,
        "cancellable": 0,
    }


def placed_in(events: Sequence[Event]) -> OrderPlaced:
    """The order as it was placed."""
    return next(event for event in events if isinstance(event, OrderPlaced))


def order_of(events: Sequence[Event]) -> str:
    """How it was run: `S`hipped, `D`elivered, `C`ancelled, `R`efused."""
    letters = {
        ShippedFromWarehouse: "S",
        Delivered: "D",
        ItemCancelRequested: "C",
        CancellationRefused: "R",
    }
    last_first = [letters.get(type(event), "") for event in reversed(events)]
    return "".join(reversed(last_first[: len(events) - _told_before(events)]))


def order_by(turns: str) -> str:
    """As `order_of`, by the turns in which they wrote."""
    winner = next(who for who in turns if who in "12D")
    return "".join(who if who in "SD" else "C" if who == winner else "R" for who in turns)


def statuses_by(turns: str) -> list[int]:
    """What the two sessions are answered, by the turns in which they wrote."""
    winner = next(who for who in turns if who in "12D")
    return [HTTPStatus.CREATED if who == winner else HTTPStatus.CONFLICT for who in "12"]


def _told_before(events: Sequence[Event]) -> int:
    return 1 if placed_in(events).lines[0].quantity == 1 else 2


def refunds_of(shown: dict[str, Any]) -> list[tuple[str, str]]:
    """Amount and reason of each refund of an order."""
    return [(one["amount"], one["reason"]) for one in shown["refunds"]]


def refunds_due(race: Race) -> list[tuple[str, str]]:
    """What must be paid when parcels are back: each unit once, and none that was kept."""
    back = ("10.00", "goods_returned")
    first = ("10.00", "everything_cancelled")
    return {"delivered": [], "last of two": [first, back]}.get(race.kind, [back])
