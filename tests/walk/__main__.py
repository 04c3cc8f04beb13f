"""`python -m tests.walk`: every state of one order and its process, and how many there are."""

from __future__ import annotations

import sys
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from tests.walk.histories import Broken
from tests.walk.walks import LONG, Plan, walked


def report(plan: Plan) -> tuple[bool, str]:
    """Walk by one plan; return whether all laws held, and what to print."""
    began = time.monotonic()
    title = f"{plan.name}: {len(plan.letters)} letters, up to {plan.messages} messages"
    try:
        counts = walked(plan.letters, plan.messages)
    except Broken as broken:
        return False, f"{title}\n  BROKEN: {broken}"
    lines = [f"  {number:>12,} {what}" for what, number in counts.most_common()]
    return True, "\n".join([f"{title}, {time.monotonic() - began:.0f} s", *lines])


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
