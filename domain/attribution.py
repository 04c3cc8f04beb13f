"""Which message moved which units of a line: whose cancellation crossed, whose return pays."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from domain.events import CaseDecided
from domain.items import CaseKind
from domain.ledger import Ledger

CROSSED_KINDS: frozenset[CaseKind] = frozenset({"damaged", "lost", "missing", "unrefused"})
"""Units that left and are not wanted: good ones that come back are refunded by themselves."""


class CancelledUnits(Struct, frozen=True, gc=False):
    """What became of one cancellation's units of one line."""

    place: int
    """The cancellation's place among the order's events; with it goes its age."""
    quantity: int
    confirmed: int
    crossed: int
    succeeded: int


class ReturnedUnits(Struct, frozen=True, gc=False):
    """Good units of one return that are crossed ones come back, and so are refundable."""

    place: int
    quantity: int


class DecidedUnits(Struct, frozen=True, gc=False):
    """Units of one decision that entitle to a refund."""

    place: int
    quantity: int


def by_cancellation(
    cancellations: list[tuple[int, int, int]], state: Ledger
) -> tuple[CancelledUnits, ...]:
    """Which cancellation's units crossed, and which succeeded.

    Unconfirmed units cross first, the newest cancellation's before older ones. What never was
    released succeeds at once, the oldest cancellation's first.
    """
    if not cancellations:
        return ()
    crossed = _crossed(cancellations, state.crossed0)
    stopped = [cancellations[i][1] - gone for i, gone in enumerate(crossed)]
    succeeded = [min(units, cancellations[i][2]) for i, units in enumerate(stopped)]
    unreleased = state.succeeded - sum(succeeded)
    for index, units in enumerate(stopped):
        more = min(unreleased, units - succeeded[index])
        succeeded[index] += more
        unreleased -= more
    return tuple(
        CancelledUnits(place, quantity, confirmed, crossed[index], succeeded[index])
        for index, (place, quantity, confirmed) in enumerate(cancellations)
    )


def _crossed(cancellations: list[tuple[int, int, int]], crossed0: int) -> list[int]:
    crossed = [0] * len(cancellations)
    newest_first = range(len(cancellations) - 1, -1, -1)
    for unconfirmed_only in (True, False):
        for index in newest_first:
            _, quantity, confirmed = cancellations[index]
            may = quantity - confirmed if unconfirmed_only else quantity
            units = min(crossed0, may - crossed[index])
            crossed[index] += units
            crossed0 -= units
    return crossed


def by_return(returns: Iterable[tuple[int, int, int]], state: Ledger) -> tuple[ReturnedUnits, ...]:
    """Which return brought the good units that fill crossed ones, oldest first."""
    if not state.back_good:
        return ()
    left = state.back_good
    found: list[ReturnedUnits] = []
    for place, good, _ in returns:
        units = min(left, good)
        left -= units
        if units:
            found.append(ReturnedUnits(place, units))
    return tuple(found)


def by_decision(
    decisions: Iterable[tuple[int, CaseDecided | int]], state: Ledger
) -> tuple[DecidedUnits, ...]:
    """Which decisions entitle to money for how many units, oldest first.

    A number is units refunded by hand. Never for a unit that came back in good condition since, or
    whose cancellation succeeded: those entitle by themselves.
    """
    crossed = state.crossed - state.back_good
    others = state.ordered - state.crossed - state.succeeded
    found: list[DecidedUnits] = []
    for place, decision in decisions:
        if isinstance(decision, int):
            of_crossed, of_others = 0, min(others, decision)
        elif decision.outcome == "refund":
            of_crossed = min(crossed, _settled(decision, of_crossed=True))
            of_others = min(others, _settled(decision, of_crossed=False))
        else:
            continue
        crossed -= of_crossed
        others -= of_others
        if of_crossed + of_others:
            found.append(DecidedUnits(place, of_crossed + of_others))
    return tuple(found)


def _settled(decision: CaseDecided, *, of_crossed: bool) -> int:
    return sum(
        settled.quantity
        for settled in decision.settles
        if settled.kind != "odd" and (settled.kind in CROSSED_KINDS) == of_crossed
    )
