"""Pages of a list: how many rows, and a cursor to the rest.

A cursor names the last row that was seen by what the list is sorted by, so that rows added while
somebody walks the list are neither shown twice nor push others out.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import Annotated, Any, TypeVar

import msgspec

Row = TypeVar("Row")
Key = TypeVar("Key")

MOST = 200
"""Rows on one page, at most."""

USUAL = 50
"""Rows on one page where nobody asks."""

Id = Annotated[str, msgspec.Meta(pattern=r"\A[A-Za-z0-9._:-]{1,64}\Z")]
"""An id inside a cursor."""

Moment = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
"""A time inside a cursor, in microseconds since 1970 UTC."""


class BadPage(ValueError):
    """A page was asked for that no list has. `field` and `rule` are stable names."""

    def __init__(self, field: str, rule: str, detail: str) -> None:
        super().__init__(detail)
        self.field = field
        self.rule = rule


def checked_limit(limit: int) -> int:
    """Return `limit`; raises BadPage unless it is 1 to 200."""
    if not 1 <= limit <= MOST:
        raise BadPage("limit", "out_of_range", f"limit must be from 1 to {MOST}, not {limit}")
    return limit


def key_of(listing: Sequence[str | None], cursor: str | None, shape: type[Key]) -> Key | None:
    """Read the key of the last row seen, of `shape`; none: the list from its start.

    `listing` is the list's name and its filters: a cursor is good for the list that gave it.
    Raises BadPage for anything else.
    """
    if cursor is None:
        return None
    try:
        octets = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        asked, key = msgspec.json.decode(octets, type=tuple[list[str | None], shape])  # type: ignore[valid-type]
    except (binascii.Error, ValueError) as error:
        raise _unknown_cursor() from error
    if asked != list(listing):
        raise _unknown_cursor()
    return key


def page(
    listing: Sequence[str | None],
    rows: Sequence[Row],
    limit: int,
    key: Callable[[Row], Sequence[Any]],
) -> tuple[Sequence[Row], str | None]:
    """Cut `rows`, read with one more than `limit`, to a page and the cursor to the next one."""
    if len(rows) <= limit:
        return rows, None
    shown = rows[:limit]
    octets = msgspec.json.encode([list(listing), list(key(shown[-1]))])
    return shown, base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def _unknown_cursor() -> BadPage:
    return BadPage(
        "cursor",
        "unknown_cursor",
        "this cursor was not given out by this list; ask again without a cursor for its start",
    )
