"""What a program of the world keeps: a file that survives its end at any moment.

One step of a program is one transaction: what it heard, what it knows now, what it means to do
later and what it has to say. What was to be said is sent after it, and again after a crash: the
same bytes.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, Self, TypeVar

import msgspec
from msgspec import Struct

from runtime.world.wire import Said

_TABLES = """
CREATE TABLE IF NOT EXISTS kept (
    key TEXT PRIMARY KEY, value BLOB NOT NULL, is_open INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS kept_open ON kept (key) WHERE is_open;
CREATE TABLE IF NOT EXISTS notes (
    what TEXT, about TEXT, at INTEGER NOT NULL, PRIMARY KEY (what, about)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS notes_at ON notes (at);
CREATE TABLE IF NOT EXISTS heard (
    source TEXT, id TEXT, PRIMARY KEY (source, id)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS said (id TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS outbox (
    number INTEGER PRIMARY KEY, at INTEGER NOT NULL, channel TEXT NOT NULL,
    order_id TEXT NOT NULL, value BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS outbox_at ON outbox (at);
CREATE TABLE IF NOT EXISTS places (
    topic TEXT, partition INTEGER, next INTEGER NOT NULL, PRIMARY KEY (topic, partition)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS counts (name TEXT PRIMARY KEY, number INTEGER NOT NULL) WITHOUT ROWID;
"""

S = TypeVar("S", bound=Struct)


class Note(NamedTuple):
    """Something to do later: what, about whom, and when on a clock on the wall."""

    what: str
    about: str
    at: int


class Book:
    """One program's file. Every write belongs to the transaction of a `step`."""

    def __init__(self, path: Path) -> None:
        self._sql = sqlite3.connect(path, isolation_level=None)
        self._sql.execute("PRAGMA journal_mode = WAL")
        # A commit outlives its process, not the machine: that much is asked of a made-up world.
        self._sql.execute("PRAGMA synchronous = NORMAL")
        self._sql.executescript(_TABLES)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._sql.close()

    @contextmanager
    def step(self) -> Iterator[None]:
        self._sql.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._sql.execute("ROLLBACK")
            raise
        self._sql.execute("COMMIT")

    def table(self, definition: str) -> None:
        """Make a table of the program's own, where it is missing."""
        self._sql.execute(definition)

    def run(self, statement: str, *values: object) -> list[tuple[object, ...]]:
        return self._sql.execute(statement, values).fetchall()

    def kept(self, kind: type[S], key: str) -> S | None:
        row = self._sql.execute("SELECT value FROM kept WHERE key = ?", (key,)).fetchone()
        return None if row is None else msgspec.json.decode(row[0], type=kind)

    def keep(self, key: str, value: Struct, *, is_open: bool) -> None:
        """Keep what is known. Open: this is not over yet."""
        row = (key, msgspec.json.encode(value), is_open)
        self._sql.execute("REPLACE INTO kept VALUES (?, ?, ?)", row)

    def open_keys(self, prefix: str) -> list[str]:
        """What is not over yet, of what begins so."""
        rows = self._sql.execute(
            "SELECT key FROM kept WHERE is_open AND key BETWEEN ? AND ?", (prefix, prefix + "~")
        )
        return [key for (key,) in rows]

    def note(self, note: Note) -> None:
        """Note what to do later; about the same thing, the later note counts."""
        self._sql.execute("REPLACE INTO notes VALUES (?, ?, ?)", note)

    def forget(self, what: str, about: str) -> None:
        self._sql.execute("DELETE FROM notes WHERE what = ? AND about = ?", (what, about))

    def due(self, now: int, limit: int) -> list[Note]:
        rows = self._sql.execute(
            "SELECT what, about, at FROM notes WHERE at <= ? ORDER BY at LIMIT ?", (now, limit)
        )
        return [Note(*row) for row in rows]

    def next_at(self) -> int | None:
        """When there is something to do or to send next."""
        row = self._sql.execute(
            "SELECT min(at) FROM (SELECT min(at) AS at FROM notes UNION ALL"
            " SELECT min(at) FROM outbox)"
        ).fetchone()
        return None if row[0] is None else int(row[0])

    def is_new(self, source: str, message_id: str) -> bool:
        """Note that a message was heard; False: it was before."""
        done = self._sql.execute("INSERT OR IGNORE INTO heard VALUES (?, ?)", (source, message_id))
        return done.rowcount == 1

    def is_unsaid(self, message_id: str) -> bool:
        """Note that a message was written; False: it was before."""
        done = self._sql.execute("INSERT OR IGNORE INTO said VALUES (?)", (message_id,))
        return done.rowcount == 1

    def say(self, message: Said, at: int) -> None:
        """Have a message sent, from a moment on."""
        self._sql.execute(
            "INSERT INTO outbox (at, channel, order_id, value) VALUES (?, ?, ?, ?)", (at, *message)
        )

    def unsent(self, now: int, limit: int) -> list[tuple[int, Said]]:
        rows = self._sql.execute(
            "SELECT number, channel, order_id, value FROM outbox WHERE at <= ?"
            " ORDER BY at, number LIMIT ?",
            (now, limit),
        )
        return [(number, Said(*message)) for number, *message in rows]

    def sent(self, numbers: list[int]) -> None:
        rows = [(number,) for number in numbers]
        with self.step():
            self._sql.executemany("DELETE FROM outbox WHERE number = ?", rows)

    def places(self) -> dict[tuple[str, int], int]:
        """Where it reads on, for each partition it has read of."""
        rows = self._sql.execute("SELECT topic, partition, next FROM places")
        return {(topic, partition): following for topic, partition, following in rows}

    def read_to(self, topic: str, partition: int, following: int) -> None:
        row = (topic, partition, following)
        self._sql.execute("REPLACE INTO places VALUES (?, ?, ?)", row)

    def count(self, name: str, more: int = 1) -> None:
        self._sql.execute(
            "INSERT INTO counts VALUES (?, ?)"
            " ON CONFLICT (name) DO UPDATE SET number = number + excluded.number",
            (name, more),
        )


class Reader:
    """Somebody else's book, to look into while its program writes."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def rows(self, statement: str) -> list[tuple[object, ...]]:
        """Read; nothing where there is no book yet."""
        if not self._path.exists():
            return []
        sql = sqlite3.connect(f"file:{self._path}?mode=ro", uri=True, timeout=10)
        try:
            return sql.execute(statement).fetchall()
        except sqlite3.OperationalError as error:
            if "no such table" in str(error):
                return []
            raise
        finally:
            sql.close()

    def counts(self) -> dict[str, int]:
        return {str(name): int(str(n)) for name, n in self.rows("SELECT * FROM counts")}

    def open(self) -> list[str]:
        """What is not over yet."""
        return [str(key) for (key,) in self.rows("SELECT key FROM kept WHERE is_open")]
