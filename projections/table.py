"""A table of a view: rows in bulk, by key. The names of its columns are the table's own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from psycopg import Cursor

from projections.columns import COLUMNS, Texts

Row = tuple[Any, ...]


class Table(NamedTuple):
    """A table in the schema `countermand`; `columns` has the type of each, the key's first."""

    name: str
    columns: dict[str, str]
    key: tuple[str, ...]

    def upsert(self, cursor: Cursor[Any], rows: Sequence[Row]) -> None:
        """Write rows, whole; a row with the same key is replaced. No key twice in `rows`."""
        if rows:
            kinds = self.columns.values()
            columns = [
                COLUMNS[kind](values)
                for kind, values in zip(kinds, zip(*rows, strict=True), strict=True)
            ]
            cursor.execute(self._upsert_sql(), columns, prepare=True)

    def delete(self, cursor: Cursor[Any], keys: Sequence[Row]) -> None:
        """Delete the rows with these keys; one that is not there is no error."""
        if keys:
            kinds = [self.columns[column] for column in self.key]
            columns = [
                COLUMNS[kind](values)
                for kind, values in zip(kinds, zip(*keys, strict=True), strict=True)
            ]
            cursor.execute(self._delete_sql(), columns, prepare=True)

    def clear(self, cursor: Cursor[Any], order_ids: Sequence[str]) -> None:
        """Delete all rows of these orders."""
        if order_ids:
            sql = f"DELETE FROM countermand.{self.name} WHERE order_id = ANY(%b::text[])"  # noqa: S608  # our own name
            cursor.execute(sql.encode(), (Texts(order_ids),), prepare=True)

    def key_of(self, row: Row) -> Row:
        """The key of a row; its columns are the first ones."""
        return row[: len(self.key)]

    def copy(self, cursor: Cursor[Any], rows: Iterable[Row]) -> None:
        """Load rows whose keys are not in the table."""
        names = ", ".join(self.columns)
        sql = f"COPY countermand.{self.name} ({names}) FROM STDIN (FORMAT BINARY)"
        with cursor.copy(sql.encode()) as copy:
            copy.set_types(list(self.columns.values()))
            for row in rows:
                copy.write_row(row)

    def _upsert_sql(self) -> bytes:
        names = ", ".join(self.columns)
        arrays = ", ".join(f"%b::{kind}[]" for kind in self.columns.values())
        values = ", ".join(
            f"{column} = excluded.{column}" for column in self.columns if column not in self.key
        )
        return (
            f"INSERT INTO countermand.{self.name} ({names}) SELECT * FROM unnest({arrays})"  # noqa: S608  # our own names
            f" ON CONFLICT ({', '.join(self.key)}) DO UPDATE SET {values}"
        ).encode()

    def _delete_sql(self) -> bytes:
        arrays = ", ".join(f"%b::{self.columns[column]}[]" for column in self.key)
        same = " AND ".join(f"live.{column} = gone.{column}" for column in self.key)
        return (
            f"DELETE FROM countermand.{self.name} AS live"  # noqa: S608  # our own names
            f" USING unnest({arrays}) AS gone({', '.join(self.key)}) WHERE {same}"
        ).encode()
