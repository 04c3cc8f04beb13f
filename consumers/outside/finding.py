"""What a rule makes of a text that it was shown."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from functools import lru_cache

from consumers.bad_message import PATTERN_DETAILS, Malformed
from consumers.fields import ID_PATTERN

_ID = re.compile(ID_PATTERN.replace("$", r"\Z"), re.ASCII)
_compiled = lru_cache(1_000)(re.compile)


def found(
    text: str, carried: str, pattern: str | None, values: Mapping[str, str] | None
) -> str | None:
    """Return the id in `text`, which carries `carried` by itself; None: the rule finds nothing."""
    if pattern is not None:
        match = _compiled(pattern).fullmatch(text)
        if match is None or match["id"] is None:
            return None
        carried = match["id"]
    return carried if values is None else values.get(carried)


def as_id(text: str, field: str) -> str:
    """Check that a text can be an id. Raises Malformed."""
    if _ID.fullmatch(text) is None:
        detail = f"carries {text[:64]!r}, and an id {PATTERN_DETAILS['id']}"
        raise Malformed(field, "id", detail)
    return text


def the_one(found_at: Collection[tuple[str, str]], name: str) -> str | None:
    """Return the one id that was found, as (field, id); None: none was.

    Raises Malformed when two fields carry different ones: which is meant cannot be known.
    """
    ids = dict(reversed([(one, field) for field, one in found_at]))
    if len(ids) > 1:
        field = next(iter(found_at))[0]
        named = ", ".join(sorted(ids)[:5])
        detail = f"names {len(ids)} for {name}: {named[:200]}; send one event for each"
        raise Malformed(field, "ambiguous", detail)
    return next((as_id(one, field) for one, field in ids.items()), None)
