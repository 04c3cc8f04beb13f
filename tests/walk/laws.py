"""What must hold for each wake-up of a process, whatever was heard, missed or done before.

`broken` judges a step by the order's goods and money and by what was said before; it knows nothing
of how the next step was found.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from application.late_cancellations import Rules
from domain import order as orders
from domain import process_events as said
from domain.claims import refund_id
from domain.events import (
    CancellationWithdrawn,
    CaseDecided,
    DecisionRefused,
    Event,
    ItemCancelRequested,
    RefundIssued,
    RefundRequested,
)
from domain.goods import Goods
from domain.order import Order
from domain.process_events import ProcessEvent
from tests.walk.complete import incomplete
from tests.walk.looking import Commit
from tests.walk.memory import Memory, Open


class Step(NamedTuple):
    """One step of a process: the order that it looked at, when, and by which rules."""

    order: Order
    where: Goods
    now: int
    rules: Rules


def broken(
    order: Order, done: tuple[ProcessEvent, ...], commit: Commit, now: int, rules: Rules
) -> list[str]:
    """Every law that this step breaks, in words."""
    memory = Memory.of(done)
    # Time never runs backwards in one order, however slow a process was to use its clock.
    now = max(now, order.events[-1].recorded_at, *(one.recorded_at for one in done[-1:]))
    wrong: list[str] = []
    waiting = list(commit.process_events)
    for event in (*commit.order_events, None):
        step = Step(order, order.goods(), now, rules)
        # The two streams were written in turns: each event says which order it saw.
        while waiting and (event is None or waiting[0].order_version <= order.version):
            said_next = waiting.pop(0)
            wrong += _of_process(step, said_next, memory)
            memory.keep(said_next)
        if event is not None:
            wrong += _of_order(step, event, memory)
            order = orders.evolve(order, event)
    if commit.row is not None and commit.row.failure is not None:
        wrong.append(f"it could not be worked out: {commit.row.failure}")
    elif commit.row is not None:
        wrong += incomplete(order, order.goods(), memory, commit.row.due_at, now, rules)
    elif commit.process_events or done:
        wrong.append("a process without a row is never woken")
    return wrong


def _of_order(step: Step, event: Event, memory: Memory) -> Iterator[str]:
    if any(
        (one.source, one.message_id) == (event.source, event.message_id)
        for one in step.order.events
    ):
        yield f"{event.message_id} was recorded before"
    if isinstance(event, RefundRequested):
        yield from _refund(step, event)
    elif isinstance(event, DecisionRefused):
        yield f"{event.message_id}: what a process decides is refused: {event.rule}"
    elif isinstance(event, CaseDecided):
        wait = event.message_id.removeprefix("decide:").rpartition(":")[0]
        known = memory.waits.get(wait)
        if known is None or not known.overdue:
            yield f"{wait} was decided by a deadline that has not passed"


def _refund(step: Step, event: RefundRequested) -> Iterator[str]:
    order, where = step.order, step.where
    money = order.money_for(where, step.now, step.rules.policy)
    due = [one for one in money.refunds if one.state in ("due", "failed")]
    if (event.refund_id, event.amount) not in [(one.refund_id, one.amount) for one in due]:
        yield f"{event.refund_id} is asked for, and is not due, or another amount is"
    asked = [one for one in order.events if isinstance(one, RefundRequested | RefundIssued)]
    if any(one.refund_id == event.refund_id for one in asked):
        yield f"{event.refund_id} was asked for before"
    known = {one.refund_id: one for one in asked if one.covers or one.fee}
    amounts = [getattr(one, "listed_amount", None) or one.amount for one in known.values()]
    if sum(amounts) + event.amount > order.placed.paid:
        yield "more is asked for than was paid"
    for covered in event.covers:
        line = where.lines[covered.line_id]
        before = sum(
            one.quantity
            for refund in known.values()
            for one in refund.covers
            if one.line_id == covered.line_id
        )
        decided = sum(
            settled.quantity
            for decision in line.decisions
            for settled in decision.settles
            if decision.outcome == "refund" and settled.kind != "odd"
        )
        entitled = line.ledger.succeeded + line.ledger.back_good + decided
        if before + covered.quantity > entitled:
            yield f"line {covered.line_id}: money for units that entitle to none"
    if event.fee and (not where.all_cancelled() or any(one.fee for one in asked)):
        yield "the shipping fee is asked for too early, or twice"
    yield from _held_back(step, event)


def _held_back(step: Step, event: RefundRequested) -> Iterator[str]:
    if step.where.to_ship() == 0:
        return
    for _, cancellation in step.where.cancellations:
        ids = {
            refund_id(step.order.order_id, "cancellation", cancellation.cancellation_id, n)
            for n in range(1, 9)
        }
        until = cancellation.recorded_at + step.rules.policy.maximum_hold
        if event.refund_id in ids and step.now < until:
            yield f"a refund of {cancellation.cancellation_id} did not wait for the rest to ship"


def _of_process(step: Step, event: ProcessEvent, memory: Memory) -> Iterator[str]:
    if event.message_id in memory.ids:
        yield f"{event.message_id} was said before"
    if event.recorded_at > step.now:
        yield f"{event.message_id} was recorded in the future"
    match event:
        case said.StopRequested() | said.StopWithdrawn():
            yield from _stop(step.order, event, memory)
        case said.RefundRetried():
            yield from _retry(step, event, memory)
        case said.WaitStarted() | said.WaitChanged() | said.DeadlinePassed() | said.WaitEnded():
            yield from _wait(step, event, memory)
        case said.CancellationSucceeded() | said.CancellationLapsed():
            yield from _too_many(step, event, memory)
        case _:
            yield from _told_twice(event, memory)


def _too_many(
    step: Step, event: said.CancellationSucceeded | said.CancellationLapsed, memory: Memory
) -> Iterator[str]:
    """No more units succeed, or lapse, than there are."""
    for item in event.items:
        line_id = item.line_id
        if isinstance(event, said.CancellationLapsed):
            told, most = memory.lapsed[line_id], step.where.lines[line_id].ledger.ordered
        else:
            name = event.cancellation_id
            told, most = memory.succeeded[name, line_id], _cancelled(step.order, name, line_id)
        if told + item.quantity > most:
            yield f"{event.message_id}: the buyer is told of more units than there are"


def _told_twice(event: ProcessEvent, memory: Memory) -> Iterator[str]:
    """The buyer hears of each thing once."""
    match event:
        case said.RefusalRequested():
            for shipment in event.shipment_ids:
                told = memory.refusals.get(shipment, {})
                if all(item.quantity <= told.get(item.line_id, 0) for item in event.items):
                    yield f"the buyer was told before to refuse {shipment}"
        case said.RefundHeld():
            if memory.held.get(event.refund_id) == (event.reason, event.amount):
                yield f"the buyer was told before that {event.refund_id} is held"


def _stop(
    order: Order, event: said.StopRequested | said.StopWithdrawn, memory: Memory
) -> Iterator[str]:
    name = event.cancellation_id
    withdrawn = any(
        isinstance(one, CancellationWithdrawn) and one.cancellation_id == name
        for one in order.events
    )
    if isinstance(event, said.StopWithdrawn):
        if name in memory.withdrawn or not withdrawn:
            yield f"the warehouse is told to go on with {name}: twice, or without a withdrawal"
        return
    if withdrawn:
        yield f"the warehouse is asked to stop {name}, which was withdrawn"
    for item in event.items:
        units = memory.stops[name, item.line_id] + item.quantity
        if units > _cancelled(order, name, item.line_id):
            yield f"the warehouse is asked to stop more of {name} than it has units, or twice"


def _cancelled(order: Order, cancellation_id: str, line_id: str) -> int:
    return sum(
        item.quantity
        for event in order.events
        if isinstance(event, ItemCancelRequested) and event.cancellation_id == cancellation_id
        for item in event.items
        if item.line_id == line_id
    )


def _retry(step: Step, event: said.RefundRetried, memory: Memory) -> Iterator[str]:
    name = event.refund_id
    asked = {one.refund_id: one for one in step.order.events if isinstance(one, RefundRequested)}
    if name not in asked:
        yield f"{name} is asked for again, and never was"
        return
    if any(isinstance(one, RefundIssued) and one.refund_id == name for one in step.order.events):
        yield f"{name} is asked for again, and is paid"
    if event.amount != asked[name].amount:
        yield f"{name} is asked for with another amount"
    attempt = memory.attempts.get(name, 1)
    if event.attempt != attempt + 1:
        yield f"{name}: attempt {event.attempt} after {attempt}"
    terms = step.rules.terms
    pause = min(terms.retry_first * 4 ** (attempt - 1), terms.retry_longest)
    if step.now - memory.asked_at.get(name, asked[name].recorded_at) < pause:
        yield f"{name} is asked for again too soon"


def _wait(
    step: Step,
    event: said.WaitStarted | said.WaitChanged | said.DeadlinePassed | said.WaitEnded,
    memory: Memory,
) -> Iterator[str]:
    name = event.wait
    known = memory.waits.get(name)
    if (known is None) != isinstance(event, said.WaitStarted):
        yield f"{event.message_id}: the wait is {'not open' if known is None else 'open already'}"
    elif isinstance(event, said.DeadlinePassed) and known is not None:
        yield from _fired(step, event, known, memory)
    elif isinstance(event, said.WaitStarted | said.WaitChanged):
        begins = step.now + patience(step.rules, event.reason)
        may_be = {begins} if known is None else {begins, known.until}
        if event.until not in may_be:
            yield f"{name} waits until {event.until}, not until one of {may_be}"


def _fired(step: Step, event: said.DeadlinePassed, known: Open, memory: Memory) -> Iterator[str]:
    name = event.wait
    if (name, event.deadline) in memory.fired:
        yield f"the deadline of {name} was fired before"
    if event.deadline != known.until or event.deadline > step.now:
        yield f"a deadline of {name} is fired that has not passed"
    until = None if known.is_case else step.now + step.rules.terms.case
    if event.until != until:
        yield f"{name}, overdue, waits until {event.until}, not {until}"


def patience(rules: Rules, reason: str) -> int:
    """How long is waited for a reason."""
    terms = rules.terms
    known = {
        "warehouse_to_stop": terms.stop,
        "warehouse_too_late": terms.stop,
        "buyer_to_refuse": terms.refusal,
        "goods_on_their_way_back": terms.back,
        "rest_on_its_way_back": terms.rest,
        "payment_pending": terms.payment,
        "payment_failing": terms.payment,
    }
    return known.get(reason, terms.case)
