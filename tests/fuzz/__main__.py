"""`python -m tests.fuzz --minutes 10 --seed N`: the long run, and its table."""

from __future__ import annotations

import argparse
import logging
import sys
import time
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp

from application.migrations import migrate
from runtime import embedded
from tests.fuzz.asking import Asking, Book
from tests.fuzz.service import service
from tests.support.postgres import in_memory

SHARE = 0.2
"""Of a call's answers, so many at least are good ones: else little was asked."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--examples", type=int, default=25, help="of a call, in each turn")
    args = parser.parse_args()
    logging.getLogger("uvicorn").setLevel(logging.ERROR)  # it warns of what is no HTTP at all
    print(f"seed {args.seed}", flush=True)  # noqa: T201
    folder = Path(mkdtemp(prefix="cm-fuzz-", dir=in_memory()))
    try:
        with embedded.start(folder) as postgres:
            migrate(postgres.url)
            with service(postgres.url) as asked:
                book = Asking(asked, args.seed).run(args.minutes * 60, args.examples)
    finally:
        rmtree(folder, ignore_errors=True)
    show(book)
    return 1 if book.wrong or min(map(book.share, book.calls)) < SHARE else 0


def show(book: Book) -> None:
    """A line for each call, and what was wrong."""
    for call in sorted(book.answers):
        found = book.answers[call]
        statuses = " ".join(f"{status}:{number}" for status, number in sorted(found.items()))
        phases = " ".join(f"{name}:{number}" for name, number in sorted(book.phases[call].items()))
        print(f"{call:72} {found.total():6} {book.share(call):5.0%}  {statuses}  ({phases})")  # noqa: T201
    total = sum(found.total() for found in book.answers.values())
    least = min(book.calls, key=book.share)
    print(f"\n{total} answers of {len(book.calls)} calls; 2xx least often: {least}")  # noqa: T201
    print(f"{len(book.followed)} links were followed {book.followed.total()} times")  # noqa: T201
    for what, how in sorted(book.wrong.items()):
        print(f"\nWRONG {what}", *how, sep="\n  ")  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
