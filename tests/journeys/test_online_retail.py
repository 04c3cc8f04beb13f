"""Real orders through the command line: every figure as it was worked out apart from this code.

Data: Online Retail, UCI Machine Learning Repository, Daqing Chen, CC BY 4.0.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from tests.support.command import ONLINE_RETAIL, Command, Said

MESSAGES = ONLINE_RETAIL / "messages.jsonl.gz"
UNITS = ("cancelled", "refuse_delivery", "remaining", "to_ship")


@pytest.fixture(scope="module")
def expected() -> dict[str, Any]:
    figures: dict[str, Any] = json.loads(
        gzip.decompress((ONLINE_RETAIL / "expected.json.gz").read_bytes())
    )
    return figures


@pytest.fixture(scope="module")
def countermand(module_postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> Command:
    return Command(tmp_path_factory.mktemp("shop"), database_url=module_postgres_url)


@pytest.fixture(scope="module")
def first(countermand: Command) -> Said:
    return countermand("ingest", str(MESSAGES), "--json")


def figures(body: dict[str, Any]) -> dict[str, int]:
    """An order's page as the expected figures write it: units over all lines, money in pence."""
    sums = {name: sum(line[name] for line in body["lines"]) for name in UNITS}
    pence = {True: 0, False: 0}
    for refund in body["refunds"]:
        pence[refund["state"] == "held"] += int(Decimal(refund["amount"]) * 100)
    return {**sums, "money": pence[False], "held": pence[True]}


def of_all_orders(countermand: Command) -> Iterator[tuple[str, dict[str, int]]]:
    for body in countermand("order", "--all", "--json").json_lines():
        yield body["order_id"], figures(body)


def test_every_message_is_accounted_for(first: Said, expected: dict[str, Any]) -> None:
    position = first.json().pop("position")
    alone = expected["refused"] + expected["parked_unknown"] + expected["dead"]

    assert first.code == 3, "one message is dead: an id that was used for something else"
    assert int(position) > 0
    assert first.json() == {
        "recorded": expected["messages"] - alone,
        "repeated": expected["duplicates"],
        "refused": expected["refused"],
        "parked": expected["parked_unknown"],
        "dead": expected["dead"],
        "position": position,
    }


@pytest.mark.usefixtures("first")
def test_every_order_ends_with_its_figures(countermand: Command, expected: dict[str, Any]) -> None:
    assert dict(of_all_orders(countermand)) == expected["orders"]


def test_taking_it_all_in_again_changes_nothing(
    first: Said, countermand: Command, expected: dict[str, Any]
) -> None:
    before = countermand("order", "--all", "--json").out

    again = countermand("ingest", str(MESSAGES), "--json").json()

    assert again == {
        "recorded": 0,
        "repeated": expected["messages"] + expected["duplicates"] - expected["dead"],
        "refused": 0,
        "parked": 0,
        "dead": expected["dead"],
        "position": first.json()["position"],
    }
    assert countermand("order", "--all", "--json").out == before


@pytest.mark.usefixtures("first")
def test_a_replay_finds_no_difference(countermand: Command, expected: dict[str, Any]) -> None:
    said = countermand("audit", "replay", "--json")

    assert said.code == 0
    assert said.json()["orders"] == len(expected["orders"])
    assert said.json()["differences"] == 0


@pytest.mark.usefixtures("first")
def test_views_made_again_say_the_same(countermand: Command, expected: dict[str, Any]) -> None:
    rebuilt = countermand("rebuild", "--json")

    assert rebuilt.json()["orders"] == len(expected["orders"])
    assert dict(of_all_orders(countermand)) == expected["orders"]


@pytest.mark.usefixtures("first")
def test_the_file_as_plain_lines_on_standard_input_is_the_same(
    countermand: Command, expected: dict[str, Any]
) -> None:
    said = countermand("ingest", "-", "--json", given=gzip.decompress(MESSAGES.read_bytes()))

    assert said.code == 3
    assert said.json()["recorded"] == 0
    assert dict(of_all_orders(countermand)) == expected["orders"]
