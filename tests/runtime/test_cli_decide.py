"""`decide` and `run --role process`, as people run them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from application.event_store import EventStore, stream_id
from consumers.cloudevents import Incoming
from consumers.intake import Intake
from domain.events import CaseDecided, DecisionRefused
from tests.support.command import SECONDS, Command, Said
from tests.support.following import until


@pytest.fixture
def countermand(postgres_url: str, tmp_path: Path) -> Command:
    return Command(tmp_path, database_url=postgres_url)


@pytest.fixture
def here(
    countermand: Command, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Said]:
    """The command in this process, which is quicker."""
    return partial(countermand.here, patch=monkeypatch, says=capsys)


def line(kind: str, data: dict[str, Any]) -> str:
    return json.dumps(
        {
            "specversion": "1.0",
            "id": kind,
            "source": "/shop",
            "type": kind,
            "subject": "A-1",
            "time": "2026-03-01T12:00:00Z",
            "data": {"order_id": "A-1", **data},
        }
    )


PLACED = line(
    "OrderPlaced",
    {
        "buyer_id": "berta",
        "seller_id": "shop",
        "currency": "EUR",
        "lines": [
            {"line_id": "1", "sku": "OWL", "title": "Owl", "quantity": 3, "unit_price": "10.00"},
            {"line_id": "2", "sku": "CAT", "title": "Cat", "quantity": 1, "unit_price": "5.00"},
        ],
    },
)
RELEASED = line("ReleasedToWarehouse", {"warehouse_id": "w1"})
CANCELLED = line(
    "ItemCancelRequested",
    {
        "cancellation_id": "C1",
        "requested_by": "buyer",
        "reason": "changed_mind",
        "items": [{"line_id": "1", "quantity": 2}],
    },
)
SHIPPED = line(
    "ShippedFromWarehouse", {"shipment_id": "S1", "items": [{"line_id": "1", "quantity": 3}]}
)
BACK = line(
    "ReturnedToWarehouse",
    {
        "return_id": "R1",
        "shipment_id": "S1",
        "items": [{"line_id": "1", "quantity": 2, "condition": "damaged"}],
    },
)
DAMAGED = (PLACED, CANCELLED, SHIPPED, BACK)


def told(store: EventStore, *lines: str) -> None:
    Intake(store).take([Incoming(line.encode()) for line in lines])


def decide(here: Callable[..., Said], *words: str, quantity: str = "2") -> Said:
    return here("decide", "A-1", "--line", "1", "--quantity", quantity, "--outcome", *words)


def decisions(store: EventStore) -> list[CaseDecided | DecisionRefused]:
    (events,) = store.load([stream_id("A-1")]).values()
    return [event for _, event in events if isinstance(event, CaseDecided | DecisionRefused)]


def test_a_seller_refunds_what_came_back_damaged(
    here: Callable[..., Said], store: EventStore
) -> None:
    told(store, *DAMAGED)

    said = decide(here, "refund", "--reason", "scratched", "--amount", "12.99")

    (event,) = decisions(store)
    assert isinstance(event, CaseDecided)
    assert (event.outcome, event.quantity, event.amount) == ("refund", 2, 1299)
    assert (event.reason, event.decided_by) == ("scratched", "seller")
    assert said.out.splitlines() == [
        f"Decided: 2 of line 1, refund ({event.decision_id}).",
        "Order A-1 is at version 5.",
    ]


def test_the_same_decision_again_changes_nothing(
    here: Callable[..., Said], store: EventStore
) -> None:
    told(store, *DAMAGED)
    again = ("no_refund", "--reason", "the buyer broke them", "--decision-id", "d1")

    first, second = (decide(here, *again) for _ in range(2))

    assert first.out.startswith("Decided: ")
    assert second.out.startswith("Decided before: ")
    assert len(decisions(store)) == 1


def test_words_are_kept_apart_from_the_event(here: Callable[..., Said], store: EventStore) -> None:
    told(store, *DAMAGED)

    decide(here, "no_refund", "--reason", "Mr Berg broke them, call 040 123")

    (event,) = decisions(store)
    assert re.fullmatch("note:[0-9a-f]{32}", event.reason)
    with store.connection() as conn:
        notes = conn.execute("SELECT note_ref, order_id, note FROM countermand.notes").fetchall()
    ref = event.reason.removeprefix("note:")
    assert notes == [(ref, "A-1", "Mr Berg broke them, call 040 123")]


def test_a_refused_decision_says_the_rule_and_what_can_be_decided(
    here: Callable[..., Said], store: EventStore
) -> None:
    told(store, *DAMAGED)

    said = decide(here, "refund", "--reason", "broken", quantity="3")

    assert (said.code, said.out) == (1, "")
    assert said.err.splitlines() == [
        "Refused, more_than_open: line 1: 3 units decided about, and 2 wait for it.",
        "What can be decided: line 1: 2 (damaged) as refund or no_refund.",
    ]
    (event,) = decisions(store)
    assert isinstance(event, DecisionRefused), "who asked for what is recorded"


def test_a_program_gets_one_object_refused_or_not(
    here: Callable[..., Said], store: EventStore
) -> None:
    told(store, PLACED, RELEASED, CANCELLED)
    words = ("--reason", "on_the_shelf", "--json", "--decision-id")

    refused = decide(here, "refund", *words, "d1")
    stopped = decide(here, "stopped", *words, "d2", quantity="1")

    assert refused.code == 1
    position = refused.json()["position"]
    assert refused.json() == {
        "order_id": "A-1",
        "decision_id": "d1",
        "outcome": "refused",
        "rule": "nothing_to_decide",
        "detail": "there is nothing to decide about it",
        "version": 4,
        "position": position,
        "can_be_decided": [
            {
                "line_id": "1",
                "quantity": 2,
                "what": "requested",
                "outcomes": ["stopped", "not_stopped"],
            }
        ],
    }
    answer = stopped.json()
    assert (stopped.code, answer["outcome"], answer["rule"]) == (0, "recorded", None)
    assert answer["can_be_decided"][0]["quantity"] == 1


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (["refund", "--reason", "x", "--amount", "12.999"], "amount "),
        (["refund", "--reason", "x", "--amount", "0"], "amount must be more than 0"),
        (["no_refund", "--reason", "x", "--amount", "1"], "amount is said with the outcome refund"),
        (["forget", "--reason", "x"], "outcome must be 'refund', 'no_refund'"),
        (["refund", "--reason", ""], "reason must not be empty"),
        (["refund", "--reason", "x", "--decision-id", "a b"], "decision_id must be 1 to 64"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_decision_that_cannot_be_one_names_the_field(
    here: Callable[..., Said], store: EventStore, words: list[str], what: str
) -> None:
    told(store, *DAMAGED)

    said = decide(here, *words)

    assert (said.code, len(said.err.splitlines())) == (2, 2)
    assert said.err.startswith(what)


def test_an_unknown_order_cannot_be_decided_about(here: Callable[..., Said]) -> None:
    said = decide(here, "refund", "--reason", "x")

    assert (said.code, said.err.splitlines()[0]) == (1, "Not known: A-1.")


def test_without_kafka_runs_all_that_needs_none(countermand: Command, store: EventStore) -> None:
    told(store, PLACED, RELEASED, CANCELLED)
    countermand.set(http_bind="127.0.0.1:0")

    with countermand.start("run") as running:
        until(lambda: store.positions("follower/process").get("follower/process", 0) >= 3)
        said = countermand("status", "--wait", "--json")
        running.terminate()
        _, errors = running.communicate(timeout=SECONDS)

    assert running.returncode == 0
    assert b"here run process and project and serve." in errors
    found = said.json()
    assert [one["name"] for one in found["followers"]] == ["views", "process"]
    assert (said.code, found["cases"]) == (0, {"open": 1, "overdue": 0})
    assert countermand("history", "A-1").code == 0


def test_status_says_when_nobody_fires_deadlines(
    here: Callable[..., Said], store: EventStore
) -> None:
    with store.connection() as conn:
        conn.execute(
            "INSERT INTO countermand.processes VALUES"
            " (gen_random_uuid(), 'A-1', 3, 0, 1000000, 0, 2, 1, 0, NULL),"
            " (gen_random_uuid(), 'A-2', 3, 0, 1, 0, 0, 0, 0, 'KeyError: gone')"
        )

    said = here("status")

    assert said.code == 1
    assert "late cancellations: 2 waits open, 1 overdue" in said.out
    assert said.err.splitlines() == [
        "deadlines have passed since 1970-01-01T00:00:01Z, and no `process` fires them",
        "order A-2 could not be worked out: KeyError: gone",
    ]
