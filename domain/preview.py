"""What a cancellation means: what is stopped, what is to be refused, and how much comes back when.

A preview and the answer to an accepted cancellation are one function of the order just after the
cancellation: a preview decides on a copy that nobody keeps.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from msgspec import Struct

from domain.cancelling import request_cancellation
from domain.coming_back import ComesBack, ToCome, comes_back
from domain.commands import RequestCancellation
from domain.events import CancellationRefused, ItemCancelRequested
from domain.goods import Goods
from domain.items import Item, ReturnedItem
from domain.refunds import Policy
from domain.refusing import parcels_to_refuse
from domain.state import Order, evolve

Result = Literal["cancelled", "requested", "refuse_delivery", "mixed"]

_PREVIEW = "/countermand/preview"


class Units(Struct, frozen=True, gc=False):
    """Units of a line that are cancelled: `quantity = stop + refuse`."""

    line_id: str
    quantity: int
    stop: int
    """They never leave."""
    refuse: int
    """They have left, and are to be refused at the door."""


class Meaning(Struct, frozen=True, gc=False):
    """What a cancellation means, just after it was accepted."""

    cancellation_id: str
    outcome: Result
    items: tuple[Units, ...]
    refuse_parcels: tuple[str, ...]
    """Parcels on their way with units of it."""
    needs_confirmation: bool
    """Whether a warehouse has to say that it stopped some of it."""
    refund: ComesBack


def preview(
    order: Order, items: tuple[Item, ...] | None, now: int, policy: Policy
) -> Meaning | CancellationRefused:
    """What cancelling `items` would mean at `now`; none: everything. Or why it would be refused."""
    then = cancelled(order, items, now)
    return then if isinstance(then, CancellationRefused) else meaning(then, policy)


def cancelled(
    order: Order, items: tuple[Item, ...] | None, now: int
) -> Order | CancellationRefused:
    """The order as it would be just after cancelling `items`, on a copy that nobody keeps."""
    command = RequestCancellation(
        occurred_at=now,
        now=now,
        source=_PREVIEW,
        message_id=_PREVIEW,
        cancellation_id=_PREVIEW,  # nobody's: an id has no slash
        requested_by="buyer",
        reason="other",
        items=items,
    )
    (event,) = request_cancellation(order, command).events
    if isinstance(event, ItemCancelRequested):
        return evolve(order, event)
    assert isinstance(event, CancellationRefused)  # noqa: S101  # a request has these two answers
    return event


def meaning(order: Order, policy: Policy) -> Meaning:
    """What the cancellation that is the order's last event means, at the moment it was recorded."""
    event = order.events[-1]
    if not isinstance(event, ItemCancelRequested):
        raise TypeError(f"the last event is {type(event).__name__}, and no cancellation")
    where = order.goods()
    items = tuple([_units(where, item, order.version - 1) for item in event.items])
    waiting = sum([_waiting(where, item.line_id, order.version - 1) for item in event.items])
    crossed = {one.line_id: one.refuse for one in items if one.refuse}
    stopped = tuple([Item(one.line_id, one.stop) for one in items if one.stop])
    to_come = ToCome(stopped, _out(where, crossed))
    return Meaning(
        cancellation_id=event.cancellation_id,
        outcome=_result(items, waiting),
        items=items,
        refuse_parcels=parcels_to_refuse(where, crossed),
        needs_confirmation=waiting > 0,
        refund=comes_back(order, event, to_come, policy),
    )


def _units(where: Goods, item: Item, place: int) -> Units:
    """A cancellation takes unshipped units first; only what is left over crosses."""
    crossed = sum(
        [one.crossed for one in where.lines[item.line_id].cancelled_by if one.place == place]
    )
    return Units(item.line_id, item.quantity, item.quantity - crossed, crossed)


def _waiting(where: Goods, line_id: str, place: int) -> int:
    """Units of the cancellation that a warehouse has to say something about."""
    return sum(
        [
            one.quantity - one.crossed - one.succeeded
            for one in where.lines[line_id].cancelled_by
            if one.place == place
        ]
    )


def _result(items: Sequence[Units], waiting: int) -> Result:
    stopped, crossed = sum([one.stop for one in items]), sum([one.refuse for one in items])
    if crossed:
        return "mixed" if stopped else "refuse_delivery"
    if waiting:
        return "mixed" if waiting < stopped else "requested"
    return "cancelled"


def _out(where: Goods, crossed: Mapping[str, int]) -> tuple[ReturnedItem, ...]:
    """Units that crossed and are not back, as a warehouse would count them then."""
    units = [
        (line_id, min(number, where.lines[line_id].ledger.refuse_delivery))
        for line_id, number in crossed.items()
    ]
    return tuple([ReturnedItem(line_id, number) for line_id, number in units if number])
