"""docs/adapters.md: its examples say what it says, its commands run, and each rule is explained."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import pytest

from consumers.outside.rules import load
from tests.consumers.test_messages_docs import rules_in
from tests.support.command import ROOT, Command, Said

PAGE = (ROOT / "docs" / "adapters.md").read_text()
MESSAGES = (ROOT / "docs" / "messages.md").read_text()
ROOMS = ("epcis", "carriers", "outside")
COUNTERMAND = f"{shlex.quote(sys.executable)} -m runtime.cli"


class Block(NamedTuple):
    """A block of the page, and the file's name, or the words, in the line before it."""

    before: str
    language: str
    text: str


def blocks() -> list[Block]:
    found = re.findall(r"(?:^(\S[^\n]*)\n\n)?^```(\w+)\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    return [Block(*one) for one in found]


@pytest.fixture
def folder(tmp_path: Path, postgres_url: str) -> Command:
    """A folder with the page's files in it."""
    for block in blocks():
        name = re.fullmatch(r"`([\w.]+)`", block.before)
        if name is not None:
            (tmp_path / name[1]).write_text(block.text)
    return Command(tmp_path, database_url=postgres_url)


def typed(line: str, folder: Command) -> Said:
    """Run a line as a reader types it."""
    done = subprocess.run(  # noqa: S602
        re.sub(r"\bcountermand\b", COUNTERMAND, line),
        shell=True,
        cwd=folder.folder,
        env=folder.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return Said(done.returncode, done.stdout, done.stderr)


@pytest.mark.timeout(600)
def test_the_examples_come_to_what_the_page_says(folder: Command) -> None:
    """Each command, in the page's order; where an answer follows it, it is the answer."""
    page = [*blocks(), Block("", "", "")]
    ran = 0
    for block, answer in pairwise(page):
        if block.language == "sh":
            answers = [typed(line, folder) for line in block.text.splitlines()]
            said, ran = answers[-1], ran + len(answers)
            if answer.before.startswith("On standard error"):
                assert (said.code, said.err) == (3, answer.text)
            elif answer.language == "json" and not answer.before:
                assert (said.code, said.out) == (0, answer.text), said.err
            else:
                assert {one.code for one in answers} == {0}, answers
    assert ran == 8

    told = folder("order", "O-1007", "--json").json()
    figures = {one["line_id"]: (one["shipped"], one["returned"]) for one in told["lines"]}
    assert figures == {"09521141123454": (2, 0), "09521141678909": (1, 1)}
    assert folder("dead-letters", "list", "--json").json()["dead_letters"] == []


def test_every_rule_is_explained() -> None:
    files = [file for room in ROOMS for file in (ROOT / "consumers" / room).glob("*.py")]
    raised = set[str]().union(*map(rules_in, files))
    explained = set(re.findall(r"`([a-z0-9_]+)`", PAGE + MESSAGES))

    assert len(raised) > 12
    assert raised - explained == set()


def test_every_damaged_disposition_is_named() -> None:
    (row,) = (line for line in PAGE.splitlines() if "condition good; damaged where" in line)

    assert set(load().epcis.damaged) <= set(re.findall(r"\*(\w+)\*", row))


def test_the_help_names_what_there_is(tmp_path: Path) -> None:
    countermand = Command(tmp_path)

    assert set(re.findall(r"^  (\w+) ", countermand("translate", "--help").out, re.MULTILINE)) >= {
        "epcis",
        "carrier",
        "rules",
    }
    printed = countermand("translate", "rules").out
    (tmp_path / "rules.toml").write_text(printed)
    assert load(tmp_path / "rules.toml") == load()


def test_a_document_in_a_line_or_in_many(tmp_path: Path) -> None:
    """Bad lines are letters of their own; a file that is no JSON at all is one."""
    (line,) = [block.text for block in blocks() if block.before == "`shipped.json`"]
    (tmp_path / "lines.jsonl").write_text(f"{line}\nno json\n{line}")
    countermand = Command(tmp_path)

    lines = countermand("translate", "epcis", "lines.jsonl", "--rules", "nowhere.toml")
    assert (lines.code, lines.out) == (2, "")
    (tmp_path / "rules.toml").write_text(
        next(block.text for block in blocks() if block.before == "`rules.toml`")
    )
    countermand.set(adapter_rules="rules.toml")
    lines = countermand("translate", "epcis", "lines.jsonl")
    one, two = lines.out.splitlines()
    assert (lines.code, one == two) == (3, True)
    assert lines.err.splitlines()[0].startswith("document 2: value: is no JSON")
    assert lines.err.splitlines()[1] == "3 documents, 2 messages, 0 ignored, 1 dead"
    indented = json.dumps(json.loads(line), indent=4)
    alone = countermand("translate", "epcis", "-", given=indented)
    assert (alone.code, alone.out) == (0, f"{one}\n")
    nothing = countermand("translate", "carrier", "-", given="no\njson\n")
    assert (nothing.code, nothing.out) == (3, "")
    assert nothing.err.splitlines()[1] == "1 documents, 0 messages, 0 ignored, 1 dead"
