"""RFC 3339 in messages, integer microseconds since 1970 UTC inside."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from consumers.bad_message import Malformed

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
DAY = 86_400_000_000
# Within a day of either end another zone's clock has no year to show.
EARLIEST = (datetime(1, 1, 2, tzinfo=UTC) - EPOCH) // MICROSECOND
LATEST = (datetime(9999, 12, 30, tzinfo=UTC) - EPOCH) // MICROSECOND
_RFC3339 = re.compile(
    r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,30})?(?:[Zz]|[+-]\d\d:[0-5]\d)", re.ASCII
)


def to_microseconds(time: str) -> int:
    """Read an RFC 3339 time with its offset. Digits beyond microseconds are cut off.

    A leap second counts as the second after it. Raises Malformed, rule `not_a_time`.
    """
    parts = _RFC3339.fullmatch(time)
    if parts is None:
        raise Malformed("time", "not_a_time", "must be RFC 3339, like 2026-01-31T12:00:00Z")
    try:
        moment = (datetime.fromisoformat(time.upper()) - EPOCH) // MICROSECOND
    except ValueError:
        moment = _leap_second(time, len(parts[1] or ""))
    if not EARLIEST <= moment <= LATEST:
        raise Malformed("time", "not_a_time", "must be in the years 1 to 9999")
    return moment


def _leap_second(time: str, fraction: int) -> int:
    if time[17:19] == "60":
        moment = to_microseconds(f"{time[:17]}59{time[19 + fraction :]}") + 1_000_000
        if moment % DAY == 0:
            return moment
    raise Malformed("time", "not_a_time", "names a day or an hour that does not exist")


def to_rfc3339(microseconds: int) -> str:
    """Write microseconds since 1970 as RFC 3339 in UTC."""
    moment = EPOCH + timedelta(microseconds=microseconds)
    return moment.isoformat().replace("+00:00", "Z")
