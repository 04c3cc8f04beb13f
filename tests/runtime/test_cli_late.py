"""`late`, `exposure`, `timeline`, `conformance` and `refunds`, as people ask them."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from application.event_store import EventStore
from domain import events
from domain.items import Covered
from tests.support.command import Command, Said
from tests.support.following import follower
from tests.support.processes_told import HOUR, Managed
from tests.support.recorded import Story, record

NOW = time.time_ns() // 1000
MUG = "2 x Enamel mug no. 1"

Run = Callable[..., Said]


@pytest.fixture
def countermand(
    postgres_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Run:
    command = Command(tmp_path, database_url=postgres_url)
    return partial(command.here, patch=monkeypatch, says=capsys)


@pytest.fixture
def troubled(postgres_url: str, store: EventStore) -> None:
    """One order that waits, one that is overdue, one that ended, and one with goods out."""
    waits, overdue, ended = (waiting(n, hours) for n, hours in ((1, 40), (2, 1), (3, 1)))
    ended.story.tell(
        events.CancellationConfirmed,
        later=75 * 60_000_000,
        cancellation_id="C1",
        confirmed_by="warehouse",
    )
    ended.ends("stop:C1")
    processes = (waits, overdue, ended)
    record(store, *(one.story for one in processes), out())
    for one in processes:
        one.record(store)
    follower(postgres_url, store, lambda: NOW).catch_up()


def waiting(number: int, hours: int) -> Managed:
    """An order of ten hours ago that waits so many hours for its warehouse."""
    story = Story(f"A-{number}", seller_id=f"s{number % 2}", at=NOW - 10 * HOUR)
    story.placed(3, 2).released().cancelled("C1", L1=2)
    process = Managed(story).stop_requested("C1", L1=2)
    return process.waits("stop:C1", "warehouse", "warehouse_to_stop", hours=hours, L1=2)


def out() -> Story:
    story = Story("A-4", at=NOW - 10 * HOUR).placed(3).cancelled("C1", L1=2)
    covers = (Covered("L1", 2, 2380),)
    story.tell(events.RefundRequested, refund_id="r-1", amount=2380, covers=covers)
    return story.shipped(L1=4)


@pytest.mark.usefixtures("troubled")
def test_late_lists_the_overdue_first(countermand: Run) -> None:
    said = countermand("late")

    title, heads, first, second, hint = said.out.splitlines()
    assert title == "Late cancellations, open"
    assert heads.split("  ")[0] == "order id"
    assert first.startswith("A-2       warehouse  warehouse to stop  ")
    assert first.endswith("Z, overdue  2 of line L1")
    assert second.startswith("A-1")
    assert hint == "`countermand timeline ORDER_ID` tells what was done about one."


@pytest.mark.usefixtures("troubled")
def test_late_tells_states_and_sellers_apart(countermand: Run) -> None:
    def ids(*words: str) -> list[str]:
        return [one["order_id"] for one in countermand("late", "--json", *words).json()["cases"]]

    assert ids() == ["A-2", "A-1"]
    assert ids("--state", "overdue") == ["A-2"]
    assert ids("--state", "closed") == ["A-3"]
    assert ids("--seller", "s1") == ["A-1"]
    assert "ended 2" in countermand("late", "--state", "closed").out


@pytest.mark.usefixtures("troubled")
def test_late_goes_on_where_a_page_ended(countermand: Run) -> None:
    first = countermand("late", "--limit", "1").out
    cursor = first.partition("More: --cursor ")[2].split()[0]

    second = countermand("late", "--limit", "1", "--cursor", cursor).out

    assert ["A-2" in first, "A-1" in second] == [True, True]
    assert "More:" not in second


def test_a_state_that_no_wait_has_is_used_wrongly(countermand: Run) -> None:
    said = countermand("late", "--state", "waiting")

    assert said.code == 2
    assert said.err == "No wait is waiting.\nChoose from open, overdue, closed.\n"


@pytest.mark.usefixtures("troubled")
def test_exposure_lists_what_is_out_and_all_together(countermand: Run) -> None:
    said = countermand("exposure")

    *_, row, total = said.out.splitlines()
    assert row.startswith("A-4       fjell")
    assert row.endswith("23.80      0.00  EUR       2 of line L1")
    assert total.startswith("all together 23.80 EUR asked for and 0.00 paid, for 1 order, since 2")
    assert countermand("exposure", "--seller", "s1").out == "Refunded goods at large: none.\n"


@pytest.mark.usefixtures("troubled")
def test_conformance_reports_each_warehouse(countermand: Run) -> None:
    said = countermand("conformance")
    (nameless, w1) = countermand("conformance", "--json").json()["warehouses"]

    title, _, first, second = said.out.splitlines()
    assert title == "Conformance"
    assert first.startswith("(not named)")
    assert second.split()[:5] == ["w1", "3", "1", "0", "0"]
    assert "1 h 15 min" in second
    assert (nameless["over_shipped_units"], w1["stops_asked"]) == (1, 3)


@pytest.mark.usefixtures("troubled")
def test_a_timeline_marks_what_was_done_and_ends_with_what_is_awaited(countermand: Run) -> None:
    lines = countermand("timeline", "A-2").out.splitlines()

    assert [line[:2] for line in lines] == ["  ", "  ", "  ", "* ", "* ", "wa"]
    assert lines[3].endswith(f"The warehouse was asked to stop {MUG}.")
    assert lines[5].startswith("waits for warehouse: warehouse to stop (2 of line L1), until 2")
    assert lines[5].endswith(": overdue")
    assert countermand("timeline", "A-4").out.splitlines()[-1] == "Nothing is awaited."
    assert len(countermand("timeline", "A-2", "--json").json()["entries"]) == 5


def test_nothing_late_is_said_in_words(countermand: Run) -> None:
    said = [countermand(word).out for word in ("late", "exposure", "conformance")]

    assert said == [
        "Late cancellations, open: none.\n",
        "Refunded goods at large: none.\n",
        "Conformance: no warehouse was asked to stop anything, and nothing went wrong.\n",
    ]
    unknown = countermand("timeline", "A-1")
    assert (unknown.code, unknown.err.splitlines()[0]) == (1, "Not known: A-1.")
