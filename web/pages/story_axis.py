"""What is written along the axis of a story: days, and times, where there is room for them."""

from __future__ import annotations

from typing import NamedTuple

from web.pages.showing import clock, date
from web.pages.story_scale import Scale

_DAY, _TIME = 104.0, 58.0
"""Room that a day and a time take, in px."""


class Label(NamedTuple):
    """A word on the axis."""

    x: float
    text: str


def axis(found: Scale) -> tuple[tuple[Label, ...], tuple[Label, ...]]:
    """The days and the times of a scale."""
    days: list[Label] = []
    times: list[Label] = []
    last_day = ""
    for moment, x in zip(found.moments, found.xs, strict=True):
        day = date(moment)
        if day != last_day and (not days or x - days[-1].x >= _DAY):
            days.append(Label(round(x, 1), day))
            last_day = day
        if not times or x - times[-1].x >= _TIME:
            times.append(Label(round(x, 1), clock(moment)))
    return tuple(days), tuple(times)
