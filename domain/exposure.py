"""Money out and goods out: refunded goods at large, what they cost, and since when."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct

from domain.information import OrderInformation
from domain.money import worth_of_first
from domain.process_events import ExposureChanged, ProcessEvent
from domain.refunds import Policy, Refund
from domain.state import Order

_ASKED = ("requested", "failed", "issued")


class Exposed(Struct, frozen=True, gc=False):
    """Units of a line that are out, and the money that was asked for them, in minor units."""

    line_id: str
    quantity: int
    amount: int
    paid: int
    """How much of the amount was reported as paid."""


class Exposure(Struct, frozen=True, gc=False):
    """What an order has out."""

    since: int
    """When the fact was recorded that made it so, in microseconds."""
    items: tuple[Exposed, ...]

    @property
    def amount(self) -> int:
        """Minor units of the order's currency, over all lines."""
        return sum(units.amount for units in self.items)

    @property
    def paid(self) -> int:
        """How much of it was reported as paid."""
        return sum(units.paid for units in self.items)


def exposure(
    order: Order,
    info: OrderInformation,
    did: Sequence[ProcessEvent],
    policy: Policy,
) -> Exposure | None:
    """What an order, of which `info` is shown, has out; none: nothing, as is usual."""
    if not info.at_large:
        return None
    items = tuple(
        Exposed(units.line_id, units.quantity, *_worth(units.line_id, units.quantity, info.refunds))
        for units in info.at_large
    )
    return Exposure(_since(order, did, policy), items)


def _worth(line_id: str, quantity: int, refunds: Iterable[Refund]) -> tuple[int, int]:
    """What was asked for, and what was paid, for the units that were asked for last."""
    asked = paid = 0
    for refund in reversed([one for one in refunds if one.state in _ASKED]):
        for covered in refund.covers:
            if covered.line_id != line_id:
                continue
            units = min(quantity, covered.quantity)
            rest = worth_of_first(covered.quantity - units, covered.quantity, covered.amount)
            quantity -= units
            asked += covered.amount - rest
            paid += covered.amount - rest if refund.state == "issued" else 0
    return asked, paid


def _since(order: Order, did: Sequence[ProcessEvent], policy: Policy) -> int:
    """When the last fact that made it so was recorded, found by halving.

    Between a version with nothing out and the newest, one is found after which something is.
    """
    clear, out = 1, order.version
    for event in did:
        if isinstance(event, ExposureChanged) and not event.items:
            clear = min(event.order_version, out - 1)
    while out - clear > 1:
        middle = (clear + out) // 2
        if _at_large(order, middle, policy):
            out = middle
        else:
            clear = middle
    return order.events[out - 1].recorded_at


def _at_large(order: Order, version: int, policy: Policy) -> bool:
    events = order.events[:version]
    then = Order(order.placed, events)
    return bool(then.money(events[-1].recorded_at, policy).at_large)
