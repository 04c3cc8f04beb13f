"""`run --role serve`, as people run it."""

from __future__ import annotations

import signal
import socket
from pathlib import Path

import httpx
import pytest

from tests.support.command import SECONDS, Command, address_of
from tests.support.saying import placed


@pytest.fixture
def countermand(postgres_url: str, tmp_path: Path) -> Command:
    return Command(tmp_path, database_url=postgres_url, http_bind="127.0.0.1:0")


def test_the_role_takes_messages_answers_and_ends_when_it_is_told(countermand: Command) -> None:
    with countermand.start("run", "--role", "serve") as serving:
        with httpx.Client(base_url=address_of(serving), timeout=30) as client:
            taken = client.post("/api/v1/messages", json=placed("A-1")).json()
            history = client.get("/api/v1/orders/A-1/history").json()
            body = {"requested_by": "buyer", "reason": "other"}
            cancelled = client.post(
                "/api/v1/orders/A-1/cancellations", json=body, headers={"Idempotency-Key": "k"}
            ).json()
            status = client.get("/api/v1/status").json()
            figures = client.get("/metrics").text
        serving.send_signal(signal.SIGTERM)
        serving.communicate(timeout=SECONDS)

    assert taken == {"outcome": "recorded", "position": "1"}
    assert len(history["events"]) == 1
    assert (cancelled["outcome"], cancelled["position"]) == ("cancelled", "2")
    assert [one["behind"] for one in status["followers"]] == [2]
    assert 'countermand_follower_behind_events{follower="views"} 2.0' in figures
    assert serving.returncode == 0


def test_an_address_that_is_taken_or_open_to_others_is_said_in_two_lines(
    countermand: Command,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        countermand.set(http_bind=f"127.0.0.1:{taken.getsockname()[1]}")
        in_use = countermand("run", "--role", "serve")
    countermand.set(http_bind="0.0.0.0:8080")
    is_open = countermand("run", "--role", "serve")

    assert (in_use.code, in_use.err.splitlines()[-1]) == (
        2,
        "Set COUNTERMAND_HTTP_BIND to a free address.",
    )
    assert is_open.code == 2
    assert "0.0.0.0:8080 can be reached from other machines" in is_open.err


def test_a_service_that_must_not_serve_starts_nothing_at_all(countermand: Command) -> None:
    countermand.set(http_bind="0.0.0.0:8080")

    refused = countermand("run")

    assert refused.code == 2
    assert "0.0.0.0:8080 can be reached from other machines" in refused.err
    assert "started" not in refused.err
