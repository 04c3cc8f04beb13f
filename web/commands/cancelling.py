"""Cancel, and take a cancellation back."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from msgspec import to_builtins
from msgspec.structs import replace

from application.answers import Answer
from application.orders import Orders
from consumers import notes
from consumers.fields import REASONS
from consumers.intake import note_key
from consumers.notes import Note
from consumers.translate import note_ref
from domain.cancelling import asks_the_same
from domain.commands import RequestCancellation, WithdrawCancellation
from domain.events import (
    CancellationRefused,
    CancellationWithdrawn,
    Event,
    ItemCancelRequested,
    WithdrawalRefused,
)
from domain.order import Order
from domain.preview import meaning
from domain.wording import broken
from web.asking import as_items
from web.commanding import (
    SOURCE,
    Asked,
    Done,
    command,
    place_of,
    recorded,
    reused,
    upto,
    when_first,
)
from web.malformed import malformed
from web.parts import Parts
from web.problems import Problem
from web.shapes.cancellations import Cancellation, meaning_as_json


def cancel(parts: Parts, said: Asked, body: Cancellation) -> Answer:
    """Cancel units of an order: 201 with what it means, or 409 with what can be cancelled."""
    _speaks_for(said, body)
    cancellation_id = body.cancellation_id or said.id_of("c")

    def work(orders: Orders, order: Order, now: int) -> Done:
        request, note = _request(parts, said, body, cancellation_id)
        wanted = _at(request, when_first(order, said, now), now)
        decision = orders.decide(said.order_id, wanted)
        if decision.outcome == "dead":
            raise reused()
        after = orders.get(said.order_id) or order
        event = _first(after.events, lambda one: _answers(one, wanted))
        kept = [notes.keep([note], now)] if note and decision.events else []
        is_new = bool(decision.events)
        return _cancelled(parts, upto(after, event), is_new=is_new)._replace(also=kept)

    return command(parts, said, work)


def _speaks_for(said: Asked, body: Cancellation) -> None:
    """Nobody asks in the name of the other party, or for its reasons."""
    if said.who.role not in (None, body.requested_by):
        raise Problem("forbidden", f"a {said.who.role} cannot cancel as the {body.requested_by}")
    if body.reason not in REASONS[body.requested_by]:
        detail = f"is no reason of a {body.requested_by}"
        raise malformed("reason", "reason_of_other_party", detail)


def _request(
    parts: Parts, said: Asked, body: Cancellation, cancellation_id: str
) -> tuple[RequestCancellation, Note | None]:
    ref = None
    if body.note:
        ref = note_ref(note_key(parts.store), said.order_id, cancellation_id, body.note)
    request = RequestCancellation(
        occurred_at=0,
        now=0,
        source=SOURCE,
        message_id=said.message_id,
        cancellation_id=cancellation_id,
        requested_by=body.requested_by,
        reason=body.reason,
        items=as_items(body.items),
        note_ref=ref,
    )
    return request, Note(ref, said.order_id, body.note or "") if ref else None


def _at(request: RequestCancellation, occurred_at: int, now: int) -> RequestCancellation:
    return replace(request, occurred_at=occurred_at, now=now)


def _answers(event: Event, request: RequestCancellation) -> bool:
    return (
        isinstance(event, ItemCancelRequested | CancellationRefused)
        and event.cancellation_id == request.cancellation_id
        and asks_the_same(event, request)
    )


def _first(events: tuple[Event, ...], answers: Callable[[Event], bool]) -> Event:
    return next(event for event in events if answers(event))


def _cancelled(parts: Parts, order: Order, *, is_new: bool) -> Done:
    """The answer to the request that is the order's last event."""
    event = order.events[-1]
    position = None if is_new else place_of(parts, order.order_id, order.version)
    if isinstance(event, CancellationRefused):
        return Done(HTTPStatus.CONFLICT, _refused(order, event), position=position)
    meant = meaning(order, parts.policy)
    body = meaning_as_json(meant, order.order_id, order.version, order.placed.currency)
    body = {"cancellation_id": meant.cancellation_id, **body}
    return Done(HTTPStatus.CREATED, body, position=position)


def _refused(order: Order, event: CancellationRefused) -> dict[str, Any]:
    return Problem(
        "cancellation-refused",
        broken(event.rule),
        rule=event.rule,
        cancellation_id=event.cancellation_id,
        version=order.version,
        cancellable=to_builtins(event.cancellable),
    ).body


def withdraw(parts: Parts, said: Asked, cancellation_id: str) -> Answer:
    """Take a cancellation back, whole: 200, or 409 where too much of it is done."""

    def work(orders: Orders, order: Order, now: int) -> Done:
        _own(said, order, cancellation_id)
        withdrawal = WithdrawCancellation(
            occurred_at=when_first(order, said, now),
            now=now,
            source=SOURCE,
            message_id=said.message_id,
            cancellation_id=cancellation_id,
        )
        decision = orders.decide(said.order_id, withdrawal)
        if decision.outcome == "dead":
            raise reused()
        after = orders.get(said.order_id) or order
        event = recorded(after, said) or _withdrawn(after, cancellation_id)
        return _taken_back(parts, upto(after, event), is_new=bool(decision.events))

    return command(parts, said, work)


def _own(said: Asked, order: Order, cancellation_id: str) -> None:
    """A buyer takes back what a buyer asked for, and a seller what a seller did."""
    for event in order.events:
        if isinstance(event, ItemCancelRequested) and event.cancellation_id == cancellation_id:
            if said.who.role not in (None, event.requested_by):
                raise Problem("forbidden", f"the {event.requested_by} asked for it")
            return


def _withdrawn(order: Order, cancellation_id: str) -> Event:
    return _first(
        order.events,
        lambda one: (
            isinstance(one, CancellationWithdrawn) and one.cancellation_id == cancellation_id
        ),
    )


def _taken_back(parts: Parts, order: Order, *, is_new: bool) -> Done:
    event = order.events[-1]
    position = None if is_new else place_of(parts, order.order_id, order.version)
    if isinstance(event, WithdrawalRefused):
        problem = Problem(
            "withdrawal-refused",
            broken(event.rule),
            rule=event.rule,
            cancellation_id=event.cancellation_id,
            version=order.version,
        )
        return Done(HTTPStatus.CONFLICT, problem.body, position=position)
    body = {
        "order_id": order.order_id,
        "cancellation_id": event.cancellation_id,  # type: ignore[attr-defined]
        "outcome": "withdrawn",
        "version": order.version,
    }
    return Done(HTTPStatus.OK, body, position=position)
