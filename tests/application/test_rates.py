"""How much was recorded of late, and who works: asked of the database, whoever did it."""

from __future__ import annotations

from functools import partial

import psycopg
import pytest

from application import rates
from application.event_store import EventStore
from application.owner import try_lock, unlock
from application.rates import Recorded
from consumers.intake import Intake
from tests.support.saying import placed, record

NOW = 1_800_000_000_000_000
SECOND = 1_000_000


def recorded_at(store: EventStore, *seconds: float) -> None:
    """One order for each moment, in seconds before NOW."""
    for number, ago in enumerate(seconds):
        told = Intake(store, now=partial(int, NOW - ago * SECOND))
        told.take([record(placed(f"A-{number}-{ago}"))])


def test_nothing_is_recorded_in_an_empty_log(store: EventStore) -> None:
    assert rates.recorded(store, NOW) == Recorded(0.0, 0.0)


def test_what_was_recorded_in_the_last_minute_counts(store: EventStore) -> None:
    recorded_at(store, 500, 100, 61, 59, 30, 1)
    assert rates.recorded(store, NOW) == Recorded(3 / 60, 0.0)
    assert rates.recorded(store, NOW + 29 * SECOND) == Recorded(2 / 60, 0.0)
    assert rates.recorded(store, NOW + 600 * SECOND) == Recorded(0.0, 0.0)


def test_of_a_long_log_a_bounded_part_is_counted(
    store: EventStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded_at(store, 50, 40, 30, 20, 10)
    monkeypatch.setattr(rates, "MOST", 2)
    assert rates.recorded(store, NOW) == Recorded(2 / 20, 0.0)


def test_who_holds_a_work_does_it_in_whatever_process(store: EventStore, postgres_url: str) -> None:
    names = ["follower/views", "follower/process"]
    with psycopg.connect(postgres_url, autocommit=True) as other:
        assert try_lock(other, "follower/views")
        assert rates.owned(store, names) == {"follower/views"}
        unlock(other, "follower/views")
        assert rates.owned(store, names) == set()
