"""`simulate --live`: the command, its words, and that it goes on where it was."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.command import Command
from tests.support.kafka import with_topics
from tests.support.processes import until_nothing_uses


@pytest.mark.timeout(600)
def test_a_world_without_a_service_waits_and_goes_on_where_it_was(
    tmp_path: Path, kafka_bootstrap: str
) -> None:
    kafka = with_topics(kafka_bootstrap, partitions=4)
    countermand = Command(
        tmp_path, kafka_bootstrap_servers=kafka_bootstrap, topic_prefix=kafka.topics.prefix
    )
    world = ("--live", "--orders", "3", "--speed", "100000", "--cancel", "0", "--folder", "world")

    first = countermand("simulate", *world, "--patience", "5", "--json").json()
    again = countermand("simulate", *world, "--patience", "5", "--json").json()
    other = countermand("simulate", *world, "--patience", "5", "--seed", "2")

    waiting = ["L1-000000", "L1-000001", "L1-000002"]
    for said in (first, again):
        assert (said["ended"], said["placed"], said["settled"]) == (True, 3, 0)
        assert (said["told"], said["waiting"]) == ({"OrderPlaced": 3}, waiting)
        assert said["refunds"] == {
            "paid": 0,
            "paid_twice": [],
            "asked_differently": [],
            "sums": {},
        }
    assert other.code == 2
    assert "holds another world" in other.err
    until_nothing_uses(tmp_path)


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("--speed", "5"), "--speed needs --live."),
        (("--deadlines",), "--deadlines needs --live."),
        (("--live", "--messages", "5"), "--messages has no meaning with --live."),
        (("--live", "--share", "lots=0.1"), "There is no share lots."),
        (("--live", "--share", "lost=2"), "lost is a share from 0 to 1"),
        (("--live", "--orders", "0"), "orders is at least 1"),
        (("--live",), "COUNTERMAND_KAFKA_BOOTSTRAP_SERVERS is not set."),
    ],
)
def test_a_world_that_cannot_be_is_refused_in_words(
    words: tuple[str, ...],
    complaint: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    countermand = Command(tmp_path)

    said = countermand.here("simulate", *words, patch=monkeypatch, says=capsys)

    assert said.code == 2
    assert complaint in said.err
    assert list(tmp_path.iterdir()) == []


def test_the_deadlines_of_a_service_can_be_as_fast_as_a_world(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A day of the world is 4.32 seconds at this speed, a week half a minute."""
    words = ("simulate", "--live", "--deadlines", "--speed", "20000")

    said = Command(tmp_path).here(*words, patch=monkeypatch, says=capsys)

    seconds = {
        name.removeprefix("COUNTERMAND_"): float(value) * 3_600
        for name, _, value in (line.partition("=") for line in said.out.splitlines())
    }
    assert seconds["STOP_DEADLINE"] == pytest.approx(4.32)
    assert seconds["CASE_DEADLINE"] == pytest.approx(30.24)
