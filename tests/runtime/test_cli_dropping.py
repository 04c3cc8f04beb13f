"""`dead-letters drop --reason`: why nothing more is to be done, kept with the letter."""

from __future__ import annotations

from pathlib import Path

import pytest

from application.event_store import EventStore
from consumers import dead_letters
from consumers.intake import Intake
from tests.support.command import Command
from tests.support.saying import record


@pytest.fixture
def countermand(postgres_url: str, tmp_path: Path) -> Command:
    return Command(tmp_path, database_url=postgres_url)


def test_a_letter_is_dropped_with_a_reason(countermand: Command, store: EventStore) -> None:
    Intake(store).take([record(b"no message")])

    wrong = countermand("dead-letters", "drop", "1", "--reason", "x" * 301)
    dropped = countermand("dead-letters", "drop", "1", "--reason", "sent again")

    assert (wrong.code, wrong.err.splitlines()[0]) == (
        2,
        "--reason must be 1 to 300 printable characters.",
    )
    assert (dropped.code, dropped.out) == (0, "1: dropped\n")
    (letter,) = dead_letters.listed(store, state="dropped")
    assert letter.drop_reason == "sent again"
