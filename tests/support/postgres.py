"""A real PostgreSQL for tests: one embedded server a session, a fresh database a test."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from application.event_store import EventStore
from application.migrations import migrate
from runtime import embedded

_NUMBERS = count(1)
_TEMPLATE = "migrated"


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """URL of the `postgres` database of the session's server."""
    folder = Path(mkdtemp(prefix="cm-test-"))  # short: a socket's path has little room
    with embedded.start(folder) as server:
        _create(server.url, _TEMPLATE, "template1")
        migrate(_with_database(server.url, _TEMPLATE))
        yield server.url
    rmtree(folder)


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


class _database:  # noqa: N801  reads as a function
    def __init__(self, server: str, template: str) -> None:
        self._server = server
        self._template = template
        self._name = f"test_{next(_NUMBERS)}"

    def __enter__(self) -> str:
        _create(self._server, self._name, self._template)
        return _with_database(self._server, self._name)

    def __exit__(self, *_: object) -> None:
        with psycopg.connect(self._server, autocommit=True) as conn:
            conn.execute(f"DROP DATABASE {self._name} WITH (FORCE)".encode())


def _create(server: str, name: str, template: str) -> None:
    with psycopg.connect(server, autocommit=True) as conn:
        conn.execute(f"CREATE DATABASE {name} TEMPLATE {template}".encode())


def _with_database(url: str, name: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))
