"""For the operator: dead letters closed once, where everybody stands, health and figures."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from application import answers
from consumers import dead_letters
from consumers.dead_letters import Letter
from consumers.intake import Intake
from tests.support.saying import placed, say
from tests.support.web import Api, api_of, new_key, refusal, wrong_fields

CLOSED = (409, "/problems/dead-letter-closed", "")


@pytest.fixture
def api(postgres_url: str) -> Iterator[Api]:
    """The API of a database of the test's own, which hears letters again."""
    with api_of(postgres_url) as plain:

        def hear_again(letter: Letter) -> str:
            again = dead_letters.heard_again(letter, None)
            return Intake(plain.store).take(again).outcomes[0]

        with api_of(
            postgres_url, store=plain.store, hear_again=hear_again, standing=lambda: STANDING
        ) as api:
            yield api


STANDING: dict[str, Any] = {
    "well": False,
    "position": "7",
    "followers": [{"name": "views", "position": "5", "behind": 2, "delay_seconds": 0.25}],
    "partitions": [
        {
            "topic": "countermand.warehouse",
            "partition": 0,
            "position": 3,
            "end": 9,
            "lag": 5,
            "stopped": None,
        }
    ],
    "cases": {"open": 4, "overdue": 1},
    "parked": 3,
    "dead_letters": {"open": 2},
    "other_keys": {"countermand.warehouse": 6},
    "wrong": ["2 open dead letters"],
}


def letter(api: Api, message: object = "no message") -> int:
    """The number of a new dead letter."""
    headers = {"Content-Type": "application/cloudevents+json"}
    content = message if isinstance(message, str) else json.dumps(message)
    told = api.client.post("/api/v1/messages", content=content, headers=headers)
    assert told.json()["outcome"] == "dead"
    return int(api.get("/dead-letters").json()["dead_letters"][-1]["dead_letter_id"])


def test_a_letter_is_shown_with_its_bytes(api: Api) -> None:
    number = letter(api, "no message")

    (listed,) = api.get("/dead-letters").json()["dead_letters"]
    whole = api.get(f"/dead-letters/{number}").json()

    assert (listed["rule"], listed["state"], listed["attempts"]) == ("not_json", "open", 0)
    assert {key: whole[key] for key in listed} == listed
    assert (whole["value"], whole["value_base64"]) == ("no message", "bm8gbWVzc2FnZQ==")
    assert refusal(api.get("/dead-letters/99")) == (404, "/problems/not-found", "")


def test_a_letter_that_is_dead_again_stays_open(api: Api) -> None:
    number = letter(api)
    key = new_key()

    told = api.post(f"/dead-letters/{number}/retry", None, key)
    again = api.post(f"/dead-letters/{number}/retry", {}, key)

    assert told.json() == {
        "dead_letter_id": number,
        "outcome": "dead",
        "state": "open",
        "position": "0",
    }
    assert again.text == told.text
    assert api.get(f"/dead-letters/{number}").json()["attempts"] == 1


def test_a_letter_that_can_be_taken_now_is_closed(api: Api) -> None:
    api.given(placed("A-1"))
    number = letter(api, placed("A-1", 9))  # the order was placed with other data
    with api.store.connection() as conn:  # as if the fault had been ours
        conn.execute(
            "UPDATE countermand.dead_letters SET value = %s",
            (json.dumps(say("Delivered", "A-1", shipment_id="S1")).encode(),),
        )

    told = api.post(f"/dead-letters/{number}/retry").json()

    assert (told["outcome"], told["state"]) == ("recorded", "retried")
    assert api.get("/dead-letters").json()["dead_letters"] == []
    assert refusal(api.post(f"/dead-letters/{number}/retry")) == CLOSED
    assert refusal(api.post(f"/dead-letters/{number}/drop")) == CLOSED


def test_a_letter_is_dropped_once_and_kept(api: Api) -> None:
    number = letter(api)
    key = new_key()
    address = f"/dead-letters/{number}/drop"

    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(lambda _: api.post(address, None, key), range(8)))

    assert {one.text for one in told} == {told[0].text}
    assert (told[0].json()["outcome"], told[0].json()["state"]) == ("dropped", "dropped")
    assert refusal(api.post(address)) == CLOSED
    assert len(api.get("/dead-letters", state="all").json()["dead_letters"]) == 1
    assert refusal(api.post("/dead-letters/99/drop")) == (404, "/problems/not-found", "")


