"""A moment as a person reads it, in a sentence. Pure: no library that knows a clock or a zone."""

from __future__ import annotations

_MINUTE = 60 * 1_000_000
_DAY = 24 * 60 * _MINUTE
_DAYS_BEFORE_1970 = 719_468
"""From the first of March of the year 0: years that begin in March have their leap day last."""
_ERA = 146_097
"""Days of 400 years."""


def minute(micros: int) -> str:
    """Write microseconds since 1970-01-01 UTC, as in `2026-11-24 13:24 UTC`."""
    days, rest = divmod(micros, _DAY)
    hours, minutes = divmod(rest // _MINUTE, 60)
    year, month, day = _date(days)
    return f"{year:04}-{month:02}-{day:02} {hours:02}:{minutes:02} UTC"


def _date(days: int) -> tuple[int, int, int]:
    """Year, month and day of a day since 1970-01-01, in the calendar of today."""
    era, day = divmod(days + _DAYS_BEFORE_1970, _ERA)
    year = (day - day // 1_460 + day // 36_524 - day // 146_096) // 365
    day -= 365 * year + year // 4 - year // 100
    march = (5 * day + 2) // 153  # months since March: each five have 153 days
    month = march + 3 if march < 10 else march - 9  # noqa: PLR2004  # from January on
    return 400 * era + year + (month <= 2), month, day - (153 * march + 2) // 5 + 1  # noqa: PLR2004
