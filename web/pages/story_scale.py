"""Where moments stand on the axis of a story: in order, close ones apart, quiet times folded.

Between two folds one scale holds, save that marks of a lane never stand upon each other.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from web.pages.showing import length

LEFT = 112.0
"""Where time begins; lanes have their names before it. All in px of the picture."""
APART = 23.0
"""Between the centres of two marks of one lane."""
WIDE = 1_060.0
"""What a picture takes at least: a few events are spread over it."""
_USUAL = 40.0
"""What the gap takes that half of the gaps are shorter than."""
_LONGEST = 130.0
_FOLD = 40.0
_TIGHTEST = 2.0
_SPREADS = (7.0, 5.0, 4.0, 3.0, 2.0, 1.5, 1.0, 0.75, 0.6)
_FITS = 960.0
"""Up to where the last mark may stand, so that its label has room."""


class Fold(NamedTuple):
    """A quiet time that is not drawn out."""

    x: float
    words: str


class Scale(NamedTuple):
    """Moments (microseconds) and where they stand."""

    moments: tuple[int, ...]
    xs: tuple[float, ...]
    folds: tuple[Fold, ...]
    spots: Mapping[int, float]
    """Where each mark stands, by its number: its moment, or right of it where others are."""
    end: float

    def x(self, moment: int) -> float:
        """Where a moment stands: at the last one on the axis that is not after it."""
        return self.xs[max(0, bisect_right(self.moments, moment) - 1)]


class Standing(NamedTuple):
    """A mark that needs a place on its lane at a moment."""

    number: int
    lane: str
    moment: int


def scale(standing: Sequence[Standing], others: Iterable[int]) -> Scale:
    """Place marks and other moments, as wide as there is room for."""
    by_moment: dict[int, list[Standing]] = {moment: [] for moment in others}
    for one in standing:
        by_moment.setdefault(one.moment, []).append(one)
    moments = tuple(sorted(by_moment))
    per_gap = _USUAL / _usual_gap(moments)
    found = _placed(moments, by_moment, per_gap, 1.0)
    for spread in _SPREADS:
        wider = _placed(moments, by_moment, per_gap, spread)
        if wider.end <= _FITS:
            return wider
    return found


def _usual_gap(moments: Sequence[int]) -> int:
    gaps = sorted(later - earlier for earlier, later in pairwise(moments))
    return max(1, gaps[len(gaps) // 2]) if gaps else 1


def _placed(
    moments: tuple[int, ...],
    by_moment: Mapping[int, Sequence[Standing]],
    per_gap: float,
    spread: float,
) -> Scale:
    xs: list[float] = []
    folds: list[Fold] = []
    spots: dict[int, float] = {}
    last: dict[str, float] = {}
    x = LEFT + 14
    for place, moment in enumerate(moments):
        before = x
        fold, wide = _gap(moment - moments[place - 1], per_gap) if place else ("", 0.0)
        x += wide * spread if not fold else wide
        here = by_moment[moment]
        x = max([x, *(last[one.lane] + APART for one in here if one.lane in last)])
        if fold:
            folds.append(Fold((max(before, x - _FOLD) + x) / 2, fold))
        xs.append(x)
        for one in here:
            spots[one.number] = last[one.lane] = max(x, last.get(one.lane, 0.0) + APART)
    end = max([x, *last.values()]) + 40
    return Scale(moments, tuple(xs), tuple(folds), spots, end)


def _gap(gap: int, per_gap: float) -> tuple[str, float]:
    wide = gap * per_gap
    if wide > _LONGEST:
        return length(gap), _FOLD
    return "", max(_TIGHTEST, wide)
