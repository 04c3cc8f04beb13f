"""How often the payment provider was asked for each refund, and what it said against it."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain
from operator import attrgetter

from msgspec import Struct
from msgspec.structs import replace

from domain.events import Event, RefundFailed, RefundIssued, RefundRequested
from domain.late_cancellation import Terms
from domain.process_events import ProcessEvent, RefundRetried


class Asked(Struct, frozen=True, gc=False):
    """What became of asking for one refund. Moments are in microseconds, as we heard of them."""

    times: int = 0
    last_at: int | None = None
    """When it was last asked for."""
    problem: str | None = None
    """Why it could not be paid, in the provider's words; none: it did not fail, or is paid."""
    answered_at: int | None = None
    """When the provider answered what was last asked; none: it has not."""


NEVER = Asked()


def asked(events: Iterable[Event], did: Iterable[ProcessEvent]) -> dict[str, Asked]:
    """By refund id, what was asked for or spoken of; a refund that is not in it was not."""
    found: dict[str, Asked] = {}
    spoken = [event for event in chain(events, did) if type(event) in _CHANGES]
    # Of two streams: an answer to what was asked first may stand behind what was asked again.
    spoken.sort(key=attrgetter("recorded_at"))
    for event in spoken:
        refund_id: str = event.refund_id  # type: ignore[attr-defined]
        found[refund_id] = _after(found.get(refund_id, NEVER), event)
    return found


_CHANGES = frozenset({RefundRequested, RefundRetried, RefundFailed, RefundIssued})


def _after(before: Asked, event: Event) -> Asked:
    at = event.recorded_at
    if isinstance(event, RefundFailed):
        # What it says for a second time does not put off when it is asked again.
        first = at if before.answered_at is None else before.answered_at
        return replace(before, problem=event.reason, answered_at=first)
    if isinstance(event, RefundIssued):
        return replace(before, problem=None, answered_at=at)
    return replace(before, times=before.times + 1, last_at=at, answered_at=None)


def asked_again_at(before: Asked, terms: Terms) -> int | None:
    """When the provider is asked again for what it has not paid; none: it was never asked."""
    if before.last_at is None:
        return None
    return terms.asks_again_at(before.times, before.last_at, before.answered_at)
