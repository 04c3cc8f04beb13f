"""The database's shape: applied once, in order, by whoever comes first, and never changed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from eventsourcing.application import Application
from eventsourcing.persistence import ProcessRecorder
from psycopg.conninfo import conninfo_to_dict
from psycopg.sql import SQL, Identifier
from typing_extensions import override

from application.event_store import EventStore, StoreUnavailable
from application.migrations import Migration, MigrationRefused, migrate, pending, shipped

ROOT = Path(__file__).parents[2]
FIRST = Migration(1, "0001_first", b"CREATE TABLE countermand.first (a int)")
SECOND = Migration(2, "0002_second", b"CREATE TABLE countermand.second (b int)")


def _tables(url: str) -> list[str]:
    with psycopg.connect(url) as conn:
        rows = conn.execute(
            "SELECT table_name FROM information_schema.tables"
            " WHERE table_schema = 'countermand' ORDER BY 1"
        ).fetchall()
    return [row[0] for row in rows]


def test_an_empty_database_gets_everything_once(empty_postgres_url: str) -> None:
    assert migrate(empty_postgres_url) == shipped()

    assert migrate(empty_postgres_url) == []
    EventStore.open(empty_postgres_url).close()


def test_what_is_new_is_applied_behind_what_is_there(empty_postgres_url: str) -> None:
    migrate(empty_postgres_url, [FIRST])

    with psycopg.connect(empty_postgres_url) as conn:
        assert pending(conn, [FIRST, SECOND]) == [SECOND]

    assert migrate(empty_postgres_url, [FIRST, SECOND]) == [SECOND]
    assert _tables(empty_postgres_url) == ["first", "migrations", "second"]


def test_a_migration_that_fails_leaves_nothing_of_itself(empty_postgres_url: str) -> None:
    broken = Migration(2, "0002_broken", b"CREATE TABLE countermand.half (b int); SELECT 1 / 0")

    with pytest.raises(psycopg.errors.DivisionByZero):
        migrate(empty_postgres_url, [FIRST, broken])

    assert _tables(empty_postgres_url) == ["first", "migrations"]
    assert migrate(empty_postgres_url, [FIRST, SECOND]) == [SECOND]


def test_a_changed_migration_is_refused(empty_postgres_url: str) -> None:
    migrate(empty_postgres_url, [FIRST])

    with pytest.raises(MigrationRefused, match="0001_first was changed"):
        migrate(empty_postgres_url, [FIRST._replace(sql=b"CREATE TABLE countermand.other ()")])


def test_a_database_of_a_newer_version_is_refused(empty_postgres_url: str) -> None:
    migrate(empty_postgres_url, [FIRST, SECOND])

    with pytest.raises(MigrationRefused, match=r"0002_second.*upgrade"):
        migrate(empty_postgres_url, [FIRST])
    assert _tables(empty_postgres_url) == ["first", "migrations", "second"]


def test_four_processes_that_start_at_once_migrate_once(empty_postgres_url: str) -> None:
    program = (
        "import sys; from application.migrations import migrate; print(len(migrate(sys.argv[1])))"
    )
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", program, empty_postgres_url],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]

    applied = sorted(int(racer.communicate(timeout=120)[0]) for racer in racers)

    assert [racer.returncode for racer in racers] == [0, 0, 0, 0]
    assert applied == [0, 0, 0, len(shipped())]


def test_a_database_that_is_away_is_said_so() -> None:
    with pytest.raises(StoreUnavailable, match="does not answer"):
        migrate("postgresql://postgres@127.0.0.1:1/x")


def test_every_file_has_its_own_number() -> None:
    numbers = [migration.number for migration in shipped()]

    assert len(numbers) == len(set(numbers))


def test_our_tables_are_those_the_library_would_make(postgres_url: str) -> None:
    """So a new version of the library that wants other tables is noticed here."""
    parts = conninfo_to_dict(postgres_url)
    with psycopg.connect(postgres_url, autocommit=True) as conn:
        conn.execute("CREATE SCHEMA library")
        app = _Library(
            {
                "PERSISTENCE_MODULE": "eventsourcing.postgres",
                "POSTGRES_SCHEMA": "library",
                "POSTGRES_DBNAME": str(parts["dbname"]),
                "POSTGRES_HOST": str(parts["host"]),
                "POSTGRES_USER": str(parts["user"]),
                "POSTGRES_PASSWORD": "",
            }
        )
        app.close()

        theirs = _shape(conn, "library")
        ours = _shape(conn, "countermand")

    assert ours == theirs


class _Library(Application[UUID]):
    name = "orders"

    @override
    def construct_recorder(self) -> ProcessRecorder:
        return self.factory.process_recorder()


def _shape(conn: psycopg.Connection[tuple[object, ...]], schema: str) -> list[str]:
    """Columns, indexes and the library's own rows, without the schema's name."""
    tables = ["orders_events", "orders_tracking"]
    columns = conn.execute(
        "SELECT table_name, ordinal_position, column_name, data_type, is_nullable, column_default"
        " FROM information_schema.columns WHERE table_schema = %s AND table_name = ANY(%s)"
        " ORDER BY 1, 2",
        (schema, tables),
    ).fetchall()
    indexes = conn.execute(
        "SELECT indexdef FROM pg_indexes WHERE schemaname = %s AND tablename = ANY(%s) ORDER BY 1",
        (schema, tables),
    ).fetchall()
    rows = conn.execute(
        SQL("SELECT * FROM {}.orders_tracking").format(Identifier(schema))
    ).fetchall()
    return [str(row).replace(schema, "") for row in (*columns, *indexes, *rows)]


def test_each_database_has_a_note_key_of_its_own(
    postgres_url: str, empty_postgres_url: str
) -> None:
    migrate(empty_postgres_url)

    keys = [_note_key(url) for url in (postgres_url, empty_postgres_url)]

    assert [len(key) for key in keys] == [32, 32]
    assert keys[0] != keys[1]


def test_refunds_of_before_get_their_amounts(empty_postgres_url: str) -> None:
    migrate(empty_postgres_url, [one for one in shipped() if one.number < 102])
    with psycopg.connect(empty_postgres_url) as conn, conn.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO countermand.refunds VALUES ('A-1', %s, 'fjell', 'due', 5, %s)",
            [
                ("r-1", b'{"currency":"EUR","amount":"1234.50"}'),
                ("r-2", b'{"currency":"JPY","amount":"1500"}'),
                ("r-3", b'{"currency":"KWD","amount":"0.005"}'),
            ],
        )

    migrate(empty_postgres_url)

    with psycopg.connect(empty_postgres_url) as conn:
        found = conn.execute(
            "SELECT currency, amount FROM countermand.refunds ORDER BY 1"
        ).fetchall()
    assert found == [("EUR", 123_450), ("JPY", 1_500), ("KWD", 5)]


def _note_key(url: str) -> bytes:
    with psycopg.connect(url) as conn:
        row = conn.execute(
            "SELECT value FROM countermand.secrets WHERE name = 'note-key'"
        ).fetchone()
    assert row
    return bytes(row[0])
