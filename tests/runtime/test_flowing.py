"""How fast everything flows: two looks at positions that everybody shares, and who is at work."""

from __future__ import annotations

from itertools import count

import psycopg
import pytest

from application.event_store import EventStore
from application.owner import try_lock, unlock
from application.recording import Step
from runtime import flowing
from runtime.flowing import Flowing, Kept
from runtime.settings import Settings


@pytest.fixture
def looks(store: EventStore, monkeypatch: pytest.MonkeyPatch) -> Flowing:
    """Looks without Kafka, where two looks may follow at once."""
    monkeypatch.setattr(flowing, "_SHORTEST", 1e-6)
    return Flowing(Settings(kafka_bootstrap_servers=None), store)


def test_a_follower_is_as_fast_as_its_position_moves_between_two_looks(
    looks: Flowing, store: EventStore
) -> None:
    store.append([], [Step("follower/views", None, 10)])
    first = looks.look()
    store.append([], [Step("follower/views", 10, 30)])
    second = looks.look()

    assert first["topics"] is None
    assert first["followers"] == {"views": {"works": False, "rate": None}}
    assert second["followers"]["views"]["rate"] > 0
    assert (second["recorded"], second["of_process"]) == (0.0, 0.0)


def test_who_is_at_work_is_seen_whatever_process_it_is(
    looks: Flowing, store: EventStore, postgres_url: str
) -> None:
    store.append([], [Step("follower/views", None, 10)])
    with psycopg.connect(postgres_url, autocommit=True) as other:
        assert try_lock(other, "follower/views")
        assert looks.look()["followers"]["views"]["works"]
        unlock(other, "follower/views")
        assert not looks.look()["followers"]["views"]["works"]


def test_a_look_is_good_for_a_moment_however_many_ask() -> None:
    looked = count()
    kept, anew = (Kept(lambda: {"look": next(looked)}, seconds) for seconds in (60.0, 0.0))
    assert [kept()["look"] for _ in range(3)] == [0, 0, 0]
    assert [anew()["look"] for _ in range(3)] == [1, 2, 3]
