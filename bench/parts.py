"""The real parts below every contender: one PostgreSQL with fsync on, and one Kafka broker."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit, urlunsplit

import psycopg

from application.migrations import migrate
from bench.apart import Failed
from runtime import embedded

BROKER = Path(__file__).resolve().parent.parent / "deploy" / "kafka" / "broker"
_TEMPLATE = "migrated"
_NUMBERS = count(1)


class Postgres(NamedTuple):
    """The server, the process that all of its own descend from, and fresh databases."""

    url: str
    pid: int

    @contextmanager
    def database(
        self, *, migrated: bool = True, name: str | None = None, copy_of: str | None = None
    ) -> Iterator[str]:
        """Give the URL of a fresh database, or of a copy; it is gone afterwards."""
        name = name or f"round_{next(_NUMBERS)}"
        template = copy_of or (_TEMPLATE if migrated else "template1")
        self.tell(f"CREATE DATABASE {name} TEMPLATE {template}")
        try:
            yield _with_database(self.url, name)
        finally:
            self.tell(f"DROP DATABASE {name} WITH (FORCE)")

    def settle(self) -> None:
        """Write out what earlier contenders left, so that none pays for another one."""
        self.tell("CHECKPOINT")

    def tell(self, sql: str) -> None:
        with psycopg.connect(self.url, autocommit=True) as conn:
            conn.execute(sql.encode())


@contextmanager
def postgres(folder: Path) -> Iterator[Postgres]:
    """Run an embedded server below a folder, as the product does."""
    with embedded.start(folder) as server:
        pid = int((folder / "postgres" / "postmaster.pid").read_text().split()[0])
        ours = Postgres(server.url, pid)
        with psycopg.connect(server.url) as conn:
            fsync = conn.execute("SHOW fsync").fetchone()
        if fsync != ("on",):
            raise Failed("PostgreSQL runs with fsync off: what it measured would be worth nothing")
        ours.tell(f"CREATE DATABASE {_TEMPLATE}")
        migrate(_with_database(server.url, _TEMPLATE))
        yield ours


def _with_database(url: str, name: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


class Broker(NamedTuple):
    """A broker on loopback."""

    bootstrap: str
    pid: int


@contextmanager
def broker(folder: Path) -> Iterator[Broker]:
    """Run one broker with its data below a folder."""
    told = _broker("start", folder)
    try:
        words = dict(word.partition("=")[::2] for word in told.split())
        yield Broker(words["bootstrap"], int(words["pid"]))
    finally:
        _broker("stop", folder)


def _broker(verb: str, folder: Path) -> str:
    # In a session of its own: Ctrl-C is for us, and we stop it in order.
    done = subprocess.run(
        [sys.executable, str(BROKER), verb, "--data", str(folder / "kafka")],
        check=False,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    if done.returncode:
        raise Failed(f"deploy/kafka/broker {verb} ended with {done.returncode}")
    return done.stdout
