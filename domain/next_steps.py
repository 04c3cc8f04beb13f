"""What a process does next: a pure function of the order, of what was done, and of the time.

A new fact, a deadline, a restart and a repeat are one and the same path: compare what ought to be
with what is, and do the difference. There is no other way in which a process is woken.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256

from msgspec import Struct

from domain.commands import AskForRefund, DecideCase
from domain.events import (
    STILL,
    CaseDecided,
    CaseOutcome,
    DecisionRefused,
    Event,
    RefundRequested,
)
from domain.items import CaseKind
from domain.late_cancellation import Process, Terms, Wait, evolve
from domain.order import decide
from domain.order import evolve as evolve_order
from domain.picture import Picture
from domain.process_events import (
    SOURCE,
    DeadlinePassed,
    ProcessEvent,
    WaitChanged,
    WaitEnded,
    WaitStarted,
)
from domain.refunding import requested
from domain.refunds import Policy
from domain.state import Order
from domain.telling import Pen, retries, told
from domain.waiting import Want, wanted

_MOST_ROUNDS = 50
"""Rounds in which everything is done; only a fault of ours needs as many."""

_DEFAULTS: dict[str, tuple[CaseKind, CaseOutcome]] = {
    "damaged": ("damaged", "refund"),
    "return": ("missing", "no_refund"),
}
"""What is decided when nobody does: the buyer never had what came back damaged; what is missing
may be with the buyer."""

_RENEWS = frozenset({"rest_on_its_way_back"})
"""Reasons that give a wait another deadline."""

Command = AskForRefund | DecideCase


class Steps(Struct, frozen=True, gc=False):
    """What is to be done now: first what the order is told, then what the process says."""

    commands: tuple[Command, ...] = ()
    events: tuple[ProcessEvent, ...] = ()


class Advance(Struct, frozen=True, gc=False):
    """Everything that a look at an order led to, and when to look again."""

    order: Order
    process: Process | None
    order_events: tuple[Event, ...]
    process_events: tuple[ProcessEvent, ...]
    due_at: int | None
    """The next moment at which time alone makes a step; none: only a new fact can."""


def next_steps(
    order: Order, process: Process | None, now: int, policy: Policy, terms: Terms
) -> Steps:
    """What is to be done for an order at `now`, in microseconds; empty: nothing."""
    return _steps(Picture.of(order, now, policy), process, now, terms)


def _steps(picture: Picture, process: Process | None, now: int, terms: Terms) -> Steps:
    commands: tuple[Command, ...] = (*_due(picture, now), *_defaults(picture, process, now))
    if commands:
        return Steps(commands)
    pen = Pen(picture, process or Process(picture.order.order_id), now)
    return Steps((), (*told(picture, pen, terms), *_waits(picture, process, pen, terms)))


def advance(
    order: Order, process: Process | None, now: int, policy: Policy, terms: Terms
) -> Advance:
    """Do everything that is to be done at `now`; doing it again does nothing."""
    now = max(now, order.events[-1].recorded_at, process.latest if process else 0)
    order_events: list[Event] = []
    process_events: list[ProcessEvent] = []
    picture = Picture.of(order, now, policy)
    for _ in range(_MOST_ROUNDS):
        steps = _steps(picture, process, now, terms)
        if steps.commands:
            order, events = _obey(picture, steps.commands, policy)
            order_events += events
            moved = any(type(event) not in STILL for event in events)
            where = order.goods() if moved else picture.where
            picture = Picture.with_goods(order, where, now, policy)
        elif steps.events:
            for said in steps.events:
                process = evolve(process, said)
                process_events.append(said)
        else:
            due_at = _due_at(picture, process, terms)
            return Advance(order, process, tuple(order_events), tuple(process_events), due_at)
    raise RuntimeError(f"the process of order {order.order_id} does not come to rest")


def _obey(
    picture: Picture, commands: tuple[Command, ...], policy: Policy
) -> tuple[Order, list[Event]]:
    """Let the order decide."""
    order, events = picture.order, list[Event]()
    refunds = {refund.refund_id: refund for refund in picture.money.refunds}
    for command in commands:
        if isinstance(command, AskForRefund):
            # As `decide` would: it is listed in this very picture.
            decided: tuple[Event, ...] = (requested(command, refunds[command.refund_id]),)
        else:
            decided = decide(order, command, policy).events
        for event in decided:
            order = evolve_order(order, event)
            events.append(event)
    return order, events


def _due(picture: Picture, now: int) -> Iterator[AskForRefund]:
    """Refunds that are due, and that nobody was asked for."""
    refunds = [one for one in picture.money.refunds if one.state in ("due", "failed")]
    if not refunds:
        return
    asked = {
        event.refund_id for event in picture.order.events if isinstance(event, RefundRequested)
    }
    for refund in refunds:
        if refund.refund_id not in asked:
            yield AskForRefund(
                occurred_at=now,
                now=now,
                source=SOURCE,
                message_id=f"pay:{refund.refund_id}:1",
                refund_id=refund.refund_id,
            )


def _defaults(picture: Picture, process: Process | None, now: int) -> Iterator[DecideCase]:
    """What is decided because a case's deadline has passed; once, whatever comes of it."""
    if process is None:
        return
    for wait in process.waits.values():
        name, _, line_id = wait.wait.partition(":")
        default = _DEFAULTS.get(name)
        if default is None or not wait.is_overdue:
            continue
        kind, outcome = default
        units = picture.units.get(line_id, {}).get(kind, 0)
        cause = f"{wait.wait}:{process.sent[f'wait:{wait.wait}']}"
        decision_id = _decision_id(picture.order.order_id, cause)
        if not units or _is_decided(picture.order, decision_id):
            continue
        yield DecideCase(
            occurred_at=now,
            now=now,
            source=SOURCE,
            message_id=f"decide:{cause}",
            decision_id=decision_id,
            line_id=line_id,
            quantity=units,
            outcome=outcome,
            reason="deadline_passed",
            decided_by="deadline",
            about=kind,
        )


