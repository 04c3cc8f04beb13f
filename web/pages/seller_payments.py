"""A payment that a case waits for: how much, what the provider said, and when it is asked again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from application.event_store import process_stream_id
from domain import late_cancellation
from domain.events import RefundFailed
from domain.late_cancellation import Process
from domain.order import Order
from domain.picture import Picture
from domain.process_events import ProcessEvent
from domain.telling import retries
from domain.wording import money
from web.pages.provider_words import kept, provider_says
from web.pages.showing import brief
from web.parts import Parts


class Paying(NamedTuple):
    """What is known of the payments that cases wait for."""

    processes: Mapping[str, Process | None]
    """Of each order."""
    texts: Mapping[str, str]
    """What providers wrote, by the names under which it is kept."""


def paying(
    parts: Parts, cases: Iterable[dict[str, Any]], get: Callable[[str], Order | None]
) -> Paying:
    """All of it for the cases of a page, read at once; `get` gives an order that is loaded."""
    ids = {case["order_id"] for case in cases if case["wait"].startswith("pay:")}
    if not ids:
        return Paying({}, {})
    loaded = parts.store.load([process_stream_id(one) for one in ids])
    orders = [order for one in ids if (order := get(one)) is not None]
    reasons = [
        event.reason
        for order in orders
        for event in order.events
        if isinstance(event, RefundFailed)
    ]
    found = {one: _folded(loaded[process_stream_id(one)]) for one in ids}
    return Paying(found, kept(parts, reasons))


def _folded(events: Iterable[tuple[int, Any]]) -> Process | None:
    return late_cancellation.fold(e for _, e in events if isinstance(e, ProcessEvent))


def title_and_words(
    parts: Parts, case: dict[str, Any], order: Order, known: Paying, now: int
) -> tuple[str, str]:
    """What has to be paid, and what was done so that it is."""
    refund_id = case["wait"].partition(":")[2]
    where = order.goods()
    # Whether it fits together, and what there is to decide, is not asked here.
    picture = Picture(order, where, order.money_for(where, now, parts.policy), (), {})
    refund = next((one for one in picture.money.refunds if one.refund_id == refund_id), None)
    if refund is None:
        return "A refund has to be paid", ""
    amount = money(refund.amount, order.placed.currency)
    title = f"The payment provider has not paid {amount}"
    if refund.state == "failed":
        title = f"A refund of {amount} could not be paid"
    if refund.state == "issued":
        return f"A refund of {amount} was paid", "It closes within a moment."
    process = known.processes[order.order_id]
    said = [_said(order, refund_id, known.texts), *_asked(process, refund_id)]
    next_at = retries(picture, process, parts.terms).get(refund_id)
    if next_at is not None:
        when = f"at {brief(next_at)}" if next_at > now else "within a moment"
        said.append(f"It is asked again {when}, under the same number: it cannot be paid twice.")
    said.append("Do not refund it by hand as well: that would be another refund.")
    return title, " ".join(one for one in said if one)


def _said(order: Order, refund_id: str, texts: Mapping[str, str]) -> str:
    """What the provider said last about why it could not pay."""
    reasons = [
        event.reason
        for event in order.events
        if isinstance(event, RefundFailed) and event.refund_id == refund_id
    ]
    return provider_says(reasons[-1], texts) if reasons else ""


def _asked(process: Process | None, refund_id: str) -> list[str]:
    """How often it was asked."""
    if process is None or refund_id not in process.retried:
        return ["It was asked once."]
    attempt, at = process.retried[refund_id]
    return [f"It was asked {attempt} times, last at {brief(at)}."]
