"""How often the payment provider was asked for each refund, and what it said against it."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain

from msgspec import Struct
from msgspec.structs import replace

from domain.events import Event, RefundFailed, RefundIssued, RefundRequested
from domain.process_events import ProcessEvent, RefundRetried


class Asked(Struct, frozen=True, gc=False):
    """What became of asking for one refund."""

    times: int = 0
    last_at: int | None = None
    """When it was last asked for, in microseconds."""
    problem: str | None = None
    """Why it could not be paid, in the provider's words; none: it did not fail, or is paid."""


NEVER = Asked()


def asked(events: Iterable[Event], did: Iterable[ProcessEvent]) -> dict[str, Asked]:
    """By refund id, what was asked for or spoken of; a refund that is not in it was not."""
    found: dict[str, Asked] = {}
    for event in chain(events, did):
        kind = type(event)
        if kind in _CHANGES:
            refund_id: str = event.refund_id  # type: ignore[attr-defined]
            found[refund_id] = _after(found.get(refund_id, NEVER), event)
    return found


_CHANGES = frozenset({RefundRequested, RefundRetried, RefundFailed, RefundIssued})


def _after(before: Asked, event: Event) -> Asked:
    if isinstance(event, RefundFailed):
        return replace(before, problem=event.reason)
    if isinstance(event, RefundIssued):
        return replace(before, problem=None)
    return replace(before, times=before.times + 1, last_at=event.recorded_at)
