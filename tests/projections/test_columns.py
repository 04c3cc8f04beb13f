"""Columns arrive as they were packed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from projections.columns import COLUMNS, teach

IN_ONE_DATABASE = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50
)


def round_trip(url: str, kind: str, values: Sequence[Any]) -> list[Any]:
    with psycopg.connect(url) as conn:
        teach(conn)
        row = conn.execute(f"SELECT %b::{kind}[]".encode(), (COLUMNS[kind](values),)).fetchone()
    return [] if row is None else list(row[0])


@IN_ONE_DATABASE
@given(values=st.lists(st.none() | st.integers(-(2**63), 2**63 - 1)))
def test_numbers_and_nulls(module_postgres_url: str, values: list[int | None]) -> None:
    assert round_trip(module_postgres_url, "bigint", values) == values


@IN_ONE_DATABASE
@given(values=st.lists(st.integers(-(10**40), 10**40)))
def test_numbers_of_any_size(module_postgres_url: str, values: list[int]) -> None:
    assert round_trip(module_postgres_url, "numeric", values) == values


@IN_ONE_DATABASE
@given(values=st.lists(st.text(st.characters(exclude_characters="\0", codec="utf-8"))))
def test_texts(module_postgres_url: str, values: list[str]) -> None:
    assert round_trip(module_postgres_url, "text", values) == values


@IN_ONE_DATABASE
@given(values=st.lists(st.binary()))
def test_bodies(module_postgres_url: str, values: list[bytes]) -> None:
    assert round_trip(module_postgres_url, "bytea", values) == values


@pytest.mark.parametrize("length", [8191, 8192, 100_000])
def test_long_bodies(module_postgres_url: str, length: int) -> None:
    assert round_trip(module_postgres_url, "bytea", [b"x" * length]) == [b"x" * length]
