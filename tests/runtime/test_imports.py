"""The rules about who may import what, executed; import-linter holds the rooms to their order."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("domain", "application", "consumers", "projections", "audit", "web", "runtime")

PURE = {
    "__future__",
    "bisect",
    "collections",
    "dataclasses",
    "enum",
    "fractions",
    "functools",
    "hashlib",
    "itertools",
    "math",
    "msgspec",
    "operator",
    "re",
    "typing",
    "typing_extensions",
}
"""What the domain may import: same input, same output, for ever."""


def files(*rooms: str) -> list[Path]:
    return [path for room in rooms for path in sorted((ROOT / room).rglob("*.py"))]


def imported(source: str) -> Iterator[str]:
    """The top-level names of all modules that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module.partition(".")[0]


def reads_environment(source: str) -> bool:
    """Whether a file looks at variables of the environment, by any of the usual ways."""
    names = {"environ", "environb", "getenv", "getenvb"}
    return any(
        (isinstance(node, ast.Attribute) and node.attr in names)
        or (isinstance(node, ast.ImportFrom) and any(a.name in names for a in node.names))
        for node in ast.walk(ast.parse(source))
    )


def importers(module: str) -> list[str]:
    return [
        str(path.relative_to(ROOT))
        for path in files(*ROOMS)
        if module in imported(path.read_text())
    ]


def test_the_domain_imports_nothing_that_could_answer_differently_tomorrow() -> None:
    foreign = {
        str(path.relative_to(ROOT)): others
        for path in files("domain")
        if (others := set(imported(path.read_text())) - PURE - {"domain"})
    }

    assert foreign == {}


def test_one_file_knows_the_event_stores_library() -> None:
    assert importers("eventsourcing") == ["application/event_store.py"]


def test_one_package_knows_the_kafka_client() -> None:
    assert {Path(file).parent for file in importers("kafka")} == {Path("consumers/kafka")}


def test_only_the_settings_read_the_environment() -> None:
    readers = [
        str(path.relative_to(ROOT)) for path in files(*ROOMS) if reads_environment(path.read_text())
    ]

    assert readers == ["runtime/settings.py"]


def test_nobody_outside_uses_the_views_code_to_replay() -> None:
    """Views and replay share the domain, never each other's code for deriving."""
    replaying = (ROOT / "audit" / "replay.py").read_text()

    assert "projections.views" not in replaying


def test_the_reacting_world_knows_the_public_contract_only() -> None:
    inside = {"domain", "application", "projections", "audit"}

    knowing = [
        path.name for path in files("runtime/world") if inside & set(imported(path.read_text()))
    ]

    assert files("runtime/world")
    assert knowing == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import kafka.errors", {"kafka"}),
        ("def f():\n    from kafka.consumer import fetcher", {"kafka"}),
        ("from consumers import kafka", {"consumers"}),
        ("from . import kafka", set()),
    ],
)
def test_an_import_is_seen_wherever_it_stands(source: str, found: set[str]) -> None:
    assert set(imported(source)) == found


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import os\nos.environ['A']", True),
        ("from os import environ", True),
        ("import os\ndef f(e=os.environ): ...", True),
        ("import os\nos.getenv('A')", True),
        ("import os\nos.getpid()", False),
    ],
)
def test_reading_the_environment_is_seen(source: str, found: bool) -> None:  # noqa: FBT001
    assert reads_environment(source) == found


def test_nothing_happens_at_import() -> None:
    """Importing the command line loads no database, no Kafka, nothing heavy: --help is instant."""
    heavy = ["psycopg", "kafka", "pydantic", "eventsourcing", "structlog", "rich.markdown"]
    program = f"import sys, runtime.cli; print([m for m in {heavy!r} if m in sys.modules])"
    said = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert said.stdout.strip() == "[]"
