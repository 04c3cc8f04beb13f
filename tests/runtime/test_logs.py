"""The log: one line an event, nothing personal, nothing that a terminal would obey."""

from __future__ import annotations

import io
import json
import logging
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from runtime import logs

Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[Lines]:
    """Configure the log as it is where nobody watches; give what was logged, as objects."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    said = io.StringIO()
    monkeypatch.setattr(sys, "stderr", said)
    logs.configure("info", "auto", "ingest")
    yield lambda: [json.loads(line) for line in said.getvalue().splitlines()]
    root.handlers[:] = before
    root.setLevel(level)


def test_a_record_is_one_json_object_with_its_ids(lines: Lines) -> None:
    logging.getLogger("consumers.ingest").warning(
        "order %s waits", "A-1", extra={"message_id": "m1", "position": 5}
    )

    (line,) = lines()

    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "order A-1 waits",
        "level": "warning",
        "logger": "consumers.ingest",
        "message_id": "m1",
        "position": 5,
        "role": "ingest",
    }


def test_what_may_be_personal_is_not_logged(lines: Lines) -> None:
    logging.getLogger("x").warning("heard", extra={"note": "call me", "value": b"{...}"})

    (line,) = lines()

    assert (line["note"], line["value"]) == ("(not logged)", "(not logged)")


def test_control_characters_are_escaped(lines: Lines) -> None:
    logging.getLogger("x").warning("%s", "red \x1b[31m, two\nlines, turned \u202e round")

    (line,) = lines()

    assert line["event"] == r"red \x1b[31m, two\x0alines, turned \u202e round"


def test_a_long_value_is_cut(lines: Lines) -> None:
    logging.getLogger("x").warning("%s", "x" * 10_000)

    (line,) = lines()

    assert line["event"] == "x" * logs.LONGEST + "..."


def test_an_error_comes_with_its_traceback_in_the_same_line(lines: Lines) -> None:
    try:
        raise ValueError("no \x07 bell")
    except ValueError:
        logging.getLogger("x").exception("failed")

    (line,) = lines()

    assert line["exception"].endswith("\nValueError: no \\x07 bell")
