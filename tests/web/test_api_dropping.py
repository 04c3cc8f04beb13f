"""A dead letter is dropped by the API with a reason, which is bounded and kept with the letter."""

from __future__ import annotations

import pytest

from tests.support.web import Api, new_key, refusal, wrong_fields


def letter(api: Api, content: str) -> int:
    """The number of a new dead letter."""
    headers = {"Content-Type": "application/cloudevents+json"}
    api.client.post("/api/v1/messages", content=content, headers=headers)
    return int(api.get("/dead-letters", limit=200).json()["dead_letters"][-1]["dead_letter_id"])


def test_a_reason_is_kept_with_the_letter(api: Api) -> None:
    number, key = letter(api, "not so"), new_key()
    address = f"/dead-letters/{number}/drop"

    told = api.post(address, {"reason": "sent again"}, key)
    again = api.post(address, {"reason": "sent again"}, key)
    other = api.post(address, {"reason": "another one"}, key)
    late = api.post(address, {"reason": "another one"})

    assert (told.status_code, again.text) == (200, told.text)
    assert refusal(other) == (409, "/problems/idempotency-key-reused", "")
    assert refusal(late) == (409, "/problems/dead-letter-closed", "")
    kept = api.get(f"/dead-letters/{number}").json()
    assert (kept["state"], kept["drop_reason"]) == ("dropped", "sent again")


@pytest.mark.parametrize("body", [None, {}, {"reason": None}])
def test_a_letter_can_be_dropped_without_a_reason(api: Api, body: object) -> None:
    number = letter(api, f"without {body}")
    assert api.post(f"/dead-letters/{number}/drop", body).status_code == 200
    assert api.get(f"/dead-letters/{number}").json()["drop_reason"] is None


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({"reason": ""}, ("reason", "empty")),
        ({"reason": "x" * 301}, ("reason", "too_long")),
        ({"reason": 7}, ("reason", "not_a_string")),
        ({"why": "x"}, ("why", "unknown_field")),
    ],
)
def test_a_reason_that_is_none_leaves_the_letter_open(
    api: Api, body: dict[str, object], wrong: tuple[str, str]
) -> None:
    number = letter(api, f"wrong {wrong} {len(str(body))}")
    assert wrong_fields(api.post(f"/dead-letters/{number}/drop", body)) == [wrong]
    assert api.get(f"/dead-letters/{number}").json()["state"] == "open"
