"""Faults planted in a process: the walk finds each, and finds nothing without it."""

from __future__ import annotations

from functools import cache

import pytest

from tests.walk.histories import Broken
from tests.walk.planted import PLANTED, Planted
from tests.walk.walks import walked


@cache
def sound(letters: tuple[str, ...], messages: int) -> int:
    """How many states there are where no law is broken."""
    return walked(letters, messages)["states"]


@pytest.mark.parametrize("planted", PLANTED, ids=lambda planted: planted.fault.replace(" ", "_"))
def test_a_planted_fault_is_found_and_nothing_without_it(planted: Planted) -> None:
    assert sound(planted.letters, planted.messages) > 1

    with planted.plant(), pytest.raises(Broken):
        walked(planted.letters, planted.messages)
