"""The laws of process managers, as properties over random histories, decisions and pauses."""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from application.stored_events import NAMES, Decoders, encode
from domain.events import CaseDecided, RefundRequested
from domain.late_cancellation import Terms, fold
from domain.next_steps import advance, next_steps
from domain.process_events import (
    CancellationSucceeded,
    ProcessEvent,
    RefundRetried,
    StopRequested,
)
from tests.support.histories import History
from tests.support.home import DAY, HOUR, Home, Waiting
from tests.support.shop import NOW

SEEDS = st.integers(min_value=0, max_value=10**9)
PAUSES = (0, 0, HOUR, DAY, 9 * DAY, 25 * DAY)
LONG = 60 * DAY  # a refund is held for 30 days, then awaited for 3, then a case for 7
SELDOM = Terms(retry_first=DAY, retry_longest=20 * DAY)
"""The usual deadlines; the payment provider is asked again less often, to be quick."""


def lived(seed: int, *, decides: bool = True, others_pay: bool = True) -> Home:
    """A history told to its end, with pauses between its messages and decisions among them."""
    home, history, chance = Home(terms=SELDOM), History(seed), Random(seed)
    for message in history.messages():
        if message["type"] == "RefundIssued" and not others_pay:
            continue
        home.hear(message)
        if "A1" not in home.orders:
            continue
        home.later(chance.choice(PAUSES))
        if decides and chance.random() < 0.2:
            home.answer(**history.decision())
    return home


def look(home: Home, now: int) -> tuple[Any, ...]:
    """Everything that a process would do at `now`."""
    process = home.processes.get("A1")
    steps = next_steps(home.orders["A1"], process, now, home.policy, home.terms)
    return (*steps.commands, *steps.events)


def told(home: Home) -> bool:
    """Whether the order was placed: a few histories have one with an impossible discount."""
    return "A1" in home.orders


@given(SEEDS)
def test_waking_again_does_nothing(seed: int) -> None:
    home = lived(seed)
    if told(home):
        due = home.due.get("A1")

        assert home.advance() == []
        assert home.due.get("A1") == due


@given(SEEDS)
def test_time_alone_does_nothing_before_it_is_due_and_something_when_it_is(seed: int) -> None:
    home = lived(seed)
    if not told(home):
        return
    due = home.due["A1"]
    if due is None:
        assert look(home, home.now + LONG) == ()
    else:
        assert due > home.now
        assert look(home, due - 1) == ()
        assert look(home, due) != ()


@given(SEEDS)
def test_a_process_is_what_its_stored_events_say(seed: int) -> None:
    home = lived(seed)
    decoders = Decoders()

    read = [decoders[NAMES[type(event)]](encode(event)) for event in home.process_events()]

    assert fold(event for event in read if isinstance(event, ProcessEvent)) == home.processes.get(
        "A1"
    )


@given(SEEDS)
def test_whatever_a_process_says_has_an_id_of_its_own(seed: int) -> None:
    home = lived(seed)

    named = Counter(
        (event.source, event.message_id, isinstance(event, ProcessEvent)) for event in home.written
    )

    assert [name for name, times in named.items() if times > 1] == []


@given(SEEDS)
def test_a_process_tells_its_order_of_refunds_and_of_deadlines_only(seed: int) -> None:
    """It never changes goods or money by itself."""
    home = lived(seed)

    for event in home.written:
        if not isinstance(event, ProcessEvent):
            assert isinstance(event, RefundRequested | CaseDecided)
            if isinstance(event, CaseDecided):
                assert event.decided_by == "deadline"


@given(SEEDS)
def test_a_refund_is_asked_for_once_and_again_only_under_its_id_and_amount(seed: int) -> None:
    home = lived(seed)
    asked = [event for event in home.written if isinstance(event, RefundRequested)]
    again = [event for event in home.written if isinstance(event, RefundRetried)]
    amounts = {event.refund_id: event.amount for event in asked}

    assert len(amounts) == len(asked)
    assert {event.refund_id for event in again} <= set(amounts)
    assert all(event.amount == amounts[event.refund_id] for event in again)
    for refund_id in amounts:
        attempts = [event.attempt for event in again if event.refund_id == refund_id]
        assert attempts == list(range(2, len(attempts) + 2))


@given(SEEDS)
def test_what_is_asked_for_never_exceeds_what_was_paid(seed: int) -> None:
    home = lived(seed, others_pay=False)
    if told(home):
        asked = sum(event.amount for event in home.written if isinstance(event, RefundRequested))

        assert asked <= home.orders["A1"].placed.paid


