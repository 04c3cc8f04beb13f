"""Seeds of the whole core: trouble of every kind, and then everything ends well."""

from __future__ import annotations

from tests.simulation.seeds import found_in, story

SEEDS = 1_000
"""About 20 seconds; `python -m tests.simulation` tells ten thousand."""


def test_every_story_ends_with_all_told_paid_and_settled() -> None:
    assert found_in(range(SEEDS)) == []


def test_a_seed_tells_the_same_story_again() -> None:
    assert story(7) == story(7)
