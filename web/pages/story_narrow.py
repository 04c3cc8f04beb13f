"""An order's story as a picture for a narrow screen: time runs down, one row for each moment.

Lanes are columns. A mark's line leads to the row in which it was known, so what crossed is two
lines that cross here, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from web.pages.showing import HOUR, clock, date, length
from web.pages.story_links import Crossing, Line, crossings, lines
from web.pages.story_marks import Lane, Mark
from web.pages.story_picture import was_late, window

MOST = 24
"""Marks that are drawn at once."""
_AHEAD = 6
COLUMNS: dict[Lane, int] = {
    "buyer": 84, "shop": 152, "warehouse": 226, "carrier": 288, "payment": 344
}  # fmt: skip
"""Where each lane is, in px from the left, of 366."""
_TOP = 50
_ROW = 36
_KNOWN = 26
"""What a row takes in which something was only known."""
_DAY, _QUIET = 26, 20


class Row(NamedTuple):
    """A moment."""

    y: int
    clock: str
    day: str
    """Where a day begins."""
    quiet: str
    """How long nothing happened before it, where that is an hour or more."""
    known: str
    """What was known then, by number."""


class Spot(NamedTuple):
    """A mark, and its label beside it."""

    mark: Mark
    x: int
    y: int
    tick: int
    """The row in which it was known."""
    label_x: int
    is_left: bool


class Narrow(NamedTuple):
    """Everything that is drawn."""

    height: int
    rows: tuple[Row, ...]
    spots: tuple[Spot, ...]
    lines: tuple[Line, ...]
    crossings: tuple[Crossing, ...]
    cursor: int | None
    first: int
    last: int
    is_whole: bool


class _Step(NamedTuple):
    """Something that takes a row: a mark when it happened, or marks when they were known."""

    moment: int
    mark: Mark | None
    known: tuple[Mark, ...]


def narrow(told: Sequence[Mark]) -> Narrow | None:
    """Draw a story around its last known mark. None: there is nothing to draw."""
    drawable = [mark for mark in told if mark.is_drawn]
    shown = window(drawable, MOST, _AHEAD)
    if not shown:
        return None
    steps = _steps(shown)
    rows = _rows(steps)
    spots = {step.mark.number: row.y for step, row in zip(steps, rows, strict=True) if step.mark}
    ticks = {
        mark.number: row.y for step, row in zip(steps, rows, strict=True) for mark in step.known
    }
    tick = {mark.number: ticks.get(mark.number, spots[mark.number]) for mark in shown}
    return Narrow(
        rows[-1].y + 30,
        tuple(rows),
        tuple(_spot(mark, spots[mark.number], tick[mark.number]) for mark in shown),
        lines(shown, spots, COLUMNS),
        crossings(shown, spots, tick, COLUMNS),
        _cursor(shown, tick),
        shown[0].number,
        shown[-1].number,
        len(shown) == len(drawable),
    )


def _steps(shown: Sequence[Mark]) -> list[_Step]:
    steps = [_Step(mark.occurred, mark, ()) for mark in shown]
    late: dict[int, list[Mark]] = {}
    for mark in shown:
        if was_late(mark):
            late.setdefault(mark.recorded, []).append(mark)
    steps += [_Step(moment, None, tuple(marks)) for moment, marks in late.items()]
    # What was known at a moment comes before what was done about it.
    return sorted(steps, key=lambda one: (one.moment, one.mark.number if one.mark else 0))


def _rows(steps: Sequence[_Step]) -> list[Row]:
    rows: list[Row] = []
    y, day = _TOP, ""
    for before, step in pairwise([steps[0], *steps]):
        gap = step.moment - before.moment
        quiet = length(gap) if gap >= HOUR else ""
        begins = "" if date(step.moment) == day else date(step.moment)
        day = date(step.moment)
        y += (_ROW if step.mark else _KNOWN) + (_DAY if begins else 0) + (_QUIET if quiet else 0)
        known = ", ".join(str(mark.number) for mark in step.known[:3])
        rows.append(Row(y, clock(step.moment)[:5], begins, quiet, known))
    return rows


def _spot(mark: Mark, y: int, tick: int) -> Spot:
    x = COLUMNS[mark.lane]
    is_left = x > COLUMNS["shop"]
    return Spot(mark, x, y, tick, x - 15 if is_left else x + 15, is_left)


def _cursor(shown: Sequence[Mark], tick: dict[int, int]) -> int | None:
    """Below what is known last; none: everything is known."""
    known = [mark for mark in shown if mark.is_known]
    if len(known) == len(shown):
        return None
    return max([tick[mark.number] for mark in known], default=_TOP) + 16
