"""Replaces a part of a module or class for a while: to remember what it says, or as a fault."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def replaced(where: object, **parts: object) -> Iterator[None]:
    """Put each part in the place of what has its name; the old ones come back at the end."""
    before = {name: vars(where)[name] for name in parts}
    for name, part in parts.items():
        setattr(where, name, part)
    try:
        yield
    finally:
        for name, part in before.items():
            setattr(where, name, part)
