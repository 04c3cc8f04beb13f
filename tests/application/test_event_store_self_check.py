"""Settings that are known to lose data are refused before the first event is written."""

from __future__ import annotations

from collections.abc import Mapping

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from application import self_check
from application.event_store import EventStore, UnsafeSettings


@pytest.mark.parametrize(
    "environ",
    [
        {"POSTGRES_ENABLE_DB_FUNCTIONS": "y"},
        {"ORDERS_POSTGRES_ENABLE_DB_FUNCTIONS": "true"},
        {"SINGLE_ROW_TRACKING": "n"},
        {"ORIGINATOR_ID_TYPE": "text"},
        {"AGGREGATE_CACHE_MAXSIZE": "1000"},
        {"AGGREGATE_CACHE_FASTFORWARD": "n"},
        {"AGGREGATE_CACHE_FASTFORWARD_SKIPPING": "y"},
        {"DEEPCOPY_FROM_AGGREGATE_CACHE": "n"},
        {"COMPRESSOR_TOPIC": "zlib"},
        {"CIPHER_TOPIC": "eventsourcing.cryptography:AESCipher"},
    ],
    ids=lambda environ: next(iter(environ)),
)
def test_a_variable_of_the_library_that_loses_data_is_refused_by_name(
    postgres_url: str, environ: Mapping[str, str]
) -> None:
    name = next(iter(environ))

    with pytest.raises(UnsafeSettings, match=f"unset the environment variable {name}"):
        EventStore.open(postgres_url, environ=environ)


def test_harmless_values_of_the_librarys_variables_pass(postgres_url: str) -> None:
    environ = {"POSTGRES_ENABLE_DB_FUNCTIONS": "no", "SINGLE_ROW_TRACKING": "y"}

    EventStore.open(postgres_url, environ=environ).close()


def test_the_librarys_variables_are_not_read_even_if_nobody_refuses_them(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ORDERS_POSTGRES_ENABLE_DB_FUNCTIONS", "y")
    monkeypatch.setenv("ORDERS_POSTGRES_SCHEMA", "elsewhere")

    with EventStore.open(postgres_url, environ={}) as store:
        assert store._recorder.datastore.enable_db_functions is False
        assert store._recorder.datastore.schema == "countermand"


@pytest.mark.parametrize("setting", ["synchronous_commit=off", "transaction_read_only=on"])
def test_a_session_that_loses_data_is_refused(postgres_url: str, setting: str) -> None:
    option = setting.replace("transaction_", "default_transaction_")
    url = make_conninfo(postgres_url, options=f"-c {option}")

    with pytest.raises(UnsafeSettings, match=setting.split("=", maxsplit=1)[0]):
        EventStore.open(url, environ={})


@pytest.mark.parametrize("setting", ["fsync", "full_page_writes"])
def test_a_server_that_loses_data_is_refused(postgres_server: str, setting: str) -> None:
    with psycopg.connect(postgres_server, autocommit=True) as conn:
        _set(conn, f"ALTER SYSTEM SET {setting} = off")
        try:
            with pytest.raises(UnsafeSettings, match=f"{setting} = off"):
                EventStore.open(postgres_server, environ={})
        finally:
            _set(conn, f"ALTER SYSTEM RESET {setting}")


def _set(conn: psycopg.Connection[tuple[object, ...]], change: str) -> None:
    """Change a setting of the server and wait until this session has heard of it."""
    before = conn.execute("SELECT pg_conf_load_time()").fetchone()
    conn.execute(change.encode())
    conn.execute("SELECT pg_reload_conf()")
    while conn.execute("SELECT pg_conf_load_time()").fetchone() == before:
        pass


def test_a_database_without_our_tables_is_refused(empty_postgres_url: str) -> None:
    with pytest.raises(UnsafeSettings, match="run the migrations first"):
        EventStore.open(empty_postgres_url, environ={})


@pytest.mark.parametrize("version", ["9.4.9", "9.6.0", "10.0.0a7"])
def test_another_version_of_the_library_is_refused(version: str) -> None:
    with pytest.raises(UnsafeSettings, match="pip install"):
        self_check.check_library(version)


def test_the_installed_version_of_the_library_passes() -> None:
    self_check.check_library("9.5.6")
