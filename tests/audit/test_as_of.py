"""As of a moment: with all that was recorded by then, and nothing later."""

from __future__ import annotations

from application.event_store import EventStore
from audit.as_of import as_of
from audit.expected import rows_of
from domain.order import Order, evolve
from tests.support.following import POLICY
from tests.support.recorded import START, Story, record, refused_at_the_door

DAY = 24 * 60 * 60 * 1_000_000


def test_every_moment_is_a_fold_of_what_was_recorded_by_then(store: EventStore) -> None:
    story = refused_at_the_door("A-1")
    record(store, story)

    order: Order | None = None
    for event in story.told:
        order = evolve(order, event)
        for at in (event.recorded_at, event.recorded_at + 999_999):
            expected = rows_of(order, (), at, POLICY)["order_information"]["body"]
            shown = as_of(store, "A-1", at, POLICY)
            assert shown is not None
            assert {name: shown[name] for name in expected} == expected


def test_the_answer_says_which_moment_it_is_about(store: EventStore) -> None:
    record(store, refused_at_the_door("A-1"))

    shown = as_of(store, "A-1", START + 2_000_000, POLICY)

    assert shown is not None
    assert (shown["version"], shown["as_of"]) == (2, "2027-01-15T08:00:02Z")


def test_before_the_first_event_there_is_no_order(store: EventStore) -> None:
    record(store, refused_at_the_door("A-1"))

    assert as_of(store, "A-1", START, POLICY) is None
    assert as_of(store, "A-2", START + DAY, POLICY) is None


def test_a_held_refund_is_judged_by_that_moment(store: EventStore) -> None:
    record(store, Story("A-1").placed(3).cancelled(L1=2))

    states = []
    for days in (29, 31):
        shown = as_of(store, "A-1", START + days * DAY, POLICY)
        assert shown is not None
        states.append(shown["refunds"][0]["state"])

    assert states == ["held", "due"]


def test_what_is_recorded_later_with_an_earlier_producers_time_is_not_known_yet(
    store: EventStore,
) -> None:
    story = Story("A-1").placed(3)
    story.tell(type(refused_at_the_door("A-1").told[2]), shipment_id="S1", items=())
    record(store, story)

    shown = as_of(store, "A-1", story.told[0].recorded_at, POLICY)

    assert shown is not None
    assert shown["version"] == 1
