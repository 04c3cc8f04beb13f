"""Two readers of the same bytes must not see two different messages: a key comes once.

Parsers keep the last of two equal keys and say nothing, so every key is looked at again.
"""

from __future__ import annotations

import json
from typing import Any, NoReturn

from consumers.bad_message import Malformed


def refuse_duplicate_keys(value: bytes) -> None:
    """Raise Malformed when an object in `value`, which is JSON, holds a key twice, or a NaN."""
    # Numbers are not read here: one of a million digits would take its time.
    json.loads(
        value,
        object_pairs_hook=_no_key_twice,
        parse_constant=_no_number,
        parse_int=len,
        parse_float=len,
    )


def _no_key_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    seen: set[str] = set()
    for key, _ in pairs:
        if key in seen:
            break
        seen.add(key)
    raise Malformed("value", "duplicate_key", f"holds {key[:64]!r} twice in one object")


def _no_number(text: str) -> NoReturn:
    raise Malformed("value", "not_json", f"is no JSON: {text} is no number")
