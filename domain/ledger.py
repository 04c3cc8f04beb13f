"""The unit ledger of one order line: where each of its equal units is.

A pure function of counts, and the counts are a function of the *set* of facts, so that no order
of arrival changes it. The names and formulas are the domain's own.
"""

from __future__ import annotations

from functools import lru_cache

from msgspec import Struct


class Counts(Struct, frozen=True, gc=False):
    """What was reported and accepted about one line, in units, added up over all messages."""

    ordered: int
    cancelled: int = 0
    """Units of cancellations accepted and not withdrawn."""
    confirmed: int = 0
    """Of these, units that a warehouse or a seller says were stopped."""
    released: int = 0
    shipped: int = 0
    """As reported, over-shipped units included."""
    accepted: int = 0
    """Units of delivered parcels, less those rejected in them."""
    rejected: int = 0
    """As reported, at most what the parcels hold."""
    returned_good: int = 0
    returned_bad: int = 0
    lost: int = 0
    """Units reported lost, less those of the parcel delivered or returned since."""


class Ledger(Struct, frozen=True, gc=False):
    """Where the units of one line are; every figure from 0 to `ordered`.

    `ordered = stopped + crossed + kept + to_ship`, and the four figures of a page,
    `cancelled + requested + refuse_delivery + remaining`, add up to `ordered` too.
    """

    ordered: int
    left: int
    """Units that left the warehouse, inferred ones included."""
    over_shipped: int
    stopped: int
    """Cancelled, and never left."""
    crossed0: int
    """Cancelled, and left all the same."""
    lapsed: int
    """Crossed, but taken at the door: their cancellation has no effect any more."""
    crossed: int
    """Left, and not wanted: crossed a cancellation, or refused at the door."""
    kept: int
    to_ship: int
    succeeded: int
    back_good: int
    back_bad: int
    back_lost: int
    cancellable: int
    back: int
    """Crossed units that are back, or lost on the way."""
    cancelled: int
    """*Cancelled goods*."""
    requested: int
    """*Cancellation requested*."""
    refuse_delivery: int
    """*On its way, please refuse*."""
    remaining: int
    """*Remaining goods*."""


# Lines of everyday orders have the same few counts over and over.
@lru_cache(maxsize=65_536)
def ledger(counts: Counts) -> Ledger:
    """Work out where the units are."""
    ordered = counts.ordered
    came_back = counts.returned_good + counts.returned_bad + counts.lost
    reported_left = max(counts.shipped, came_back)
    left = min(reported_left, ordered)
    crossed0 = max(0, counts.cancelled + left - ordered)
    stopped = counts.cancelled - crossed0
    # Accepted units count as wanted ones first; only then do they use up crossed ones.
    lapsed = max(0, crossed0 - max(0, reported_left - counts.accepted))
    crossed = max(crossed0 - lapsed, min(counts.rejected, left))
    kept = left - crossed
    to_ship = ordered - left - stopped
    never_released = ordered - max(min(counts.released, ordered), left)
    good = min(counts.returned_good, crossed)
    bad = min(counts.returned_bad, crossed - good)
    lost = min(counts.lost, crossed - good - bad)
    back = good + bad + lost
    succeeded = min(stopped, counts.confirmed + never_released)
    return Ledger(
        ordered=ordered,
        left=left,
        over_shipped=reported_left - left,
        stopped=stopped,
        crossed0=crossed0,
        lapsed=lapsed,
        crossed=crossed,
        kept=kept,
        to_ship=to_ship,
        succeeded=succeeded,
        back_good=good,
        back_bad=bad,
        back_lost=lost,
        cancellable=to_ship + max(0, kept - counts.accepted - (counts.lost - lost)),
        back=back,
        cancelled=succeeded + back,
        requested=stopped - succeeded,
        refuse_delivery=crossed - back,
        remaining=kept + to_ship,
    )
