"""Faults of a process, each planted by replacing one function, with a few letters to find it by."""

# ruff: noqa: ANN401 - a fault takes whatever the right function takes
from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any, NamedTuple

from msgspec.structs import replace

import domain.goods
from application import late_cancellations as runner
from application.recording import Step
from domain import next_steps, telling, waiting
from domain.events import ItemCancelRequested
from domain.process_events import StopWithdrawn, WaitEnded
from tests.support.shop import SECOND
from tests.walk import walk
from tests.walk.replacing import replaced

Change = Callable[[Any], Any]


class Planted(NamedTuple):
    """A fault by what goes wrong: a function, what it is replaced by, and letters."""

    fault: str
    where: object
    name: str
    wrong: Change
    """Makes the wrong function of the right one."""
    letters: tuple[str, ...]
    messages: int = 5

    def plant(self) -> AbstractContextManager[None]:
        """The fault, for a while."""
        right = vars(self.where)[self.name]
        return replaced(self.where, **{self.name: self.wrong(right)})


def _nothing(_: Any) -> Any:
    return lambda *_: ()


def _without(kind: type) -> Change:
    """The same events, less those of a kind."""

    def change(right: Any) -> Any:
        def wrong(*parts: Any) -> Iterator[Any]:
            return (event for event in right(*parts) if not isinstance(event, kind))

        return wrong

    return change


def _changed(**values: Any) -> Change:
    """The same event, with other values."""

    def change(right: Any) -> Any:
        return lambda *parts: replace(right(*parts), **values)

    return change


def _each_changed(changed: Callable[[Any], dict[str, Any]]) -> Change:
    def change(right: Any) -> Any:
        return lambda *parts: (replace(one, **changed(one)) for one in right(*parts))

    return change


def _asks_twice(right: Any) -> Any:
    """The warehouse is asked once more, until it was asked twice."""

    def wrong(picture: Any, pen: Any) -> Any:
        if max(pen.process.sent.values(), default=0) < 2:
            pen.process = replace(pen.process, stops={})
        return right(picture, pen)

    return wrong


def _held_is_due(right: Any) -> Any:
    """What is held is asked for as if it were due."""

    def wrong(picture: Any, now: int) -> Any:
        refunds = tuple(
            replace(one, state="due") if one.state == "held" else one
            for one in picture.money.refunds
        )
        return right(picture._replace(money=replace(picture.money, refunds=refunds)), now)

    return wrong


def _crossed_succeed(right: Any) -> Any:
    """What crossed is refunded at once, not when it is back."""

    def wrong(*parts: Any) -> Any:
        return tuple(replace(one, succeeded=one.succeeded + one.crossed) for one in right(*parts))

    return wrong


def _decides_early(right: Any) -> Any:
    """The default is decided before the deadline of the case."""

    def wrong(picture: Any, process: Any, now: int) -> Any:
        if process is None:
            return ()
        waits = {name: replace(one, is_overdue=True) for name, one in process.waits.items()}
        return right(picture, replace(process, waits=waits), now)

    return wrong


def _decides_twice(right: Any) -> Any:
    """The default is decided once more, under another id."""

    def wrong(*parts: Any) -> Iterator[Any]:
        for command in right(*parts):
            yield command
            again = {"decision_id": command.decision_id + "2", "message_id": "decide:again:1"}
            yield replace(command, **again)

    return wrong


def _position_first(right: Any) -> Any:
    """The position is committed before the work that was read behind it."""

    def wrong(self: Any, looks: Any, steps: list[Step]) -> None:
        if steps:
            self._log.append([], steps)
        right(self, looks, [])

    return wrong


def _later(right: Any) -> Any:
    """A second too late."""

    def wrong(*parts: Any) -> int | None:
        due_at = right(*parts)
        return None if due_at is None else due_at + SECOND

    return wrong


def _fires_again(right: Any) -> Any:
    """A deadline leaves the wait with the deadline that it had."""

    def wrong(*parts: Any) -> Any:
        event = right(*parts)
        return replace(event, until=event.deadline)

    return wrong


def _no_large(right: dict[str, Any]) -> dict[str, Any]:
    return {kind: case for kind, case in right.items() if kind != "at_large"}


def _let_through(_: Any) -> Any:
    """Who was overtaken writes all the same: nobody compares versions and positions."""
    return lambda *_: False


STOPPED = ("cancel all", "release", "confirm in part", "ship line 1")
BACK = ("cancel all", "ship line 1", "reject line 1", "back damaged", "a deadline passes")
SPOILT = ("cancel all", "ship line 1", "back damaged", "a deadline passes")
TAKEN = ("cancel all", "ship line 1", "deliver line 1")
PAID = ("cancel all", "paid", "payment fails", "a deadline passes")
WITHDRAWN = ("release", "cancel one", "withdraw one")
HELD = ("cancel one", "ship line 1", "a deadline passes")

PLANTED = [
    Planted(
        "a cancellation wakes nobody",
        runner,
        "INTERESTING",
        lambda right: right - {ItemCancelRequested},
        ("cancel all", "ship line 1"),
    ),
    Planted(
        "a position is committed before its work",
        runner.LateCancellations,
        "_write",
        _position_first,
        STOPPED,
    ),
    Planted("a stale owner is accepted", walk, "is_refused", _let_through, STOPPED),
    Planted(
        "a look at an older order is written behind a newer one",
        walk,
        "is_outdated",
        _let_through,
        ("release", "cancel line 2", "a deadline passes", "cancel one", "withdraw one"),
        6,
    ),
    Planted("nobody is woken by time", next_steps, "_due_at", lambda _: lambda *_: None, PAID),
    Planted("a deadline is a second late", next_steps, "_due_at", _later, PAID),
    Planted("a deadline is fired twice", next_steps, "_pass", _fires_again, PAID),
    Planted("a case has no deadline", next_steps, "_start", _changed(until=None), BACK),
    Planted("a wait never ends", next_steps, "_waits", _without(WaitEnded), STOPPED),
    Planted("a default is decided early", next_steps, "_defaults", _decides_early, BACK),
    Planted("a default is decided twice", next_steps, "_defaults", _decides_twice, SPOILT),
    Planted("a hold is ignored", next_steps, "_due", _held_is_due, HELD),
    Planted(
        "a second refund id",
        next_steps,
        "requested",
        _changed(refund_id="r-another"),
        PAID,
    ),
    Planted(
        "a retry under a new id",
        telling,
        "_retries",
        _each_changed(lambda one: {"refund_id": f"{one.refund_id}-{one.attempt}"}),
        PAID,
    ),
    Planted(
        "a retry with another amount",
        telling,
        "_retries",
        _each_changed(lambda one: {"amount": one.amount + 1}),
        PAID,
    ),
    Planted(
        "money before the goods are back", domain.goods, "by_cancellation", _crossed_succeed, BACK
    ),
    Planted("a stop is asked for twice", telling, "_stops", _asks_twice, STOPPED),
    Planted("a withdrawal is not told", telling, "_stops", _without(StopWithdrawn), WITHDRAWN),
    Planted("a buyer is not told to refuse", telling, "_refusals", _nothing, STOPPED),
    Planted("a lapse is not told", telling, "_lapsed", _nothing, TAKEN),
    Planted("a held refund is not told", telling, "_held", _nothing, HELD),
    Planted("goods at large are not noted", telling, "_exposure", _nothing, STOPPED),
    Planted(
        "goods at large are nobody's case",
        waiting,
        "_CASES",
        _no_large,
        ("cancel all", "ship line 1", "deliver line 1"),
    ),
]
