"""OpenAPI: every call of the contract, every answer, with examples that fit their schemas."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from application.event_store import EventStore
from tests.support.saying import cancel, placed, say, shipped
from tests.support.web import Api
from web.app import make_app
from web.parts import Parts
from web.problems import KINDS

CALLS = """
GET /api/v1/orders/{order_id}
GET /api/v1/orders/{order_id}/history
POST /api/v1/orders/{order_id}/cancellations/preview
POST /api/v1/orders/{order_id}/cancellations
POST /api/v1/orders/{order_id}/cancellations/{cancellation_id}/withdrawal
POST /api/v1/orders/{order_id}/cancellations/{cancellation_id}/confirmation
GET /api/v1/buyers/{buyer_id}/orders
GET /api/v1/sellers/{seller_id}/orders
GET /api/v1/buyers/{buyer_id}/cancelled-orders
GET /api/v1/sellers/{seller_id}/refunds
GET /api/v1/late-cancellations
POST /api/v1/late-cancellations/{order_id}/decision
POST /api/v1/orders/{order_id}/refunds
GET /api/v1/exposure
GET /api/v1/conformance
GET /api/v1/parked
GET /api/v1/dead-letters
POST /api/v1/dead-letters/{dead_letter_id}/retry
POST /api/v1/dead-letters/{dead_letter_id}/drop
POST /api/v1/messages
GET /health/live
GET /health/ready
GET /metrics
"""
"""Those that the contract names."""
HELD = (
    placed("A-1", 2, 1),
    cancel("A-1", items=[{"line_id": "L1", "quantity": 1}]),
    shipped("A-1", 2, "L2"),
    shipped("A-2", 1),
    say("Delivered", "A-1"),
)
COMMANDS = {"cancellations", "withdrawal", "confirmation", "decision", "refunds", "retry", "drop"}


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    nothing: Any = EventStore.__new__(EventStore)
    return make_app(Parts(nothing, "", lambda: 0)).openapi()


def calls(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for address, methods in document["paths"].items():
        for method, call in methods.items():
            yield f"{method.upper()} {address}", call


def test_every_call_of_the_contract_is_there(document: dict[str, Any]) -> None:
    there = {name for name, _ in calls(document)}

    assert set(CALLS.split("\n")) - {""} - there == set()


def test_every_call_says_what_it_does_and_what_may_go_wrong(document: dict[str, Any]) -> None:
    for name, call in calls(document):
        assert call["description"], name
        if "/api/v1" in name:
            assert {"401", "403", "429", "503"} <= call["responses"].keys(), name
        if call.get("parameters") or "requestBody" in call:
            assert "422" in call["responses"], name
        if "{order_id}" in name:
            assert "404" in call["responses"], name


def test_every_command_needs_a_key(document: dict[str, Any]) -> None:
    with_key = {
        name.rpartition("/")[2]
        for name, call in calls(document)
        if any(one["name"] == "Idempotency-Key" for one in call.get("parameters", ()))
    }

    assert with_key == COMMANDS
    for name, call in calls(document):
        if name.rpartition("/")[2] in COMMANDS and name.startswith("POST"):
            assert {"400", "409", "413", "415"} <= call["responses"].keys(), name


def test_every_read_can_wait_for_a_position(document: dict[str, Any]) -> None:
    """All but those that say how this service is, or what a word means."""
    reads = {name for name, _ in calls(document) if name.startswith("GET /api/v1/")}
    waiting = {
        name
        for name, call in calls(document)
        if any(one["name"] == "at_least" for one in call.get("parameters", ()))
    }

    own = {f"GET /api/v1/{name}" for name in ("health/live", "health/ready", "metrics")}
    assert waiting == reads - own | {"POST /api/v1/orders/{order_id}/cancellations/preview"}


def validator(document: dict[str, Any], schema: dict[str, Any]) -> Draft202012Validator:
    whole = {**schema, "components": document["components"]}
    return Draft202012Validator(whole)


def test_every_example_fits_its_schema(document: dict[str, Any]) -> None:
    seen = 0
    for name, call in calls(document):
        bodies = [*call["responses"].values(), call.get("requestBody", {})]
        for content in (one for body in bodies for one in body.get("content", {}).values()):
            given = [one["value"] for one in content.get("examples", {}).values()]
            for example in given:
                seen += 1
                errors = list(validator(document, content["schema"]).iter_errors(example))
                assert errors == [], name
    for name, schema in document["components"]["schemas"].items():
        Draft202012Validator.check_schema(schema)
        for example in schema.get("examples", ()):
            seen += 1
            assert list(validator(document, schema).iter_errors(example)) == [], name
    assert seen > 100


def test_every_problem_is_documented_with_its_status(document: dict[str, Any]) -> None:
    documented = {
        (kind, int(status))
        for _, call in calls(document)
        for status, answer in call["responses"].items()
        for content in answer.get("content", {}).values()
        for kind in content.get("examples", {})
        if kind in KINDS
    }

    assert documented <= {(name, kind.status) for name, kind in KINDS.items()}
    assert {"refund-refused", "dead-letter-cut", "not-there-yet", "overtaken"} <= {
        name for name, _ in documented
    }


def test_answers_are_what_their_schemas_say(api: Api, document: dict[str, Any]) -> None:
    """Every read on a database that holds something; the commands' tests compare whole answers."""
    api.given(*HELD).until_seen()
    for name, call in calls(document):
        if not name.startswith("GET /api"):
            continue
        address = name.removeprefix("GET /api/v1").format(
            order_id="A-1", buyer_id="mira", seller_id="fjell", dead_letter_id=1
        )
        answer = api.get(address)
        content = call["responses"][str(answer.status_code)]["content"]
        (media_type,) = content
        assert answer.headers["content-type"] == media_type
        errors = list(validator(document, content[media_type]["schema"]).iter_errors(answer.json()))
        assert errors == [], name


def test_the_document_is_served(api: Api) -> None:
    served = api.client.get("/openapi.json")

    assert (served.status_code, served.json()["openapi"]) == (200, "3.1.0")
