"""A dead letter as operators get it: in figures, texts and, where they ask for it, its bytes."""

from __future__ import annotations

import base64
from typing import Any

from application.event_store import EventStore
from consumers import dead_letters
from consumers.dead_letters import Letter
from consumers.times import to_rfc3339
from projections.pages import Moment, key_of, page


def listed(
    store: EventStore, *, state: str | None, limit: int, cursor: str | None
) -> dict[str, Any]:
    """A page of dead letters; `state` none: all. Raises BadPage."""
    listing = ("dead-letters", state)
    (after,) = key_of(listing, cursor, tuple[Moment]) or (0,)
    found = dead_letters.listed(store, state=state, after=after, limit=limit + 1)
    shown, following = page(listing, found, limit, lambda letter: letter[:1])
    return {"dead_letters": [told(letter, whole=False) for letter in shown], "next": following}


def told(letter: Letter, *, whole: bool) -> dict[str, Any]:
    """All but its bytes, or (`whole`) all of it."""
    body = letter._asdict()
    for name in ("received_at", "state_at"):
        body[name] = None if body[name] is None else to_rfc3339(body[name])
    for name in ("key", "value", "headers"):
        del body[name]
    if whole:
        body["key"] = _text(letter.key)
        body["headers"] = [[name, _text(value)] for name, value in letter.headers]
        body["value"] = _text(letter.value)
        body["value_base64"] = _base64(letter.value)
    return body


def size_of(letter: Letter) -> str:
    """How much of a letter that is not whole there was, and is kept."""
    return (letter.detail or "").partition(", ")[2]


def _text(value: bytes | None) -> str | None:
    """Show bytes to a person; what is no UTF-8 is marked. `value_base64` has them exactly."""
    return None if value is None else value.decode("utf-8", "backslashreplace")


def _base64(value: bytes | None) -> str | None:
    return None if value is None else base64.b64encode(value).decode()
