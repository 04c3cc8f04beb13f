"""Two sessions and a shipment race for the last unit: nobody is told wrong, nothing is lost."""

from __future__ import annotations

import pytest

from tests.support import race_track, racing
from tests.support.race_track import Ran

RACES = 1_000

pytestmark = pytest.mark.timeout(900)  # half a minute on two cores that nobody else uses


@pytest.fixture(scope="module")
def ran(module_postgres_url: str) -> list[Ran]:
    return race_track.run(module_postgres_url, RACES)


def test_after_every_race_answers_ledger_and_refunds_are_as_the_events_say(ran: list[Ran]) -> None:
    assert [wrong for one in ran for wrong in one.wrong()] == []


def test_one_session_wins_and_the_other_is_told_what_can_be_cancelled_now(ran: list[Ran]) -> None:
    """Where goods were not at the door before both of them."""
    for one in ran:
        statuses = sorted(status for status, _ in one.told)
        lost = [body["cancellable"] for status, body in one.told if status == 409]
        is_late = racing.order_of(one.events).startswith("SD")

        assert statuses == ([409, 409] if is_late else [201, 409]), one
        assert lost == [one.race.cancellable] * len(lost)


def test_half_of_the_races_are_run_in_every_order_that_there_is(ran: list[Ran]) -> None:
    """All have decided on the same version of the order when the first of them writes."""
    steered = [one for one in ran if one.race.turns]

    assert len(steered) == RACES / 2
    for kind in racing.KINDS:
        turns = {one.race.turns for one in steered if one.race.kind == kind}
        assert turns == set(racing.turns(kind))
    for one in steered:
        assert racing.order_of(one.events) == racing.order_by(one.race.turns), one
        assert [status for status, _ in one.told] == racing.statuses_by(one.race.turns), one
