"""A table of a view: rows in bulk, by key. The names of its columns are the table's own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from psycopg import Cursor

from application.binary_arrays import BinaryArray
from projections.columns import bigints, byteas, texts

Row = tuple[Any, ...]
Pack = Callable[[Sequence[Any]], BinaryArray]

_PACK: dict[str, Pack] = {"bigint": bigints, "text": texts, "bytea": byteas}


class Table(NamedTuple):
    """A table in the schema `countermand`; `columns` has the type of each, the key's first."""

    name: str
    columns: dict[str, str]
    key: tuple[str, ...]

    def upsert(self, cursor: Cursor[Any], rows: Sequence[Row], name: str | None = None) -> None:
        """Write rows, whole; a row with the same key is replaced. No key twice in `rows`."""
        if rows:
            packers = [_PACK[kind] for kind in self.columns.values()]
            columns = [pack(column) for pack, column in zip(packers, zip(*rows, strict=True), strict=True)]
            cursor.execute(self._upsert_sql(name or self.name), columns, prepare=True)

    def delete(self, cursor: Cursor[Any], keys: Sequence[Row], name: str | None = None) -> None:
        """Delete the rows with these keys; one that is not there is no error."""
        if keys:
            columns = [texts(column) for column in zip(*keys, strict=True)]
            cursor.execute(self._delete_sql(name or self.name), columns, prepare=True)

    def copy(self, cursor: Cursor[Any], rows: Iterable[Row], name: str) -> None:
        """Load rows into an empty table."""
        names = ", ".join(self.columns)
        sql = f"COPY countermand.{name} ({names}) FROM STDIN (FORMAT BINARY)"
        with cursor.copy(sql.encode()) as copy:
            copy.set_types(list(self.columns.values()))
            for row in rows:
                copy.write_row(row)

    def _upsert_sql(self, name: str) -> bytes:
        names = ", ".join(self.columns)
        arrays = ", ".join(f"%b::{kind}[]" for kind in self.columns.values())
        values = ", ".join(
            f"{column} = excluded.{column}" for column in self.columns if column not in self.key
        )
        return (
            f"INSERT INTO countermand.{name} ({names}) SELECT * FROM unnest({arrays})"  # noqa: S608  # our own names
            f" ON CONFLICT ({', '.join(self.key)}) DO UPDATE SET {values}"
        ).encode()

    def _delete_sql(self, name: str) -> bytes:
        arrays = ", ".join("%b::text[]" for _ in self.key)
        same = " AND ".join(f"live.{column} = gone.{column}" for column in self.key)
        return (
            f"DELETE FROM countermand.{name} AS live"  # noqa: S608  # our own names
            f" USING unnest({arrays}) AS gone({', '.join(self.key)}) WHERE {same}"
        ).encode()