def test_who_finds_a_letter_closed_by_the_same_key_gets_the_same_answer(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = letter(api)
    key = new_key()
    address = f"/dead-letters/{number}/drop"
    find = answers.find
    first: list[str] = []

    def find_and_be_overtaken(*asked: Any) -> Any:  # noqa: ANN401
        found = find(*asked)
        if not first:
            first.append(key)
            first.append(api.post(address, None, key).text)
        return found

    monkeypatch.setattr(answers, "find", find_and_be_overtaken)

    assert api.post(address, None, key).text == first[1]


def test_letters_and_parked_messages_are_walked_page_by_page(api: Api) -> None:
    numbers = [letter(api, f"no message {n}") for n in range(3)]
    api.given(*(say("Delivered", f"B-{n}", shipment_id="S1") for n in range(3)))

    for call, name, wanted in (
        ("/dead-letters", "dead_letters", numbers),
        ("/parked", "parked", ["B-0", "B-1", "B-2"]),
    ):
        first = api.get(call, limit=2).json()
        rest = api.get(call, limit=2, cursor=first["next"]).json()
        keys = {"dead_letters": "dead_letter_id", "parked": "order_id"}
        assert [one[keys[name]] for one in first[name] + rest[name]] == wanted
        assert rest["next"] is None


READS = ("/parked", "/dead-letters", "/dead-letters/1", "/status")


def test_what_was_said_is_seen_at_its_position_by_the_operator_too(api: Api) -> None:
    letter(api)
    unknown = api.post("/messages", say("Delivered", "B-1", shipment_id="S1"), None).json()
    api.given(placed("A-1")).until_seen()

    seen = api.get("/parked", at_least=unknown["position"]).json()["parked"]
    reads = {call: api.get(call, at_least=str(api.store.head())).status_code for call in READS}

    assert (unknown["outcome"], [one["order_id"] for one in seen]) == ("parked", ["B-1"])
    assert reads == dict.fromkeys(READS, 200)


def test_an_operator_is_told_when_a_position_is_not_reached_in_time(postgres_url: str) -> None:
    with api_of(postgres_url, wait=0.1, standing=lambda: STANDING) as api:
        letter(api)
        api.given(placed("A-1"))
        later = {call: refusal(api.get(call, at_least=str(api.store.head()))) for call in READS}
        wrong = {call: wrong_fields(api.get(call, at_least="soon")) for call in READS}

    assert later == dict.fromkeys(READS, (503, "/problems/not-there-yet", ""))
    assert wrong == {call: [("at_least", "unknown_position")] for call in READS}


def test_where_everybody_stands(api: Api) -> None:
    assert api.get("/status").json() == STANDING


def test_a_service_that_cannot_say_says_so(postgres_url: str) -> None:
    with api_of(postgres_url) as alone:
        unknown = alone.get("/status")
        figures = alone.client.get("/metrics").text
        number = letter(alone)
        deaf = alone.post(f"/dead-letters/{number}/retry")

    assert refusal(unknown) == (503, "/problems/unavailable", "")
    assert "countermand_standing_known 0.0" in figures
    assert refusal(deaf) == (503, "/problems/unavailable", "")


def test_figures_name_patterns_never_what_somebody_made_up(api: Api) -> None:
    api.get("/orders/A-1")
    api.get("/orders/A-2/history")
    api.client.get("/made/up")
    api.client.request("BREW", "/api/v1/parked")

    figures = api.client.get("/metrics")

    assert figures.headers["content-type"].startswith("text/plain")
    lines = set(figures.text.splitlines())
    counted = 'countermand_http_requests_total{method="%s",route="%s",status="%s"} 1.0'
    assert counted % ("GET", "/api/v1/orders/{order_id}", 404) in lines
    assert counted % ("GET", "/api/v1/orders/{order_id}/history", 404) in lines
    assert counted % ("GET", "(none)", 404) in lines
    assert "BREW" not in figures.text
    assert "made" not in figures.text


def test_figures_say_where_everybody_stands(api: Api) -> None:
    lines = set(api.client.get("/metrics").text.splitlines())

    assert {
        'countermand_follower_behind_events{follower="views"} 2.0',
        'countermand_follower_delay_seconds{follower="views"} 0.25',
        'countermand_partition_lag{partition="0",topic="countermand.warehouse"} 5.0',
        'countermand_dead_letters{state="open"} 2.0',
        'countermand_other_keys_total{topic="countermand.warehouse"} 6.0',
        'countermand_cases{state="overdue"} 1.0',
        "countermand_parked_messages 3.0",
        "countermand_log_position 7.0",
    } <= lines


def test_health_is_said_at_both_addresses(api: Api) -> None:
    for call in ("/health", "/api/v1/health"):
        assert api.client.get(f"{call}/live").json() == {"status": "live"}
        assert api.client.get(f"{call}/ready").json() == {"status": "ready"}


def test_a_service_without_its_database_lives_and_is_not_ready(postgres_url: str) -> None:
    with api_of(postgres_url) as api:
        api.store.close()
        live, ready = api.client.get("/health/live"), api.client.get("/health/ready")

    assert (live.status_code, ready.status_code) == (200, 503)
    assert ready.json()["type"] == "/problems/unavailable"
