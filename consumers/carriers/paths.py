"""Values in a JSON object, by paths such as `msg.checkpoints[-1].checkpoint_time`."""

from __future__ import annotations

import re
from functools import lru_cache

_STEP = re.compile(r"\[(-?[0-9]+)\]|([A-Za-z0-9_]+)")


def at(value: object, path: str) -> object:
    """Return what stands at a path; None where there is nothing."""
    for step in _steps(path):
        if isinstance(step, int):
            if not isinstance(value, list) or not -len(value) <= step < len(value):
                return None
            value = value[step]
        elif isinstance(value, dict):
            value = value.get(step)
        else:
            return None
    return value


@lru_cache(1_000)
def _steps(path: str) -> tuple[str | int, ...]:
    found = _STEP.findall(path)
    return tuple(name or int(number) for number, name in found)
