"""The list of a story: the part of it that one page has room for, whole or of one number only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple
from urllib.parse import urlencode

from projections.shown import moment
from web.pages.showing import clock, date, length, when
from web.pages.story_figures import Figure
from web.pages.story_marks import WHO, Mark
from web.pages.story_picture import SAME

LISTED = 45
"""Entries on one page of the list."""
_ROOM = 8_000
"""Characters of sentences on one page: titles of goods may be long."""
_BEFORE = 30
"""Entries of them before the moment that is looked at, where there are more than fit."""


class Part(NamedTuple):
    """What the list shows: entries from `first` on, by their places in what is listed, from 1."""

    first: int
    last: int
    total: int
    shown: tuple[Mark, ...]
    at: str | None
    figure: Figure | None
    numbers: frozenset[int]
    """Those of the entries that are shown."""

    def link(self, number: int) -> str:
        """Where an entry's row is: on this page, or on another."""
        if number in self.numbers:
            return f"#e{number}"
        return f"{self._query(**{'from': max(1, number - _BEFORE)})}#e{number}"

    def of_figure(self, name: str) -> str:
        """The list of what made a number."""
        return f"{self._query(figure=name)}#evs"

    @property
    def whole(self) -> str:
        """The list of everything."""
        return f"{self._query()}#evs"

    @property
    def before(self) -> str | None:
        """The part before this one."""
        return self._other(max(1, self.first - LISTED)) if self.first > 1 else None

    @property
    def after(self) -> str | None:
        """The part after this one."""
        return self._other(self.last + 1) if self.last < self.total else None

    def _other(self, first: int) -> str:
        more: dict[str, str | int] = {"from": first}
        if self.figure is not None:
            more["figure"] = self.figure.name
        return f"{self._query(**more)}#evs"

    def _query(self, **more: str | int) -> str:
        """An address within the page: the moment that is looked at stays."""
        said = {"as_of": self.at} if self.at is not None else {}
        return f"?{urlencode({**said, **more}, safe=':')}"

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The rows, as a template writes them."""
        return [_row(mark, self.figure) for mark in self.shown]


def part(told: Sequence[Mark], first: int | None, at: str | None, figure: Figure | None) -> Part:
    """The entries that one page has room for, from `first` on, or around the moment."""
    listed = [mark for mark in told if figure is None or figure.by(mark.number)]
    known = max([place for place, mark in enumerate(listed, 1) if mark.is_known], default=1)
    start = _back_from(listed, known) if first is None else min(first, len(listed))
    last, room = start, _ROOM
    while last < min(len(listed), start + LISTED - 1) and room > 0:
        room -= len(listed[last - 1].entry.sentence)
        last += 1
    shown = tuple(listed[start - 1 : last]) if listed else ()
    numbers = frozenset([mark.number for mark in shown])
    return Part(start, min(last, len(listed)), len(listed), shown, at, figure, numbers)


def _back_from(listed: Sequence[Mark], around: int) -> int:
    """Where a page begins on which `around` stands, with what came before and some that follow."""
    before = LISTED - min(LISTED - _BEFORE, len(listed) - around)
    start, room = around, _ROOM * before // LISTED
    while start > max(1, around - before + 1) and room > 0:
        start -= 1
        room -= len(listed[start - 1].entry.sentence)
    return start


def _row(mark: Mark, figure: Figure | None) -> dict[str, Any]:
    event = mark.entry.event
    lag = mark.recorded - mark.occurred
    is_same_day = date(mark.recorded) == date(mark.occurred)
    return {
        "mark": mark,
        "who": WHO[mark.lane],
        "occurred": when(mark.occurred),
        "recorded": clock(mark.recorded) if is_same_day else when(mark.recorded),
        "lag": f"{length(lag)} later" if lag >= SAME else "",
        "message": f"{event.source} {event.message_id}",
        "as_of": moment(mark.recorded),
        "change": figure.by(mark.number) if figure is not None else None,
    }
