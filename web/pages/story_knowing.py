"""Who did not know what, from when until when: what was heard later than it happened.

The shop did not know what it heard late; the warehouse had not answered what it was asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from web.pages.showing import clock, date, length, when
from web.pages.story_links import answered_stops
from web.pages.story_marks import Mark
from web.pages.story_picture import was_late

_LONGEST = 160
"""Characters of what was not known; the list has it whole."""


class Unknown(NamedTuple):
    """Something that one side did not know for a while."""

    who: str
    number: int
    """The entry that it is about."""
    what: str
    since: str
    until: str
    length: str
    microseconds: int


def unknown(known: Sequence[Mark]) -> list[Unknown]:
    """What was not known for a minute or more, the longest first."""
    return sorted(_unknown(known), key=lambda one: -one.microseconds)


def _unknown(known: Sequence[Mark]) -> Iterator[Unknown]:
    for mark in known:
        if was_late(mark) and mark.recorded > mark.occurred and not mark.entry.is_process:
            yield _one("Shop", "", mark, mark.occurred, mark.recorded)
    for asked, answer in answered_stops(known):
        if answer.occurred > asked.recorded:
            yield _one("Warehouse", "No answer yet: ", asked, asked.recorded, answer.occurred)


def _one(who: str, before: str, mark: Mark, since: int, until: int) -> Unknown:
    said = before + mark.entry.sentence
    what = said if len(said) <= _LONGEST else f"{said[: _LONGEST - 1]}…"
    is_same_day = date(since) == date(until)
    shown = clock(until) if is_same_day else when(until)
    took = until - since
    return Unknown(who, mark.number, what, when(since), shown, length(took), took)
