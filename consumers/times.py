"""RFC 3339 in messages, integer microseconds since 1970 UTC inside."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Annotated

import msgspec

from consumers.bad_message import Malformed

Moment = Annotated[datetime, msgspec.Meta(tz=True)]
"""A time with its offset, as msgspec reads it: rounded to microseconds."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DAY = 86_400_000_000
# Within a day of either end another zone's clock has no year to show.
EARLIEST = -719_161 * DAY
LATEST = 2_932_895 * DAY


def to_microseconds(time: str) -> int:
    """Read an RFC 3339 time with its offset. A leap second counts as the second after it.

    Raises Malformed, rule `not_a_time`.
    """
    try:
        return since_epoch(msgspec.convert(time, Moment))
    except msgspec.ValidationError:
        return _leap_second(time)


def since_epoch(moment: datetime) -> int:
    """Microseconds. Raises Malformed outside the years 1 to 9999."""
    since = moment - EPOCH
    found = since.days * DAY + since.seconds * 1_000_000 + since.microseconds
    if EARLIEST <= found <= LATEST:
        return found
    raise Malformed("time", "not_a_time", "must be in the years 1 to 9999")


def _leap_second(time: str) -> int:
    # RFC 3339 has them, at the end of a UTC day only; our clocks do not.
    if time[16:19] == ":60":
        moment = to_microseconds(f"{time[:17]}59{time[19:]}") + 1_000_000
        if moment // 1_000_000 % 86_400 == 0:
            return moment
    raise Malformed("time", "not_a_time", "must be RFC 3339, like 2026-01-31T12:00:00Z")


def to_rfc3339(microseconds: int) -> str:
    """Write microseconds since 1970 as RFC 3339 in UTC."""
    seconds, fraction = divmod(microseconds, 1_000_000)
    return f"{_second(seconds)}.{fraction:06}Z" if fraction else f"{_second(seconds)}Z"


@lru_cache(10_000)
def _second(seconds: int) -> str:
    # What was recorded at once, or happened in one second, is written once: it is the slow part.
    return (EPOCH + timedelta(seconds=seconds)).isoformat()[:-6]
