"""A real PostgreSQL for tests: one embedded server a session, a fresh database a test.

Its files are in memory where there is room: making a database is ten times faster than on disk.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from shutil import disk_usage, rmtree
from tempfile import mkdtemp
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from application.event_store import EventStore
from application.migrations import migrate
from runtime import embedded

_NUMBERS = count(1)
_TEMPLATE = "migrated"
_ROOM = 4_000_000_000


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """URL of the `postgres` database of the session's server."""
    folder = Path(mkdtemp(prefix="cm-test-", dir=in_memory()))  # short: a socket's path must be
    try:
        with embedded.start(folder) as server:
            _create(server.url, _TEMPLATE, "template1")
            migrate(_with_database(server.url, _TEMPLATE))
            yield server.url
    finally:
        rmtree(folder)


def in_memory() -> Path | None:
    """Where files are fast, if there is room; else None, the usual temporary folder."""
    memory = Path("/dev/shm")  # noqa: S108  only looked for
    return memory if memory.is_dir() and disk_usage(memory).free > _ROOM else None


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """A migrated database of the test's own."""
    with _database(postgres_server, _TEMPLATE) as url:
        yield url


@pytest.fixture(scope="module")
def module_postgres_url(postgres_server: str) -> Iterator[str]:
    """A migrated database shared by a module's tests."""
    with _database(postgres_server, _TEMPLATE) as url:
        yield url


@pytest.fixture
def empty_postgres_url(postgres_server: str) -> Iterator[str]:
    """A database without our tables."""
    with _database(postgres_server, "template1") as url:
        yield url


@pytest.fixture
def store(postgres_url: str) -> Iterator[EventStore]:
    """A store on the test's own database."""
    with EventStore.open(postgres_url) as opened:
        yield opened


@contextmanager
def copied(url: str) -> Iterator[str]:
    """Give a copy of a database that nobody is connected to now: a backup, to be restored."""
    with _database(_with_database(url, "postgres"), urlsplit(url).path.removeprefix("/")) as copy:
        yield copy


@contextmanager
def _database(server: str, template: str) -> Iterator[str]:
    name = f"test_{next(_NUMBERS)}"
    _create(server, name, template)
    try:
        yield _with_database(server, name)
    finally:
        with psycopg.connect(server, autocommit=True) as conn:
            conn.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


def _create(server: str, name: str, template: str) -> None:
    with psycopg.connect(server, autocommit=True) as conn:
        conn.execute(f"CREATE DATABASE {name} TEMPLATE {template}".encode())


def _with_database(url: str, name: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))
