"""Which event goes to which topics, written down once more, from the contract's table."""

from __future__ import annotations

from domain import events as of_order
from domain import process_events as of_process
from domain.events import Event
from domain.process_events import ProcessEvent

_MORE: dict[type[Event], str] = {
    of_process.StopRequested: "warehouse-requests",
    of_process.StopWithdrawn: "warehouse-requests",
    of_order.RefundRequested: "payment-requests",
    of_process.RefundRetried: "payment-requests",
    of_order.ItemCancelRequested: "buyer-notices",
    of_order.CancellationRefused: "buyer-notices",
    of_order.RefundIssued: "buyer-notices",
    of_order.CaseDecided: "buyer-notices",
    of_process.CancellationSucceeded: "buyer-notices",
    of_process.CancellationLapsed: "buyer-notices",
    of_process.RefusalRequested: "buyer-notices",
    of_process.RefusalWithdrawn: "buyer-notices",
    of_process.RefundHeld: "buyer-notices",
}


def topics_of(event: Event) -> list[str]:
    """The topics that hear of an event."""
    first = [] if isinstance(event, ProcessEvent) else ["orders"]
    more = _MORE.get(type(event))
    return first if more is None else [*first, more]
