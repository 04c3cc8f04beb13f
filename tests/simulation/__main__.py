"""`python -m tests.simulation --seeds 10000`, or `--seed N`: one seed again, with its story."""

from __future__ import annotations

import argparse
import sys
import time

from tests.simulation.seeds import found_by_all, story


def main() -> int:
    """Tell seeds; 1: one of them breaks a law."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seeds", type=int, default=10_000, help="how many")
    parser.add_argument("--first", type=int, default=0, help="the first of them")
    parser.add_argument("--seed", type=int, help="this one alone, with its story")
    args = parser.parse_args()
    return _many(args.first, args.seeds) if args.seed is None else _one(args.seed)


def _many(first: int, number: int) -> int:
    began = time.monotonic()
    found = found_by_all(first, number)
    for one in found:
        print(f"seed {one.seed}: {one.what.splitlines()[0]}")  # noqa: T201
    took = time.monotonic() - began
    print(f"{number} seeds from {first} in {took:.0f} s; {len(found)} break a law")  # noqa: T201
    return 1 if found else 0


def _one(seed: int) -> int:
    found, told = story(seed)
    print("\n".join(told))  # noqa: T201
    print(f"seed {seed}: {found.what if found else 'every law holds'}")  # noqa: T201
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
