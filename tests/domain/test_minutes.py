"""Moments are written as calendars have them."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from domain.minutes import minute

EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001  only added to


def test_a_moment_is_written_to_the_minute_in_utc() -> None:
    assert minute(0) == "1970-01-01 00:00 UTC"
    assert minute(1_800_000_059_999_999) == "2027-01-15 08:00 UTC"


@given(st.integers(-62_135_596_800_000_000, 253_402_300_799_000_000))
def test_it_is_the_calendar_of_everybody_else(micros: int) -> None:
    moment = EPOCH + timedelta(microseconds=micros)

    assert minute(micros) == f"{moment.year:04}-{moment:%m-%d %H:%M} UTC"
