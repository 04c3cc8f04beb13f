"""`status` says how far the relay is."""

from __future__ import annotations

from application.event_store import EventStore, Step
from consumers.cloudevents import Incoming
from consumers.intake import Intake
from consumers.publish import POSITION
from runtime import standing
from tests.support.recorded import Story, record


def names(store: EventStore) -> dict[str, int]:
    return {one["name"]: one["behind"] for one in standing._followers(store)}


def test_a_relay_that_never_ran_is_not_behind(store: EventStore) -> None:
    record(store, Story("A").placed(3))
    assert names(store) == {"views": 1}


def test_what_waits_to_be_published_counts_dead_letters_too(store: EventStore) -> None:
    record(store, Story("A").placed(3))
    Intake(store).take([Incoming(b"{")])
    store.append([], [Step(POSITION, None, 0)])
    assert names(store) == {"views": 1, "publish": 2}
    store.append([], [Step(POSITION, 0, store.head())])
    assert names(store) == {"views": 1, "publish": 1}
