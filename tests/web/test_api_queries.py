"""Asking over HTTP: orders and lists, each filtered by who asks, page by page."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.saying import cancel, delivered, placed, say, shipped
from tests.support.web import Api, api_of, refusal, wrong_fields

NOT_FOUND = (404, "/problems/not-found", "")
FORBIDDEN = (403, "/problems/forbidden", "")


def ids(answer: Any) -> list[str]:  # noqa: ANN401  # a response
    assert answer.status_code == 200, answer.text
    (name,) = [key for key in answer.json() if key != "next"]
    return [one["order_id"] for one in answer.json()[name]]


def test_order_information_is_what_the_view_has(api: Api, order_id: str) -> None:
    api.given(placed(order_id, 2), cancel(order_id)).until_seen()

    order = api.get(f"/orders/{order_id}").json()

    assert (order["order_id"], order["status"], order["version"]) == (order_id, "refund_due", 2)
    assert order["lines"][0] == {
        "line_id": "L1",
        "sku": "SKU-1",
        "title": "Mug 1",
        "ordered": 2,
        "cancelled": 2,
        "requested": 0,
        "refuse_delivery": 0,
        "remaining": 0,
        "to_ship": 0,
        "shipped": 0,
        "delivered": 0,
        "rejected": 0,
        "returned": 0,
        "cancellable": 0,
        "lapsed": 0,
        "coming_soon": False,
    }


def test_as_of_a_moment_only_what_was_recorded_by_then_counts(api: Api, order_id: str) -> None:
    api.given(placed(order_id, 2))
    placed_at = api.get(f"/orders/{order_id}/history").json()["events"][0]["recorded_at"]
    api.given(cancel(order_id)).until_seen()

    then = api.get(f"/orders/{order_id}", as_of=placed_at).json()
    long_ago = api.get(f"/orders/{order_id}", as_of="2001-01-01T00:00:00Z")
    never = api.get(f"/orders/{order_id}", as_of="yesterday")

    assert (then["version"], then["status"], then["as_of"]) == (1, "not_yet_shipped", placed_at)
    assert refusal(long_ago) == NOT_FOUND
    assert wrong_fields(never) == [("as_of", "not_a_time")]


def test_the_history_has_both_times_a_cause_and_a_sentence(api: Api, order_id: str) -> None:
    message = placed(order_id, 2)
    api.given(message)

    (event,) = api.get(f"/orders/{order_id}/history").json()["events"]

    assert {key: event[key] for key in ("version", "type", "occurred_at", "cause")} == {
        "version": 1,
        "type": "OrderPlaced",
        "occurred_at": message["time"],
        "cause": {"source": message["source"], "id": message["id"]},
    }
    assert event["sentence"] == "The buyer ordered 2 units for €20.00, paid: 2 x Mug 1."


def test_the_timeline_tells_what_is_awaited(api: Api, order_id: str) -> None:
    api.given(placed(order_id, 2)).until_seen()

    told = api.get(f"/orders/{order_id}/timeline").json()

    assert [one["type"] for one in told["entries"]] == ["OrderPlaced"]
    assert told["awaited"] == []


@pytest.mark.parametrize("call", ["", "/history", "/timeline", "?as_of=2030-01-01T00:00:00Z"])
def test_unknown_and_foreign_orders_cannot_be_told_apart(
    api: Api, order_id: str, call: str
) -> None:
    api.given(placed(order_id, 2)).until_seen()
    nobody = api.get(f"/orders/unknown{call}")

    for persona in ("buyer:nils", "seller:other"):
        foreign = api.as_(persona).get(f"/orders/{order_id}{call}")
        unknown = api.as_(persona).get(f"/orders/unknown{call}")
        assert refusal(foreign) == refusal(unknown) == refusal(nobody) == NOT_FOUND
        assert foreign.text == unknown.text.replace("unknown", order_id)
    for persona in ("buyer:mira", "seller:fjell", "operator", "auditor"):
        assert api.as_(persona).get(f"/orders/{order_id}{call}").status_code == 200


@pytest.mark.parametrize(
    ("call", "body"),
    [
        ("cancellations/preview", {}),
        ("cancellations", {"requested_by": "buyer", "reason": "other"}),
        ("cancellations/C1/withdrawal", None),
    ],
)
def test_a_foreign_order_cannot_be_cancelled_nor_found(
    api: Api, order_id: str, call: str, body: object
) -> None:
    api.given(placed(order_id, 2), say("ReleasedToWarehouse", order_id, warehouse_id="W1"))
    foreign = api.as_("buyer:nils").post(f"/orders/{order_id}/{call}", body)
    unknown = api.as_("buyer:nils").post(f"/orders/unknown/{call}", body)

    assert refusal(foreign) == refusal(unknown) == NOT_FOUND
    assert foreign.text == unknown.text.replace("unknown", order_id)


def test_nobody_cancels_in_the_name_of_the_other_party(api: Api, order_id: str) -> None:
    api.given(placed(order_id, 2), say("ReleasedToWarehouse", order_id, warehouse_id="W1"))
    body = {"requested_by": "seller", "reason": "out_of_stock", "cancellation_id": "C1"}
    address = f"/orders/{order_id}/cancellations"

    assert refusal(api.as_("buyer:mira").post(address, body)) == FORBIDDEN
    assert api.as_("seller:fjell").post(address, body).status_code == 201
    assert refusal(api.as_("buyer:mira").post(f"{address}/C1/withdrawal")) == FORBIDDEN
    assert api.as_("seller:fjell").post(f"{address}/C1/withdrawal").status_code == 200


READS = {
    "/orders/A-9": {"buyer", "seller", "operator", "auditor"},
    "/orders/A-9/history": {"buyer", "seller", "operator", "auditor"},
    "/buyers/mira/orders": {"buyer", "seller", "operator", "auditor"},
    "/buyers/mira/cancelled-orders": {"buyer", "seller", "operator", "auditor"},
    "/sellers/fjell/orders": {"buyer", "seller", "operator", "auditor"},
    "/sellers/fjell/refunds": {"seller", "operator", "auditor"},
    "/late-cancellations": {"seller", "operator", "auditor"},
    "/exposure": {"seller", "operator", "auditor"},
    "/conformance": {"seller", "operator", "auditor", "warehouse"},
    "/parked": {"operator"},
    "/dead-letters": {"operator"},
    "/status": {"operator"},
}
PERSONAS = {
    "buyer": "buyer:mira",
    "seller": "seller:fjell",
    "warehouse": "warehouse:W1",
    "operator": "operator",
    "auditor": "auditor",
}


@pytest.mark.parametrize("call", list(READS))
def test_who_may_read_what(api: Api, call: str) -> None:
    forbidden = {
        role for role, persona in PERSONAS.items() if api.as_(persona).get(call).status_code == 403
    }

    assert forbidden == PERSONAS.keys() - READS[call]


def test_lists_show_what_the_caller_may_see(api: Api, order_id: str) -> None:
    a, b, c = (f"{order_id}-{n}" for n in "abc")
    api.given(
        placed(a, buyer_id="lena", seller_id="berg"),
        placed(b, buyer_id="lena", seller_id="dal"),
        placed(c, buyer_id="kai", seller_id="berg"),
        cancel(a),
        cancel(b),
    ).until_seen()

    assert ids(api.get("/buyers/lena/orders")) == [b, a]
    assert ids(api.get("/buyers/lena/orders", status="not_yet_shipped")) == []
    assert ids(api.get("/sellers/berg/orders")) == [c, a]
    assert ids(api.get("/sellers/berg/orders", status="refund_due")) == [a]
    assert ids(api.as_("buyer:lena").get("/buyers/lena/orders")) == [b, a]
    assert ids(api.as_("seller:dal").get("/buyers/lena/orders")) == [b]
    assert ids(api.as_("buyer:kai").get("/sellers/berg/orders")) == [c]
    assert ids(api.as_("seller:dal").get("/buyers/lena/cancelled-orders")) == [b]
    assert ids(api.get("/buyers/lena/cancelled-orders")) == [b, a]
    assert ids(api.get("/sellers/berg/refunds", state="due")) == [a]
    assert refusal(api.as_("buyer:kai").get("/buyers/lena/orders")) == NOT_FOUND
    assert refusal(api.as_("buyer:kai").get("/buyers/lena/cancelled-orders")) == NOT_FOUND
    assert refusal(api.as_("seller:dal").get("/sellers/berg/orders")) == NOT_FOUND
    assert refusal(api.as_("seller:dal").get("/sellers/berg/refunds")) == NOT_FOUND
    assert refusal(api.as_("seller:dal").get("/exposure", seller_id="berg")) == NOT_FOUND


def test_a_list_is_walked_by_its_cursors(api: Api, order_id: str) -> None:
    api.given(*(placed(f"{order_id}-{n}", buyer_id="walker") for n in range(5))).until_seen()
    seen: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        answer = api.get("/buyers/walker/orders", limit=2, **cursor)
        seen += ids(answer)
        if answer.json()["next"] is None:
            break
        cursor = {"cursor": answer.json()["next"]}

    assert seen == [f"{order_id}-{n}" for n in (4, 3, 2, 1, 0)]
    other = api.get("/sellers/fjell/orders", **cursor)
    assert wrong_fields(other) == [("cursor", "unknown_cursor")]


@pytest.mark.parametrize(
    ("call", "params", "wrong"),
    [
        ("/buyers/mira/orders", {"limit": 0}, ("limit", "too_small")),
        ("/buyers/mira/orders", {"limit": 201}, ("limit", "too_great")),
        ("/buyers/mira/orders", {"limit": "two"}, ("limit", "not_an_integer")),
        ("/buyers/mira/orders", {"status": "lost"}, ("status", "unknown_value")),
        ("/buyers/mira/orders", {"cursor": "x" * 1001}, ("cursor", "too_long")),
        ("/buyers/a b/orders", {}, ("buyer_id", "id")),
        ("/sellers/fjell/refunds", {"state": "gone"}, ("state", "unknown_value")),
        ("/late-cancellations", {"state": "gone"}, ("state", "unknown_value")),
        ("/dead-letters", {"state": "gone"}, ("state", "unknown_value")),
        ("/dead-letters/0", {}, ("dead_letter_id", "too_small")),
        ("/dead-letters/x", {}, ("dead_letter_id", "not_an_integer")),
        ("/parked", {"cursor": "W10"}, ("cursor", "unknown_cursor")),
        ("/orders/A-1", {"at_least": "soon"}, ("at_least", "unknown_position")),
    ],
)
def test_a_malformed_question_names_field_and_rule(
    api: Api, call: str, params: dict[str, Any], wrong: tuple[str, str]
) -> None:
    assert wrong_fields(api.get(call, **params)) == [wrong]


def test_a_position_that_is_not_reached_in_time_is_said(module_postgres_url: str) -> None:
    with api_of(module_postgres_url, wait=0.1) as api:
        later = str(api.store.head() + 1)
        answers = [
            api.get("/buyers/mira/orders", at_least=later),
            api.post(f"/orders/A-1/cancellations/preview?at_least={later}", {}, None),
        ]

    assert [refusal(one) for one in answers] == [(503, "/problems/not-there-yet", "")] * 2
    assert [one.headers["retry-after"] for one in answers] == ["1", "1"]


def test_refused_parcels_and_delivered_goods_show_in_the_figures(api: Api, order_id: str) -> None:
    api.given(placed(order_id, 2), shipped(order_id, 1), delivered(order_id)).until_seen()

    (line,) = api.get(f"/orders/{order_id}").json()["lines"]

    assert (line["shipped"], line["delivered"], line["cancellable"]) == (1, 1, 1)


def test_a_persona_that_nobody_knows_is_nobody(api: Api) -> None:
    answer = api.as_("king:arthur").get("/orders/A-1")

    assert refusal(answer) == (401, "/problems/unauthenticated", "")
