"""The walks that are made: which letters, up to how many messages, the order's own among them."""

from __future__ import annotations

import gc
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

from tests.support.shop import NOW
from tests.walk.histories import Broken, Histories
from tests.walk.letters import ALPHABET
from tests.walk.remembering import remembered
from tests.walk.rules import RULES
from tests.walk.walk import Walk


class Plan(NamedTuple):
    """One walk."""

    name: str
    letters: tuple[str, ...]
    messages: int


THEMES = (
    Plan(
        "stopping",
        (
            "release",
            "cancel all",
            "withdraw all",
            "confirm in part",
            "too late",
            "ship line 1",
            "stopped",
            "a deadline passes",
        ),
        6,
    ),
    Plan(
        "refusing and coming back",
        (
            "cancel all",
            "ship line 1",
            "deliver line 1",
            "reject one",
            "back damaged",
            "a deadline passes",
        ),
        6,
    ),
    Plan(
        "paying",
        (
            "cancel one",
            "cancel line 2",
            "lost",
            "ship line 1",
            "ship line 2",
            "never shipped",
            "paid",
            "payment fails",
            "refund",
            "a deadline passes",
        ),
        6,
    ),
)
"""What the test suite walks."""

EVERY_KIND = (
    "cancel all",
    "cancel one",
    "withdraw one",
    "release",
    "confirm in part",
    "too late",
    "ship line 1",
    "ship line 2",
    "deliver line 1",
    "reject line 1",
    "back",
    "back damaged",
    "lost",
    "never shipped",
    "paid",
    "payment fails",
    "refund",
    "stopped",
    "a deadline passes",
)

LONG = (
    Plan("every kind of message", EVERY_KIND, 6),
    Plan("the whole alphabet", tuple(ALPHABET), 5),
)
"""What `python -m tests.walk` walks."""


def walked(letters: Iterable[str], messages: int) -> Counter[str]:
    """Walk, and return what was counted. Raises `Broken`."""
    with remembered(), _no_collection():
        chosen = [ALPHABET[name] for name in letters]
        return Walk(Histories(RULES), chosen, messages - 1).run(NOW)


def report(plan: Plan) -> tuple[bool, str]:
    """Walk by one plan; return whether all laws held, and what to print."""
    began = time.monotonic()
    title = f"{plan.name}: {len(plan.letters)} letters, up to {plan.messages} messages"
    try:
        counts = walked(plan.letters, plan.messages)
    except Broken as broken:
        return False, f"{title}\n  BROKEN: {broken}"
    lines = [f"  {number:>12,} {what}" for what, number in counts.most_common()]
    return True, "\n".join([f"{title}, {time.monotonic() - began:.0f} s", *lines])


@contextmanager
def _no_collection() -> Iterator[None]:
    """A walk makes millions of things and no cycles: to look for some costs a third of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
