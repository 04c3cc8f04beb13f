"""`python -m tests.walk`: every state of one order and its process, and how many there are."""

from __future__ import annotations

import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from tests.walk.walks import LONG, report


def main() -> int:
    """Walk two plans at a time; 1: a law is broken."""
    all_held = True
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        for held, text in pool.map(report, LONG):
            print(text, flush=True)  # noqa: T201
            all_held &= held
    return 0 if all_held else 1


if __name__ == "__main__":
    sys.exit(main())
