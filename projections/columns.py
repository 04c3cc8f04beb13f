"""Columns of rows, as arrays that one statement unnests."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from struct import Struct

from application.binary_arrays import (
    BigintArray,
    BinaryArray,
    ByteaArray,
    TextArray,
    pack,
    pack_length,
)

_BIGINT = Struct(">iq").pack
_NULL = pack_length(-1)
_SHORT = 8192
_LENGTHS = [pack_length(length) for length in range(_SHORT)]


def bigints(numbers: Sequence[int | None]) -> BinaryArray:
    """A `bigint[]`; None is null."""
    cells = [_NULL if number is None else _BIGINT(8, number) for number in numbers]
    return pack(BigintArray, len(cells), cells)


def texts(words: Sequence[str]) -> BinaryArray:
    """A `text[]`."""
    return pack(TextArray, len(words), _cells(map(str.encode, words)))


def byteas(bodies: Sequence[bytes]) -> BinaryArray:
    """A `bytea[]`."""
    return pack(ByteaArray, len(bodies), _cells(bodies))


def _cells(values: Iterable[bytes]) -> list[bytes]:
    cells: list[bytes] = []
    add = cells.append
    for value in values:
        length = len(value)
        add(_LENGTHS[length] if length < _SHORT else pack_length(length))
        add(value)
    return cells
