"""Seeds, one after the other or on all processors, and the story of one."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import NamedTuple

from tests.simulation.proof import Unproved
from tests.simulation.simulation import Simulation

_SHARE = 50


class Found(NamedTuple):
    """A seed whose story breaks a law, and how."""

    seed: int
    what: str


def found_in(seeds: Iterable[int]) -> list[Found]:
    """The seeds that break a law, or raise."""
    logging.disable(logging.ERROR)  # processes that die say so; here they die all the time
    try:
        return [found for seed in seeds if (found := _found(seed))]
    finally:
        logging.disable(logging.NOTSET)


def _found(seed: int) -> Found | None:
    try:
        Simulation(seed).run()
    except Unproved as broken:
        return Found(seed, str(broken))
    except Exception as error:  # noqa: BLE001 - whatever it is, it is what this seed found
        return Found(seed, repr(error))
    return None


def found_by_all(first: int, number: int) -> list[Found]:
    """As `found_in`, of so many seeds from `first` on, on every processor."""
    shares = [
        range(n, min(n + _SHARE, first + number)) for n in range(first, first + number, _SHARE)
    ]
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
        return [one for some in pool.map(found_in, shares) for one in some]


def story(seed: int) -> tuple[Found | None, list[str]]:
    """Everything that happened in a seed, a line each, and what broke."""
    simulation = Simulation(seed)
    found = None
    try:
        simulation.run()
    except Unproved as broken:
        found = Found(seed, str(broken))
    return found, simulation.story()
