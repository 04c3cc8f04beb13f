"""An order's story as a picture, in figures that a template writes down as SVG.

Drawn are some forty marks around the moment that is looked at; the list beside it has everything.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from web.pages.story_axis import Label, axis
from web.pages.story_bars import Bar, bars
from web.pages.story_links import Crossing, Line, crossings, lines
from web.pages.story_marks import WHO, Lane, Mark
from web.pages.story_scale import WIDE, Fold, Scale, Standing, scale

MOST = 40
"""Marks that are drawn at once."""
_AHEAD = 10
"""Of these, how many later ones."""
SAME = 60_000_000
"""Microseconds within which something was known as it happened."""
LANES: dict[Lane, int] = {
    "buyer": 116, "shop": 206, "warehouse": 312, "carrier": 398, "payment": 484
}  # fmt: skip
"""Where each lane is, in px from the top."""
_BARS_TOP = 548
_PER_CHARACTER = 6.8


class Spot(NamedTuple):
    """A mark where it stands, and how its label stands to it."""

    mark: Mark
    x: float
    y: int
    tick: float
    """Where on the shop's lane it was recorded."""
    label: str
    """Nothing where there is no room."""
    dy: int

    @property
    def right(self) -> float:
        """Where its label ends."""
        return self.x + len(self.label) * _PER_CHARACTER


class Picture(NamedTuple):
    """Everything that is drawn."""

    width: float
    height: float
    spots: tuple[Spot, ...]
    lines: tuple[Line, ...]
    crossings: tuple[Crossing, ...]
    folds: tuple[Fold, ...]
    days: tuple[Label, ...]
    times: tuple[Label, ...]
    bars: tuple[Bar, ...]
    bars_left_out: int
    cursor: float | None
    """Where the moment is that is looked at; none: at the end."""
    first: int
    last: int
    """Numbers of the first and the last mark that are drawn."""
    is_whole: bool


def picture(told: Sequence[Mark]) -> Picture | None:
    """Draw a story around its last known mark. None: there is nothing to draw."""
    drawable = [mark for mark in told if mark.is_drawn]
    shown = window(drawable, MOST, _AHEAD)
    if not shown:
        return None
    found = scale(
        [Standing(mark.number, mark.lane, mark.occurred) for mark in shown],
        [mark.recorded for mark in shown if was_late(mark)],
    )
    return _drawn(shown, found, len(drawable), is_cut=shown[0] is not drawable[0])


def _drawn(shown: Sequence[Mark], found: Scale, of: int, *, is_cut: bool) -> Picture:
    """Some of the marks of a story that has `of`, on their scale."""
    cursor = _cursor(shown, found)
    spots = tuple(_spots(shown, found))
    ticks = {mark.number: _tick(mark, found) for mark in shown}
    below, left_out = bars(shown, found, cursor, _BARS_TOP, is_cut=is_cut)
    days, times = axis(found)
    return Picture(
        width=max(WIDE, found.end, *(one.right for one in spots)),
        height=(below[-1].y if below else _BARS_TOP - 40) + 24,
        spots=spots,
        lines=lines(shown, found.spots, LANES),
        crossings=crossings(shown, found.spots, ticks, LANES),
        folds=found.folds,
        days=days,
        times=times,
        bars=below,
        bars_left_out=left_out,
        cursor=cursor,
        first=shown[0].number,
        last=shown[-1].number,
        is_whole=len(shown) == of,
    )


def window(drawable: Sequence[Mark], most: int, ahead: int) -> Sequence[Mark]:
    """At most so many marks around the last known one, with so many later ones."""
    if len(drawable) <= most:
        return drawable
    known = max([place for place, mark in enumerate(drawable) if mark.is_known], default=0)
    first = max(0, min(known + 1 + ahead, len(drawable)) - most)
    return drawable[first : first + most]


def was_late(mark: Mark) -> bool:
    """Whether it was known at another time than it happened."""
    return abs(mark.recorded - mark.occurred) >= SAME


def _cursor(shown: Sequence[Mark], found: Scale) -> float | None:
    """Just right of what is known last, and left of what follows it."""
    known = [mark for mark in shown if mark.is_known]
    if not known or len(known) == len(shown):
        return None
    last = max(_tick(mark, found) for mark in known)
    behind = [_tick(mark, found) for mark in shown if not mark.is_known]
    following = min([x for x in behind if x > last], default=last + 32)
    return round(min(last + 16, (last + following) / 2), 1)


def _tick(mark: Mark, found: Scale) -> float:
    return found.x(mark.recorded) if was_late(mark) else found.spots[mark.number]


def _spots(shown: Sequence[Mark], found: Scale) -> list[Spot]:
    taken: dict[tuple[Lane, int], float] = {}
    spots = []
    for mark in sorted(shown, key=lambda one: found.spots[one.number]):
        x = found.spots[mark.number]
        label, dy = "", 0
        for row in (-18, 28) if mark.lane != "shop" else (-18, -33, -48, 28):
            if taken.get((mark.lane, row), 0.0) <= x - 10:
                taken[mark.lane, row] = x - 10 + len(mark.label) * _PER_CHARACTER + 8
                label, dy = mark.label, row
                break
        tick = _tick(mark, found)
        spots.append(Spot(mark, round(x, 1), LANES[mark.lane], round(tick, 1), label, dy))
    return spots


def who(lane: Lane) -> str:
    """A lane's name."""
    return WHO[lane]
