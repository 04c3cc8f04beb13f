"""Which message moved which units of a line: whose cancellation crossed, whose return pays."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from domain.ledger import Ledger


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
