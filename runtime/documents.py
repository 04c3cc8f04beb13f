"""Documents in a file or a pipe: one that fills it, or one in each line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

import msgspec

from consumers.envelope import Cut


def documents(lines: Iterable[bytes], most: int) -> Iterator[bytes]:
    """Give the documents of a source: one a line, if its first line is JSON by itself.

    Else all of it is one document. Of each at most `most` bytes are kept, then it is a `Cut`.
    """
    found = iter(lines)
    first = next(found, None)
    if first is None:
        return
    if isinstance(first, Cut) or _is_json(first):
        yield from chain([first], found)
    else:
        yield _joined(first, found, most)


def _joined(first: bytes, lines: Iterable[bytes], most: int) -> bytes:
    kept, size = bytearray(first), len(first)
    for line in lines:
        size += 1 + (line.size if isinstance(line, Cut) else len(line))
        if len(kept) <= most:
            kept += b"\n" + line
    return Cut.of(bytes(kept[:most]), size) if size > most else bytes(kept)


def _is_json(line: bytes) -> bool:
    try:
        msgspec.json.decode(line, type=msgspec.Raw)
    except (msgspec.DecodeError, RecursionError):
        return False
    return True
