"""Cases over HTTP: what waits, what a seller decides, what is out, how warehouses do."""

from __future__ import annotations

from typing import Any

import pytest

from application.late_cancellations import Rules
from application.processing import processes
from domain.late_cancellation import Terms
from tests.support.saying import Said, cancel, placed, say, shipped
from tests.support.web import Api, new_key, refusal, wrong_fields

DECISION = {
    "decision_id": "D1",
    "line_id": "L1",
    "quantity": 1,
    "outcome": "refund",
    "reason": "damaged_on_the_way",
}


def damaged(order_id: str) -> list[Said]:
    """One unit crossed, and came back damaged."""
    back = [{"line_id": "L1", "quantity": 1, "condition": "damaged"}]
    return [
        placed(order_id, 1, seller_id=f"s-{order_id}"),
        shipped(order_id, 1),
        cancel(order_id),
        say("ReturnedToWarehouse", order_id, return_id="R1", shipment_id="S1", items=back),
    ]


def processed(api: Api) -> Api:
    """Let process managers do what they do, and the views see it."""
    processes(api.url, api.store, Rules(api.policy, Terms()), api.now).catch_up()
    return api.until_seen()


def test_a_case_is_listed_until_it_is_decided(api: Api, order_id: str) -> None:
    processed(api.given(*damaged(order_id)))
    seller = api.as_(f"seller:s-{order_id}")

    (case,) = seller.get("/late-cancellations").json()["cases"]
    seller.post(f"/late-cancellations/{order_id}/decision", DECISION)
    processed(api)
    still = seller.get("/late-cancellations").json()["cases"]
    (closed,) = seller.get("/late-cancellations", state="closed").json()["cases"]

    assert {key: case[key] for key in ("order_id", "waits_for", "reason", "overdue", "items")} == {
        "order_id": order_id,
        "waits_for": "seller",
        "reason": "returned_damaged",
        "overdue": False,
        "items": [{"line_id": "L1", "quantity": 1}],
    }
    assert [one["waits_for"] for one in still] == ["payment"]
    assert closed["wait"] == case["wait"]


def test_a_decision_is_answered_with_what_can_still_be_decided(api: Api, order_id: str) -> None:
    api.given(*damaged(order_id))

    answer = api.post(f"/late-cancellations/{order_id}/decision", DECISION)

    assert answer.status_code == 200
    assert answer.json() == {
        "order_id": order_id,
        **DECISION,
        "amount": None,
        "can_be_decided": [],
        "version": 5,
        "position": answer.json()["position"],
    }


def test_a_decision_again_is_the_same_and_another_is_refused(api: Api, order_id: str) -> None:
    api.given(*damaged(order_id))
    address = f"/late-cancellations/{order_id}/decision"
    key = new_key()

    first = api.post(address, DECISION, key)
    again, other_key = api.post(address, DECISION, key), api.post(address, DECISION)
    in_use = api.post(address, {**DECISION, "outcome": "no_refund"})
    too_late = api.post(address, {**DECISION, "decision_id": "D2"})

    kind = "/problems/decision-refused"
    assert again.text == other_key.text == first.text
    assert refusal(in_use) == (409, kind, "decision_id_in_use")
    assert refusal(too_late) == (409, kind, "nothing_to_decide")
    assert (too_late.json()["version"], too_late.json()["can_be_decided"]) == (7, [])


def test_a_refused_decision_says_what_can_be_decided(api: Api, order_id: str) -> None:
    api.given(*damaged(order_id))

    answer = api.post(f"/late-cancellations/{order_id}/decision", {**DECISION, "quantity": 2})

    assert refusal(answer) == (409, "/problems/decision-refused", "more_than_open")
    assert answer.json()["can_be_decided"] == [
        {"line_id": "L1", "quantity": 1, "what": "damaged", "outcomes": ["refund", "no_refund"]}
    ]


@pytest.mark.parametrize(
    ("more", "wrong"),
    [
        ({"amount": "0.00"}, ("amount", "too_small")),
        ({"amount": "1.001"}, ("amount", "too_many_decimals")),
        ({"amount": 1}, ("amount", "not_a_string")),
        ({"outcome": "no_refund", "amount": "1.00"}, ("amount", "not_with_this_outcome")),
        ({"outcome": "perhaps"}, ("outcome", "unknown_value")),
        ({"decided_by": "deadline"}, ("decided_by", "unknown_field")),
        ({"reason": ""}, ("reason", "empty")),
    ],
)
def test_a_malformed_decision_names_field_and_rule(
    api: Api, order_id: str, more: dict[str, Any], wrong: tuple[str, str]
) -> None:
    api.given(*damaged(order_id))

    answer = api.post(f"/late-cancellations/{order_id}/decision", DECISION | more)

    assert wrong_fields(answer) == [wrong]


def test_the_words_of_a_decision_are_kept_apart(api: Api, order_id: str) -> None:
    api.given(*damaged(order_id))
    body = {**DECISION, "reason": "Ingrid said the cup was broken"}

    answer = api.post(f"/late-cancellations/{order_id}/decision", body)

    assert answer.json()["reason"].startswith("note:")
    assert "Ingrid" not in api.get(f"/orders/{order_id}/history").text


def test_only_who_has_the_right_decides(api: Api, order_id: str) -> None:
    api.given(*damaged(order_id))
    address = f"/late-cancellations/{order_id}/decision"

    for persona in ("buyer:mira", "warehouse:W1", "operator", "auditor"):
        answer = api.as_(persona).post(address, DECISION)
        assert refusal(answer) == (403, "/problems/forbidden", ""), persona
    assert api.as_("seller:other").post(address, DECISION).status_code == 404
    assert api.as_(f"seller:s-{order_id}").post(address, DECISION).status_code == 200


def test_refunded_goods_that_ship_all_the_same_are_exposure(api: Api, order_id: str) -> None:
    seller = f"s-{order_id}"
    api.given(placed(order_id, 1, seller_id=seller), cancel(order_id))
    processed(api).given(shipped(order_id, 1))
    processed(api)

    told = api.as_(f"seller:{seller}").get("/exposure").json()

    assert [(one["order_id"], one["amount"]) for one in told["orders"]] == [(order_id, "10.00")]
    assert [(one["currency"], one["amount"]) for one in told["totals"]] == [("EUR", "10.00")]
    assert api.as_("seller:nobody").get("/exposure").json()["orders"] == []
    assert api.as_("auditor").get("/exposure", seller_id=seller).json() == told


def test_a_warehouse_sees_how_it_does_itself(api: Api, order_id: str) -> None:
    stop = [
        placed(order_id, 1),
        say("ReleasedToWarehouse", order_id, warehouse_id=f"W-{order_id}"),
        cancel(order_id),
    ]
    processed(api.given(*stop))

    own = api.as_(f"warehouse:W-{order_id}").get("/conformance").json()
    other = api.as_("warehouse:W-other").get("/conformance").json()

    assert [(one["warehouse_id"], one["waiting"]) for one in own["warehouses"]] == [
        (f"W-{order_id}", 1)
    ]
    assert other == {"warehouses": [], "next": None}
