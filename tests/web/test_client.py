"""A client that was made of our own OpenAPI document: docs/api.md, typed and run as it stands."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.support.command import ROOT, SECONDS, Command, address_of
from tests.support.saying import say
from web.app import described
from web.security.auth import Auth

HERE = "http://localhost:8080"
PAGE = (ROOT / "docs" / "api.md").read_text().partition("## A client of your own")[2]
GENERATE = ROOT / "deploy" / "client" / "generate"
MUGS = {"line_id": "1", "sku": "MUG-7", "title": "Enamel mug", "quantity": 3, "unit_price": "12.00"}


def block(language: str) -> str:
    found = re.search(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    assert found is not None, language
    return found[1]


def done(*words: str | Path, folder: Path) -> str:
    """What a command says that has to go well."""
    told = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout + told.stderr
    return told.stdout


@pytest.fixture
def address(postgres_url: str, tmp_path: Path) -> Iterator[str]:
    """A service that is run as people run it, and holds an order of three mugs."""
    countermand = Command(tmp_path, database_url=postgres_url, http_bind="127.0.0.1:0")
    with countermand.start("run", "--role", "serve", "--role", "project") as running:
        address = address_of(running)
        there = f"{address}/api/v1/messages"
        one = say(
            "OrderPlaced", "A-1", buyer_id="mira", seller_id="fjell", currency="EUR", lines=[MUGS]
        )
        assert httpx.post(there, json=one, timeout=SECONDS).json()["outcome"] == "recorded"
        yield address
        running.send_signal(signal.SIGTERM)
        running.communicate(timeout=SECONDS)


@pytest.mark.timeout(600)  # the first time the generator is fetched
def test_a_client_is_generated_without_a_warning_and_does_what_the_page_says(
    address: str, tmp_path: Path
) -> None:
    (tmp_path / "deploy").symlink_to(ROOT / "deploy")
    done("sh", "-ec", block("bash").replace(HERE, address), folder=tmp_path)
    build = tmp_path / "build"
    (build / "mira.py").write_text(block("python").replace(HERE, address))
    python = done(GENERATE, "--python", folder=build).strip()

    # The types say what each call answers: the program is right before it is run.
    mypy = (sys.executable, "-m", "mypy", "--strict", "--no-error-summary", "--cache-dir=cache")
    only = ("--follow-imports=silent", "--python-executable", python)
    checked = done(*mypy, *only, "mira.py", folder=build)
    told = done(python, "mira.py", folder=build)

    assert (checked, told) == ("", block("text"))


def test_a_document_that_generators_cannot_read_whole_is_refused(tmp_path: Path) -> None:
    document = described(Auth())
    del document["components"]["schemas"]["OrderInformation"]["properties"]["lines"]["items"]
    (tmp_path / "openapi.json").write_text(json.dumps(document))

    told = subprocess.run(
        [GENERATE, tmp_path / "openapi.json", tmp_path / "client"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert told.returncode == 1
    assert "generate: openapi-python-client failed" in told.stderr
