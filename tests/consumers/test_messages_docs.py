"""docs/messages.md names every message, field and rule; the code is asked what there is."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from consumers.bad_message import RULES
from consumers.fields import PATTERN_RULES
from consumers.messages import CHANNEL_OF, DATA
from consumers.record_batches import BATCH_RULES

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "messages.md").read_text()
CODE = [*ROOT.glob("consumers/*.py"), ROOT / "domain" / "money.py"]
RULE_AT = {"Malformed": 1, "BadMessage": 1, "MoneyError": 0}
"""Which argument of an error is its rule."""
INSIDE = {"in_doubt"}
"""Rules that never leave the code."""


def rules_in(file: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            place = RULE_AT.get(node.func.id)
            if place is not None and len(node.args) > place:
                match node.args[place]:
                    case ast.Constant(value=str(rule)):
                        found.add(rule)
    return found


def all_rules() -> set[str]:
    raised = set[str]().union(*map(rules_in, CODE))
    said = {rule for rule, _ in RULES.values()} | {*PATTERN_RULES.values()}
    return (raised | said | BATCH_RULES) - INSIDE


def test_every_rule_is_explained() -> None:
    explained = set(re.findall(r"`([a-z0-9_]+)`", PAGE))

    assert len(all_rules()) > 35
    assert all_rules() - explained == set()


@pytest.mark.parametrize("kind", DATA)
def test_every_message_is_in_the_table_with_its_topic_and_fields(kind: str) -> None:
    row = next(line for line in PAGE.splitlines() if f"| `{kind}` |" in line)

    assert row.startswith(f"| `{CHANNEL_OF[kind]}` |")
    for name, field in DATA[kind].model_fields.items():
        optional = "" if field.is_required() else r"\?"
        assert re.search(rf"\b{name}{optional}[,:`]", row), name
