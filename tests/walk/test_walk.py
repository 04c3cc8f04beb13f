"""No state of an order and its process has a dead end, a double step or a lost wake-up."""

from __future__ import annotations

import pytest

from tests.walk.letters import ALPHABET
from tests.walk.walks import EVERY_KIND, THEMES, Plan, walked


@pytest.mark.parametrize("plan", THEMES, ids=lambda plan: plan.name.replace(" ", "_"))
def test_no_state_has_a_dead_end_a_double_step_or_a_lost_wake_up(plan: Plan) -> None:
    counts = walked(plan.letters, plan.messages)

    assert counts["states"] > 10 * counts["committed states"] / 2
    assert counts["refused"] > 0
    assert counts["worked out both ways"] > 0


def test_the_whole_alphabet_is_walked_as_far_as_three_messages() -> None:
    assert walked(ALPHABET, 3)["states"] > 1_000


def test_every_kind_has_a_letter_of_each_type_of_message_and_decision() -> None:
    assert set(EVERY_KIND) <= set(ALPHABET)
    assert {letter for plan in THEMES for letter in plan.letters} <= set(ALPHABET)
