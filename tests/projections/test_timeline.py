"""The timeline tells what happened and what was done about it in one story, and what is awaited."""

from __future__ import annotations

from application.event_store import EventStore
from domain import events
from domain.asking import Asked, asked
from domain.process_events import RefundRetried
from projections import refunds
from projections.timeline import of_order
from tests.support.following import differences, follower
from tests.support.processes_told import DAY, Managed, run_processes
from tests.support.recorded import START, Story, record

MUG = "2 x Enamel mug no. 1"


def test_an_order_is_told_with_what_was_done_and_what_is_awaited(store: EventStore) -> None:
    story = Story("A-1").placed(3, 2).released().cancelled("C1", L1=2)
    record(store, story)
    process = Managed(story).stop_requested("C1", L1=2)
    process.waits("stop:C1", "warehouse", "warehouse_to_stop", L1=2).record(store)

    told = of_order(store, "A-1", START + DAY)

    assert told is not None
    assert [(one["of"], one["version"], one["sentence"]) for one in told["entries"]][1:] == [
        ("order", 2, "The shop handed all goods in stock to warehouse w1."),
        ("order", 3, f"The buyer cancelled {MUG}, because of a changed mind."),
        ("process", 1, f"The warehouse was asked to stop {MUG}."),
        ("process", 2, f"The warehouse has to stop {MUG} by 2027-01-16 08:00 UTC."),
    ]
    assert told["entries"][3] == {
        "recorded_at": "2027-01-15T08:00:04Z",
        "occurred_at": "2027-01-15T08:00:04Z",
        "of": "process",
        "version": 1,
        "type": "StopRequested",
        "sentence": f"The warehouse was asked to stop {MUG}.",
    }
    assert told["awaited"] == [
        {
            "waits_for": "warehouse",
            "reason": "warehouse_to_stop",
            "items": [{"line_id": "L1", "quantity": 2}],
            "since": "2027-01-15T08:00:05Z",
            "until": "2027-01-16T08:00:04Z",
            "overdue": False,
        }
    ]


def test_an_order_without_a_process_is_told_alone(store: EventStore) -> None:
    record(store, Story("A-1").placed(3))

    told = of_order(store, "A-1", START)

    assert told is not None
    assert (len(told["entries"]), told["awaited"]) == (1, [])


def test_an_order_that_never_was_has_no_timeline(store: EventStore) -> None:
    assert of_order(store, "A-1", START) is None


def test_a_refund_says_how_often_it_was_asked_for_and_why_it_is_not_paid(
    postgres_url: str, store: EventStore
) -> None:
    story = Story("A-1").placed(2).cancelled("C1", L1=2)
    record(store, story, Story("A-2").placed(2, 1).cancelled("C1", L1=1))
    run_processes(store, START + 60_000_000, START + 2 * DAY)
    follower(postgres_url, store).catch_up()

    with store.connection() as conn:
        held, asked = (
            [
                (one["state"], one["reason"], one["times_asked"], one["last_asked_at"])
                for one in refunds.listed(conn, state=state)["refunds"]
            ]
            for state in ("held", "requested")
        )

    assert held == [("held", "goods_still_to_ship", 0, None)]
    assert asked == [("requested", "everything_cancelled", 2, "2027-01-17T08:00:00Z")]
    assert differences(store) == []


def test_a_refund_that_failed_says_the_providers_words_until_it_is_paid() -> None:
    story = Story("A-1").placed(2).cancelled("C1", L1=2)
    story.tell(events.RefundRequested, refund_id="r1", amount=2870)
    story.tell(events.RefundFailed, refund_id="r1", reason="account_closed")
    process = Managed(story).tell(
        RefundRetried, later=3_000_000, refund_id="r1", amount=2870, currency="EUR", attempt=2
    )
    failed = asked(story.told, process.told)
    story.tell(events.RefundIssued, refund_id="r1", amount=2870, currency="EUR")

    assert failed == {"r1": Asked(2, START + 7_000_000, "account_closed")}
    assert asked(story.told, process.told) == {
        "r1": Asked(2, START + 7_000_000, None, START + 8_000_000)
    }
