"""What a bench says while it measures: on standard error, so that figures alone are its output."""

from __future__ import annotations

import sys


def say(words: str) -> None:
    """Say how far it is, at once."""
    print(words, file=sys.stderr, flush=True)
