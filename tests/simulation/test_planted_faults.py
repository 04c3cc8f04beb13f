"""Faults planted in the processes of the service: a seed finds each, and is well without it."""

from __future__ import annotations

import pytest

from tests.simulation.planted import PLANTED, Planted
from tests.simulation.seeds import Found, found_in

SEEDS = 400


def first_found() -> Found | None:
    return next((one for seed in range(SEEDS) for one in found_in([seed])), None)


@pytest.mark.parametrize("planted", PLANTED, ids=lambda planted: planted.fault.replace(" ", "_"))
def test_a_planted_fault_is_found_by_a_seed_that_is_well_without_it(planted: Planted) -> None:
    with planted.plant():
        found = first_found()

    assert found is not None, f"{SEEDS} seeds did not show it"
    assert found_in([found.seed]) == []
