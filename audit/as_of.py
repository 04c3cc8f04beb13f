"""An order as it was known at a moment: with all that was recorded by then, and nothing later."""

from __future__ import annotations

from itertools import takewhile
from typing import Any

from application.event_store import EventStore, stream_id
from domain.information import order_information
from domain.order import fold
from domain.refunds import Policy
from projections.shown import Shown, as_dict, moment


def as_of(store: EventStore, order_id: str, at: int, policy: Policy) -> dict[str, Any] | None:
    """Order Information at `at` (microseconds); None: nothing of it was recorded by then.

    Read from the log alone. Held refunds are judged by that moment, too.
    """
    recorded = [event for _, event in store.load([stream_id(order_id)])[stream_id(order_id)]]
    # Up to the first that is later: a beginning of the stream, whatever a clock did.
    order = fold(takewhile(lambda event: event.recorded_at <= at, recorded))
    if order is None:
        return None
    shown = as_dict(Shown.of(order_information(order, at, policy)).order())
    return {**shown, "as_of": moment(at)}
