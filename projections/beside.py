"""Tables beside the live ones: made empty, indexed when full, and swapped in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from psycopg import Connection, Cursor

from projections.tables import LIVE, Tables

_MARK = "_next_"
_LEFT_OVER = """
SELECT relname FROM pg_class WHERE relnamespace = 'countermand'::regnamespace AND relkind = 'r'
AND relname ~ %s
"""
_INDEXES = """
SELECT i.relname, pg_get_indexdef(i.oid), x.indisprimary
FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid
WHERE x.indrelid = %s::regclass ORDER BY i.relname
"""
_GRANTS = """
SELECT format(
    'GRANT %%s ON countermand.%%I TO %%s',
    privilege_type, %s::text, CASE grantee WHEN 0 THEN 'PUBLIC' ELSE grantee::regrole::text END
)
FROM pg_class, aclexplode(relacl) WHERE oid = %s::regclass AND grantee <> relowner
"""


def make(conn: Connection[Any], run: str) -> Tables:
    """Make empty tables like the live ones, after dropping what a crashed run left behind."""
    tables = LIVE.beside(f"{_MARK}{run}")
    pattern = f"^({'|'.join(table.name for table in LIVE)}){_MARK}"
    with conn.transaction():
        for (left_over,) in conn.execute(_LEFT_OVER, (pattern,)).fetchall():
            conn.execute(f"DROP TABLE countermand.{left_over}".encode())
        for live, beside in zip(LIVE, tables, strict=True):
            conn.execute(
                f"CREATE TABLE countermand.{beside.name}"
                f" (LIKE countermand.{live.name} INCLUDING ALL EXCLUDING INDEXES)".encode()
            )
    return tables


def index(conn: Connection[Any], tables: Tables) -> None:
    """Give the filled tables the indexes, the grants and the statistics of the live ones."""
    with conn.transaction():
        conn.execute("SET LOCAL maintenance_work_mem = '256MB'")
        for live, beside in zip(LIVE, tables, strict=True):
            suffix = beside.name.removeprefix(live.name)
            for name, definition, is_primary in _indexes(conn, live.name):
                made = definition.replace(f" INDEX {name} ON ", f" INDEX {name}{suffix} ON ", 1)
                made = made.replace(f" countermand.{live.name} ", f" countermand.{beside.name} ", 1)
                conn.execute(made.encode())
                if is_primary:
                    _make_primary(conn, beside.name, f"{name}{suffix}")
            _grant(conn, live.name, beside.name)
            # Not the bodies: nobody searches them, and sampling them takes longer than the rest.
            searched = ", ".join(name for name in live.columns if name != "body")
            conn.execute(f"ANALYZE countermand.{beside.name} ({searched})".encode())


def swap(cursor: Cursor[Any], tables: Tables) -> None:
    """Put the tables in place of the live ones, inside the caller's transaction.

    Raises LockNotAvailable when somebody reads for longer than the `lock_timeout`.
    """
    names = ", ".join(f"countermand.{live.name}" for live in LIVE)
    cursor.execute(f"LOCK TABLE {names} IN ACCESS EXCLUSIVE MODE".encode())
    for live, beside in zip(LIVE, tables, strict=True):
        indexes = _indexes(cursor.connection, live.name)
        suffix = beside.name.removeprefix(live.name)
        cursor.execute(f"DROP TABLE countermand.{live.name}".encode())
        cursor.execute(f"ALTER TABLE countermand.{beside.name} RENAME TO {live.name}".encode())
        for name, _, _ in indexes:
            cursor.execute(f"ALTER INDEX countermand.{name}{suffix} RENAME TO {name}".encode())


def _indexes(conn: Connection[Any], table: str) -> Sequence[tuple[str, str, bool]]:
    return conn.execute(_INDEXES, (f"countermand.{table}",)).fetchall()


def _make_primary(conn: Connection[Any], table: str, name: str) -> None:
    conn.execute(
        f"ALTER TABLE countermand.{table}"
        f" ADD CONSTRAINT {name} PRIMARY KEY USING INDEX {name}".encode()
    )


def _grant(conn: Connection[Any], live: str, beside: str) -> None:
    for (grant,) in conn.execute(_GRANTS, (beside, f"countermand.{live}")).fetchall():
        conn.execute(grant.encode())
