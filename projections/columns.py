"""Columns of rows, as arrays that one statement unnests.

Packed here: psycopg's own list dumper calls Python for every element, and a view has many.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from struct import Struct
from typing import Any, ClassVar

from psycopg import Connection, postgres
from psycopg.abc import Buffer
from psycopg.adapt import Dumper
from psycopg.pq import Format
from psycopg.types.numeric import dump_int_to_numeric_binary
from typing_extensions import override

_HEAD = Struct(">iiIii").pack  # dimensions, has nulls, element type, length, first index
_LENGTH = Struct(">i").pack
_BIGINT = Struct(">iq").pack
_NULL = _LENGTH(-1)
_SHORT = 8192
_LENGTHS = [_LENGTH(length) for length in range(_SHORT)]


class Column:
    """A column, ready to be sent."""

    __slots__ = ("packed",)
    element: ClassVar[str]

    def __init__(self, count: int, cells: Iterable[bytes | bytearray]) -> None:
        head = _HEAD(1, 0, postgres.types[self.element].oid, count, 1)
        self.packed = head + b"".join(cells)


class Bigints(Column):
    """A `bigint[]`; None is null."""

    element = "int8"

    def __init__(self, numbers: Sequence[int | None]) -> None:
        pack = _BIGINT
        super().__init__(
            len(numbers), [_NULL if number is None else pack(8, number) for number in numbers]
        )


class Numerics(Column):
    """A `numeric[]` of whole numbers: amounts, for which a `bigint` may be too small."""

    element = "numeric"

    def __init__(self, numbers: Sequence[int]) -> None:
        super().__init__(len(numbers), _cells(map(dump_int_to_numeric_binary, numbers)))


class Texts(Column):
    """A `text[]`."""

    element = "text"

    def __init__(self, words: Sequence[str]) -> None:
        super().__init__(len(words), _cells(map(str.encode, words)))


class Byteas(Column):
    """A `bytea[]`."""

    element = "bytea"

    def __init__(self, bodies: Sequence[bytes]) -> None:
        super().__init__(len(bodies), _cells(bodies))


COLUMNS: dict[str, type[Bigints | Numerics | Texts | Byteas]] = {
    "bigint": Bigints,
    "numeric": Numerics,
    "text": Texts,
    "bytea": Byteas,
}
"""By the type of their elements."""


class _ReadyDumper(Dumper):
    format = Format.BINARY

    @override
    def dump(self, obj: Column) -> Buffer | None:
        return obj.packed


def teach(conn: Connection[Any]) -> None:
    """Let a connection send columns."""
    for column in COLUMNS.values():
        oid = postgres.types[column.element].array_oid
        dumper = type(f"{column.__name__}Dumper", (_ReadyDumper,), {"oid": oid})
        conn.adapters.register_dumper(column, dumper)


def _cells(values: Iterable[bytes | bytearray]) -> list[bytes | bytearray]:
    cells: list[bytes | bytearray] = []
    add = cells.append
    for value in values:
        length = len(value)
        add(_LENGTHS[length] if length < _SHORT else _LENGTH(length))
        add(value)
    return cells
