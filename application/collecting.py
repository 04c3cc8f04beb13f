"""Garbage collection, out of the way of bulk work."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def no_collection() -> Iterator[None]:
    """Collect no garbage inside: bulk work makes many objects, no cycles, and most of them stay.

    Left on, the collector looks through all remembered orders several times a batch, which was
    measured to cost more than the work itself.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
