"""When two histories of an order, or of its process, are the same for all that may follow.

The goods are a function of the set of facts, so facts are kept as a set; what has an age or a
number (requests, returns, money, decisions) is kept as a sequence. The walk tests this, too: a
share of the histories that are taken for the same is worked out both ways (`Walk.check_sameness`).
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping

from msgspec.structs import replace

from domain.claims import _completed_at
from domain.events import (
    CancellationConfirmed,
    CancellationRefused,
    DecisionRefused,
    Delivered,
    DeliveryRejected,
    Event,
    FactCorrected,
    LostInTransit,
    ReleasedToWarehouse,
    ShippedFromWarehouse,
    StopRefused,
    WithdrawalRefused,
)
from domain.late_cancellation import Process
from domain.state import Order

UNORDERED = frozenset(
    {
        ReleasedToWarehouse,
        CancellationConfirmed,
        StopRefused,
        ShippedFromWarehouse,
        Delivered,
        DeliveryRejected,
        LostInTransit,
        FactCorrected,
    }
)
"""Facts whose place and moment nothing depends on."""

Numbers = dict[Hashable, int]


def number_of(numbers: Numbers, one: Hashable) -> int:
    """A small number for each thing, the same for equal things."""
    return numbers.setdefault(one, len(numbers))


class OrderKeys:
    """Makes the keys of orders; equal keys, same future."""

    def __init__(self) -> None:
        self._numbers: Numbers = {}
        self._whole: dict[Hashable, bool] = {}

    def key(self, order: Order) -> Hashable:
        """The set of facts, the sequence of the rest, and what completed "all is cancelled"."""
        facts: set[int] = set()
        rest: list[int] = []
        for event in order.events[1:]:
            if type(event) in UNORDERED:
                facts.add(number_of(self._numbers, (event.source, event.message_id)))
            else:
                rest.append(number_of(self._numbers, _timeless(event)))
        seen = (frozenset(facts), tuple(rest))
        whole = self._whole.get(seen)
        if whole is None:
            whole = self._whole[seen] = order.goods().all_cancelled()
        latest = order.events[-1].recorded_at  # time never runs backwards from here
        return (*seen, latest, self._completed(order)) if whole else (*seen, latest)

    def _completed(self, order: Order) -> tuple[int, int]:
        """The shipping fee goes with the message that was the last to complete it, by its age."""
        place = _completed_at(order.placed, order.events)
        older = sum(type(event) not in UNORDERED for event in order.events[1:place])
        event = order.events[place]
        return number_of(self._numbers, (event.source, event.message_id)), older


def _timeless(event: Event) -> Event:
    """A refusal says what it was decided against; nothing is ever decided by that again."""
    if isinstance(event, CancellationRefused):
        return replace(event, at_version=0, cancellable=())
    if isinstance(event, WithdrawalRefused | DecisionRefused):
        return replace(event, at_version=0)
    return event


def process_key(process: Process | None) -> Hashable:
    """What the next steps are worked out from, and the numbers of the next ids."""
    if process is None:
        return None
    waits = sorted(
        (w.wait, w.waits_for, w.reason, w.items, w.until or 0, w.is_overdue)
        for w in process.waits.values()
    )
    return (
        process.latest,
        _pairs(process.sent),
        tuple(waits),
        _nested(process.stops),
        process.withdrawn,
        _nested(process.refusals),
        _nested(process.succeeded),
        _pairs(process.lapsed),
        tuple(sorted(process.held.items())),
        tuple(sorted(process.retried.items())),
        process.at_large,
    )


def _pairs(units: Mapping[str, int]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(units.items()))


def _nested(units: Mapping[str, Mapping[str, int]]) -> tuple[Hashable, ...]:
    return tuple(sorted((name, _pairs(inner)) for name, inner in units.items()))
