"""Times as operators, sellers and auditors read them: UTC, to the second where it matters."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache

from consumers.times import EPOCH, to_microseconds
from domain.events import Event

HOUR = 3_600_000_000
# Not `strftime`: there are a hundred moments on a page, and its words are the locale's.
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_LENGTHS = ((24 * HOUR, "day"), (HOUR, "h"), (60_000_000, "min"), (1_000_000, "s"))

_LATE = 60_000_000
"""Microseconds: what we heard of sooner we heard of at once."""

made_once = lru_cache(maxsize=10_000)
"""Makes a moment's words once: the same few stand on a page many times, and on the next one."""


def heard_late(event: Event) -> int | None:
    """When we heard of it, if that was more than a minute later."""
    return event.recorded_at if event.recorded_at - event.occurred_at > _LATE else None


def _at(micros: int) -> datetime:
    return datetime.fromtimestamp(micros // 1_000_000, EPOCH.tzinfo)


@made_once
def date(micros: int) -> str:
    """A day: `17 Nov 2026`."""
    at = _at(micros)
    return f"{at.day} {_MONTHS[at.month - 1]} {at.year}"


@made_once
def clock(micros: int) -> str:
    """A time of day, to the second: `14:02:09`."""
    at = _at(micros)
    return f"{at.hour:02}:{at.minute:02}:{at.second:02}"


@made_once
def when(micros: int) -> str:
    """A moment: `17 Nov 2026, 14:02:09`."""
    return f"{date(micros)}, {clock(micros)}"


@made_once
def brief(micros: int) -> str:
    """A moment of these months: `17 Nov, 14:02`."""
    at = _at(micros)
    return f"{at.day} {_MONTHS[at.month - 1]}, {at.hour:02}:{at.minute:02}"


def when_text(moment: str | None) -> str:
    """The same of RFC 3339; nothing for none."""
    return "" if moment is None else when(to_microseconds(moment))


def length(micros: int) -> str:
    """How long something takes, in its largest unit: `29 h`, `11 days`, `under 1 s`."""
    for size, unit in _LENGTHS:
        if micros >= size:
            number = round(micros / size)
            plural = "s" if unit == "day" and number > 1 else ""
            return f"{number} {unit}{plural}"
    return "under 1 s"