@given(SEEDS)
def test_no_unit_is_asked_for_twice(seed: int) -> None:
    """Whatever comes back, is lost, is corrected or decided: a line's units are paid once."""
    home = lived(seed, others_pay=False)
    if not told(home):
        return
    paid: Counter[str] = Counter()
    for event in home.orders["A1"].events:
        if isinstance(event, RefundRequested):
            paid.update({covered.line_id: covered.quantity for covered in event.covers})

    assert all(
        paid[line_id] <= line.line.quantity
        for line_id, line in home.orders["A1"].goods().lines.items()
    )


@given(SEEDS)
def test_no_more_is_asked_or_told_about_a_cancellation_than_it_has(seed: int) -> None:
    home = lived(seed)
    if not told(home):
        return
    has: dict[tuple[str, str], int] = {}
    for event in home.orders["A1"].events:
        for item in getattr(event, "items", None) or ():
            if type(event).__name__ == "ItemCancelRequested":
                has[event.cancellation_id, item.line_id] = item.quantity  # type: ignore[attr-defined]
    for kind in (StopRequested, CancellationSucceeded):
        sums: Counter[tuple[str, str]] = Counter()
        for event in home.process_events():
            if isinstance(event, kind):
                sums.update({(event.cancellation_id, i.line_id): i.quantity for i in event.items})
        assert all(units <= has[name] for name, units in sums.items())


@given(SEEDS)
def test_units_are_conserved_whatever_a_process_does(seed: int) -> None:
    home = lived(seed)
    for line in home.orders["A1"].goods().lines.values() if told(home) else ():
        units = line.ledger
        page = units.cancelled + units.requested + units.refuse_delivery + units.remaining

        assert units.stopped + units.crossed + units.kept + units.to_ship == units.ordered
        assert page == units.ordered
        assert min(msgspec.structs.astuple(units)) >= 0


@given(SEEDS)
def test_silence_ends_with_a_seller_and_nowhere_else(seed: int) -> None:
    """No dead end: whoever is awaited and never answers becomes a case, which stays to be seen."""
    home = lived(seed)
    if not told(home):
        return

    home.later(LONG)

    process = home.processes.get("A1")
    for wait in process.waits.values() if process else ():
        assert (wait.waits_for, wait.is_overdue) == ("seller", True)


@given(SEEDS)
def test_one_late_waking_comes_to_rest_as_well(seed: int) -> None:
    home = lived(seed)
    if not told(home):
        return

    home.now += LONG
    home.advance()

    assert home.advance() == []
    due = home.due["A1"]
    assert due is None or due > home.now


def of_goods(home: Home) -> dict[str, Waiting]:
    """What is awaited, but for money: that depends on what was asked for in between."""
    kinds = ("stop", "refuse", "return", "damaged", "lost", "returned", "wanted", "unaccounted")
    return {name: wait for name, wait in home.waits().items() if name.partition(":")[0] in kinds}


def of_facts(seed: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The order and its cancellations, and the facts, no two of them with one id."""
    messages = list({(m["source"], m["id"]): m for m in History(seed).messages()}.values())
    first = [m for m in messages if m["type"] in ("OrderPlaced", "ItemCancelRequested")]
    first.sort(key=lambda message: message["type"], reverse=True)
    requests = ("OrderPlaced", "ItemCancelRequested", "CancellationWithdrawn", "RefundIssued")
    facts = [m for m in messages if m["type"] not in requests]
    return first, facts


@given(SEEDS, st.randoms(use_true_random=False))
def test_any_order_of_facts_ends_in_the_same_waits(seed: int, chance: Random) -> None:
    first, facts = of_facts(seed)
    shuffled = list(facts)
    chance.shuffle(shuffled)

    one = Home().given(*first, *facts)
    other = Home().given(*first, *shuffled)

    assert of_goods(one) == of_goods(other)


@given(SEEDS)
def test_a_process_that_woke_once_awaits_what_one_that_always_woke_awaits(seed: int) -> None:
    first, facts = of_facts(seed)
    always, once = Home(), Home(eager=False)
    for home in (always, once):
        home.given(*first, *facts)
    if told(once):
        once.advance()

        assert of_goods(once) == of_goods(always)


@settings(max_examples=50)
@given(SEEDS)
def test_advance_changes_nothing_that_it_was_given(seed: int) -> None:
    home = Home(eager=False).given(*History(seed).messages())
    if not told(home):
        return
    order, process = home.orders["A1"], home.processes.get("A1")
    before = msgspec.json.encode(order), msgspec.json.encode(process)

    one = advance(order, process, NOW + LONG, home.policy, home.terms)
    other = advance(order, process, NOW + LONG, home.policy, home.terms)

    assert one == other
    assert (msgspec.json.encode(order), msgspec.json.encode(process)) == before
