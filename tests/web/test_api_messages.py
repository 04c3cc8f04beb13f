"""The way in without Kafka: outcomes, both modes, and who may say what."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from tests.support.saying import Said, cancel, placed, say, shipped
from tests.support.web import Api, refusal, wrong_fields

JSON = "application/json"
CLOUDEVENT = "application/cloudevents+json"


def tell(
    api: Api, message: Said | bytes, persona: str = "operator", media_type: str = CLOUDEVENT
) -> httpx.Response:
    """One message in structured mode."""
    body = message if isinstance(message, bytes) else json.dumps(message).encode()
    headers = {"Countermand-Persona": persona, "Content-Type": media_type}
    return api.client.post("/api/v1/messages", content=body, headers=headers)


def outcome(answer: httpx.Response) -> str:
    assert answer.status_code == 200, answer.text
    return str(answer.json()["outcome"])


def test_a_message_is_recorded_and_then_only_repeated(api: Api, order_id: str) -> None:
    message = placed(order_id)

    first, again = tell(api, message), tell(api, message)

    assert first.json() == {"outcome": "recorded", "position": str(api.store.head())}
    assert again.json() == {"outcome": "repeated", "position": str(api.store.head())}
    api.until_seen()
    assert api.get(f"/orders/{order_id}", at_least=first.json()["position"]).status_code == 200


def test_in_binary_mode_the_attributes_are_headers(api: Api, order_id: str) -> None:
    message = placed(order_id)
    headers = {
        "ce-specversion": "1.0",
        "ce-id": message["id"],
        "ce-source": "/storefront/%C3%A6rlig",
        "ce-type": message["type"],
        "ce-subject": order_id,
        "ce-time": message["time"],
        "Content-Type": JSON,
    }

    answer = api.client.post("/api/v1/messages", json=message["data"], headers=headers)

    assert outcome(answer) == "recorded"
    (event,) = api.get(f"/orders/{order_id}/history").json()["events"]
    assert event["cause"] == {"source": "/storefront/ærlig", "id": message["id"]}


def test_a_message_of_an_unknown_order_is_parked_until_it_comes(api: Api, order_id: str) -> None:
    parked = tell(api, shipped(order_id, 1))
    waiting = [one["order_id"] for one in api.get("/parked").json()["parked"]]
    tell(api, placed(order_id))

    assert outcome(parked) == "parked"
    assert order_id in waiting
    assert order_id not in api.get("/parked").text
    history = api.get(f"/orders/{order_id}/history").json()["events"]
    assert [one["type"] for one in history] == ["OrderPlaced", "ShippedFromWarehouse"]


def test_a_refused_request_says_why(api: Api, order_id: str) -> None:
    items = [{"line_id": "L1", "quantity": 9}]
    tell(api, placed(order_id))

    request = cancel(order_id, items=items)

    answer, again = tell(api, request).json(), tell(api, request).json()

    assert (answer["outcome"], answer["problem"]["rule"]) == ("refused", "more_than_cancellable")
    assert (again["outcome"], again["problem"]["rule"]) == ("repeated", "more_than_cancellable")


@pytest.mark.parametrize(
    ("body", "field", "rule"),
    [
        (b"no json", "value", "not_json"),
        (b"[]", "value", "not_an_object"),
        (b"{}", "type", "missing"),
        (b'{"a": 1, "a": 2}', "type", "missing"),
    ],
)
def test_what_cannot_be_taken_is_dead_with_field_and_rule(
    api: Api, body: bytes, field: str, rule: str
) -> None:
    answer = tell(api, body)

    assert outcome(answer) == "dead"
    problem = answer.json()["problem"]
    assert (problem["field"], problem["rule"]) == (field, rule)


def test_too_much_and_too_many_at_once_are_not_even_looked_at(api: Api) -> None:
    large = tell(api, b"x" * 1_000_001)
    many = tell(api, b"[]", media_type="application/cloudevents-batch+json")

    assert refusal(large) == (413, "/problems/too-large", "")
    assert refusal(many) == (415, "/problems/unsupported-media-type", "")


@pytest.mark.parametrize("persona", ["buyer:mira", "seller:fjell", "auditor"])
def test_who_does_not_report_is_not_heard(api: Api, order_id: str, persona: str) -> None:
    assert refusal(tell(api, placed(order_id), persona)) == (403, "/problems/forbidden", "")


def released(order_id: str, warehouse_id: str, **more: Any) -> Said:  # noqa: ANN401  # any field
    return say("ReleasedToWarehouse", order_id, warehouse_id=warehouse_id, **more)


def parcel(order_id: str, shipment_id: str, warehouse_id: str) -> Said:
    items = [{"line_id": "L1", "quantity": 1}]
    return say(
        "ShippedFromWarehouse",
        order_id,
        shipment_id=shipment_id,
        warehouse_id=warehouse_id,
        items=items,
    )


def may(api: Api, persona: str, message: Said) -> bool:
    """Whether a message is recorded of whoever says it."""
    answer = tell(api, message, persona)
    return answer.status_code == 200 and answer.json()["outcome"] == "recorded"


def corrected(what: Said) -> Said:
    """That this should not have been said."""
    corrects = {"source": what["source"], "id": what["id"]}
    return say("FactCorrected", what["subject"], corrects=corrects)


def test_a_warehouse_speaks_for_itself(api: Api, order_id: str) -> None:
    api.given(placed(order_id, 5), released(order_id, "W1"))
    first = parcel(order_id, "S1", "W1")
    own = (first, say("Delivered", order_id, shipment_id="S1"), corrected(first))

    assert [may(api, "warehouse:W1", one) for one in own] == [True, True, True]


def test_a_warehouse_does_not_speak_for_others(api: Api, order_id: str) -> None:
    foreign = parcel(order_id, "S2", "W2")
    api.given(placed(order_id, 5), released(order_id, "W1"), foreign)
    by_shop = {"cancellation_id": "C1", "confirmed_by": "seller"}
    paid = {"refund_id": "r", "amount": "1", "currency": "EUR"}
    others = {
        "a parcel of another": parcel(order_id, "S3", "W2"),
        "its delivery": say("Delivered", order_id, shipment_id="S2"),
        "its correction": corrected(foreign),
        "an order": placed(f"{order_id}-b"),
        "money": say("RefundIssued", order_id, **paid),
        "an order that is not known": say("Delivered", f"{order_id}-c", shipment_id="S1"),
        "the shop": say("CancellationConfirmed", order_id, **by_shop),
    }

    assert {what: may(api, "warehouse:W1", one) for what, one in others.items()} == dict.fromkeys(
        others, False
    )
    assert not may(api, "warehouse:W3", say("Delivered", order_id, shipment_id="S2"))


def test_what_a_warehouse_garbles_shows_on_no_order(api: Api, order_id: str) -> None:
    api.given(placed(order_id))
    garbled = say("Delivered", order_id)

    assert outcome(tell(api, garbled, "warehouse:W9")) == "dead"
    assert len(api.get(f"/orders/{order_id}/history").json()["events"]) == 1
    assert outcome(tell(api, say("Delivered", order_id))) == "dead"
    assert len(api.get(f"/orders/{order_id}/history").json()["events"]) == 2


def test_the_trace_of_a_message_travels_on(api: Api, order_id: str) -> None:
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    headers = {"Content-Type": CLOUDEVENT, "traceparent": trace}

    api.client.post("/api/v1/messages", json=placed(order_id), headers=headers)

    with api.store.connection() as conn:
        kept = conn.execute("SELECT traceparent FROM countermand.traces").fetchall()
    assert (trace,) in kept


def test_nothing_is_no_message(api: Api) -> None:
    answer = api.client.post("/api/v1/messages")

    assert wrong_fields(answer) == [("body", "missing")]
