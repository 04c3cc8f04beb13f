"""OpenAPI links: each leads from an answer to a call that takes what it gives."""

from __future__ import annotations

from typing import Any

import pytest

from application.event_store import EventStore
from tests.support.saying import placed
from tests.support.web import Api
from web.app import make_app
from web.links import LINKS
from web.parts import Parts


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    nothing: Any = EventStore.__new__(EventStore)
    return make_app(Parts(nothing, "", lambda: 0)).openapi()


def test_every_link_names_a_call_and_its_parameters(document: dict[str, Any]) -> None:
    taken = {
        call["operationId"]: {one["name"] for one in call.get("parameters", ())}
        for methods in document["paths"].values()
        for call in methods.values()
    }
    links = [
        link
        for methods in document["paths"].values()
        for call in methods.values()
        for answer in call["responses"].values()
        for link in answer.get("links", {}).values()
    ]

    assert len(links) == len(LINKS)
    for link in links:
        assert link["parameters"].keys() <= taken[link["operationId"]], link


def test_what_a_link_takes_from_a_body_is_there(api: Api, order_id: str) -> None:
    api.given(placed(order_id)).until_seen()
    body = {"requested_by": "buyer", "reason": "changed_mind"}
    answers = {
        "cancellations": api.post(f"/orders/{order_id}/cancellations", body).json(),
        "orders": api.get("/buyers/mira/orders").json(),
        "dead-letters": api.get("/dead-letters").json(),
    }

    for link in LINKS:
        answer = answers.get(link.source.rpartition("/")[2])
        for said in link.parameters.values():
            where, _, name = said.partition("#/")
            if answer is not None and where == "$response.body":
                assert name.partition("/")[0] in answer, link