def _is_decided(order: Order, decision_id: str) -> bool:
    return any(
        isinstance(event, CaseDecided | DecisionRefused) and event.decision_id == decision_id
        for event in order.events
    )


def _decision_id(order_id: str, cause: str) -> str:
    digest = sha256(f"{order_id}\ndeadline\n{cause}".encode()).hexdigest()
    return f"d-{digest[:32]}"


def _waits(
    picture: Picture, process: Process | None, pen: Pen, terms: Terms
) -> Iterator[ProcessEvent]:
    """Start, change, escalate and end waits."""
    open_waits = process.waits if process else {}
    wants = wanted(picture, process, terms)
    for name in open_waits:
        if name not in wants:
            yield WaitEnded(**pen.common(f"end:{name}"), wait=name)
    for name, want in wants.items():
        wait = open_waits.get(name)
        if wait is None:
            yield _start(want, pen)
        elif _differs(want, wait):
            yield _change(want, wait, pen)
        elif wait.until is not None and wait.until <= pen.now and not wait.is_overdue:
            yield _pass(want, wait, wait.until, pen, terms)


def _start(want: Want, pen: Pen) -> WaitStarted:
    return WaitStarted(
        **pen.common(f"wait:{want.wait}"),
        wait=want.wait,
        waits_for=want.waits_for,
        reason=want.reason,
        items=want.items,
        until=pen.now + want.patience,
    )


def _differs(want: Want, wait: Wait) -> bool:
    is_case = wait.waits_for == "seller"
    return want.items != wait.items or (want.reason != wait.reason and not is_case)


def _change(want: Want, wait: Wait, pen: Pen) -> WaitChanged:
    """More units begin a new time of waiting, and so does the rest of them; fewer units do not.

    A case stays one, with its deadline, whatever its units are now.
    """
    is_case = wait.waits_for == "seller" and want.waits_for != "seller"
    grew = _units(want) > sum(item.quantity for item in wait.items)
    begins_anew = not is_case and (grew or (want.reason in _RENEWS and want.reason != wait.reason))
    return WaitChanged(
        **pen.common(f"change:{want.wait}"),
        wait=want.wait,
        reason=wait.reason if is_case else want.reason,
        items=want.items,
        until=pen.now + want.patience if begins_anew else wait.until,
    )


def _units(want: Want) -> int:
    return sum(item.quantity for item in want.items)


def _pass(want: Want, wait: Wait, deadline: int, pen: Pen, terms: Terms) -> DeadlinePassed:
    becomes_case = wait.waits_for != "seller"
    return DeadlinePassed(
        **pen.common(f"deadline:{want.wait}"),
        wait=want.wait,
        deadline=deadline,
        reason=want.overdue if becomes_case else wait.reason,
        until=pen.now + terms.case if becomes_case else None,
    )


def _due_at(picture: Picture, process: Process | None, terms: Terms) -> int | None:
    moments = list(retries(picture, process, terms).values())
    if picture.money.turns_due_at is not None:
        moments.append(picture.money.turns_due_at)
    if process is not None:
        open_waits = process.waits.values()
        moments += [wait.until for wait in open_waits if wait.until and not wait.is_overdue]
    return min(moments, default=None)
