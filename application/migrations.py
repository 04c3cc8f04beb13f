"""The database's shape, by numbered SQL files. Safe when several processes start at once."""

from __future__ import annotations

from hashlib import sha256
from importlib.resources import files
from typing import Any, NamedTuple

import psycopg
from psycopg import Connection
from typing_extensions import override

from application.recording import StoreUnavailable

_LOCK = 0x636F756E7465726D  # "counterm": one migrating process per database
_FIRST = b"""
CREATE SCHEMA IF NOT EXISTS countermand;
CREATE TABLE IF NOT EXISTS countermand.migrations (
    number integer PRIMARY KEY,
    name text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now(),
    digest bytea NOT NULL
);
"""


class MigrationRefused(Exception):
    """The database was migrated by other files than ours. Says what to do."""


class Migration(NamedTuple):
    """A file `0001_name.sql`; each is applied once, whole, in the order of the numbers."""

    number: int
    name: str
    sql: bytes

    @property
    def digest(self) -> bytes:
        return sha256(self.sql).digest()

    @override
    def __repr__(self) -> str:
        return f"<{self.name}>"


def shipped() -> list[Migration]:
    """Every migration that this version brings, by number."""
    found = [
        path for path in files("application").joinpath("schema").iterdir() if _is_sql(path.name)
    ]
    return sorted(
        Migration(int(path.name[:4]), path.name.removesuffix(".sql"), path.read_bytes())
        for path in found
    )


def _is_sql(name: str) -> bool:
    return name.endswith(".sql") and name[:4].isdigit()


def migrate(database_url: str, migrations: list[Migration] | None = None) -> list[Migration]:
    """Apply what is not applied yet and return it. Other processes wait their turn.

    Raises `StoreUnavailable`, or `MigrationRefused` when an applied file changed or is unknown.
    """
    ours = shipped() if migrations is None else migrations
    try:
        with psycopg.connect(database_url, autocommit=True, connect_timeout=3) as conn:
            conn.execute("SELECT pg_advisory_lock(%s)", (_LOCK,))  # given back when conn closes
            missing = pending(conn, ours)
            for migration in missing:
                _apply(conn, migration)
    except psycopg.OperationalError as error:
        raise StoreUnavailable(f"the database does not answer: {error}") from error
    return missing


def pending(conn: Connection[Any], migrations: list[Migration] | None = None) -> list[Migration]:
    """What this version brings and the database does not have yet. Raises `MigrationRefused`."""
    ours = {one.number: one for one in (shipped() if migrations is None else migrations)}
    applied = _applied(conn)
    for number, name, digest in applied:
        _check(ours.get(number), name, digest)
    return [ours[number] for number in sorted(ours.keys() - {row[0] for row in applied})]


def _applied(conn: Connection[Any]) -> list[tuple[int, str, bytes]]:
    with conn.cursor(row_factory=psycopg.rows.tuple_row) as cursor:
        cursor.execute("SELECT to_regclass('countermand.migrations') IS NOT NULL")
        if cursor.fetchone() == (False,):
            return []
        cursor.execute("SELECT number, name, digest FROM countermand.migrations ORDER BY number")
        return cursor.fetchall()


def _check(ours: Migration | None, name: str, digest: bytes) -> None:
    if ours is None:
        raise MigrationRefused(
            f"the database has migration {name}, which this version does not know:"
            " upgrade countermand to the version that made it"
        )
    if ours.digest != digest:
        raise MigrationRefused(
            f"migration {name} was changed after it was applied:"
            " restore the file, and put the change into a new migration"
        )


def _apply(conn: Connection[Any], migration: Migration) -> None:
    with conn.transaction():
        conn.execute(_FIRST)
        conn.execute(migration.sql)
        conn.execute(
            "INSERT INTO countermand.migrations (number, name, digest) VALUES (%s, %s, %s)",
            (migration.number, migration.name, migration.digest),
        )
