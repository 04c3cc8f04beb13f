"""What is looked at before the first event is written: settings that are known to lose data."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

import psycopg
from psycopg import Connection

from application.recording import UnsafeSettings

LIBRARY = "9.5."

_OFF = frozenset({"", "0", "f", "false", "n", "no", "off"})
_VARIABLES: dict[str, tuple[frozenset[str], str]] = {
    "POSTGRES_ENABLE_DB_FUNCTIONS": (_OFF, "it drops positions, and readers miss events"),
    "SINGLE_ROW_TRACKING": (
        frozenset({"", "1", "t", "true", "y", "yes", "on"}),
        "a position is one row",
    ),
    "ORIGINATOR_ID_TYPE": (frozenset({"", "uuid"}), "text ids that cannot be sent lose messages"),
    "AGGREGATE_CACHE_MAXSIZE": (frozenset({""}), "its cache keeps states that were never saved"),
    "AGGREGATE_CACHE_FASTFORWARD": (frozenset({""}), "its cache is not used"),
    "AGGREGATE_CACHE_FASTFORWARD_SKIPPING": (frozenset({""}), "its cache is not used"),
    "DEEPCOPY_FROM_AGGREGATE_CACHE": (frozenset({""}), "its cache hands out unsaved states"),
    "COMPRESSOR_TOPIC": (frozenset({""}), "stored events are plain JSON"),
    "CIPHER_TOPIC": (frozenset({""}), "stored events are plain JSON"),
}
"""The library's variables that we refuse: their harmless values, and why the others are not."""

_SETTINGS: dict[str, tuple[frozenset[str], str]] = {
    "fsync": (frozenset({"on"}), "a crash of the machine loses committed events"),
    "full_page_writes": (frozenset({"on"}), "a crash of the machine tears pages"),
    "synchronous_commit": (
        frozenset({"on", "local", "remote_write", "remote_apply"}),
        "a crash loses the last committed events, and their input is not read again",
    ),
    "server_encoding": (frozenset({"UTF8"}), "names and titles may hold any character"),
    "transaction_read_only": (frozenset({"off"}), "events cannot be written"),
}


def check(database_url: str, environ: Mapping[str, str], connect_timeout: int) -> None:
    """Raise `UnsafeSettings` with what to change, or psycopg's error if nobody answers."""
    check_library(version("eventsourcing"))
    check_environment(environ)
    with psycopg.connect(database_url, connect_timeout=connect_timeout, autocommit=True) as conn:
        check_server(conn)


def check_library(installed: str) -> None:
    """Only 9.5.x has the tables and the recorder that ours is built on."""
    if not installed.startswith(LIBRARY):
        raise UnsafeSettings(
            f"eventsourcing {installed} is installed, {LIBRARY}x is needed:"
            " pip install 'eventsourcing>=9.5.6,<9.6'"
        )


def check_environment(environ: Mapping[str, str]) -> None:
    """The library would read these; we do not, but who set one expects something of it."""
    for variable, (harmless, why) in _VARIABLES.items():
        for name in (variable, f"ORDERS_{variable}"):
            value = environ.get(name, "")
            if value.strip().lower() not in harmless:
                raise UnsafeSettings(f"unset the environment variable {name} ({value!r}): {why}")


def check_server(conn: Connection[Any]) -> None:
    """The server's settings as this user has them, and whether the tables are there."""
    for setting, (safe, why) in _SETTINGS.items():
        row = conn.execute("SELECT current_setting(%s)", (setting,)).fetchone()
        value = str(row[0]) if row else ""
        if value not in safe:
            raise UnsafeSettings(
                f"PostgreSQL has {setting} = {value}: {why}."
                f" Set it to {' or '.join(sorted(safe))}, or use another database"
            )
    found = conn.execute("SELECT to_regclass('countermand.orders_tracking')").fetchone()
    if found == (None,):
        raise UnsafeSettings("the database has no tables of ours: run the migrations first")
