"""A refund by hand over HTTP: outcome, refusal, repeat, lost race, and who may."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from application.late_cancellations import Rules
from application.processing import processes
from domain.claims import refund_id
from domain.late_cancellation import Terms
from tests.support.following import differences
from tests.support.saying import delivered, placed, say, shipped
from tests.support.web import Api, new_key, refusal, wrong_fields

REFUSED = "/problems/refund-refused"


def kept(api: Api, order_id: str) -> str:
    """An order of three units that were taken at the door; the address of its refunds."""
    api.given(placed(order_id, 3), shipped(order_id, 3), delivered(order_id))
    return f"/orders/{order_id}/refunds"


def units(quantity: int) -> dict[str, Any]:
    return {"items": [{"line_id": "L1", "quantity": quantity}]}


GOODWILL = {"decision_id": "g1", "amount": "5.00", "reason": "goodwill"}


def test_an_amount_is_granted(api: Api, order_id: str) -> None:
    answer = api.post(kept(api, order_id), GOODWILL)

    assert answer.status_code == 201
    assert answer.json() == {
        "order_id": order_id,
        "decision_id": "g1",
        "refund_id": refund_id(order_id, "decision", "g1", 1),
        "amount": "5.00",
        "currency": "EUR",
        "state": "due",
        "items": [],
        "reason": "goodwill",
        "refundable": "25.00",
        "refundable_units": [{"line_id": "L1", "quantity": 3}],
        "version": 4,
        "position": answer.json()["position"],
    }


def test_the_currency_may_be_said_with_the_amount(api: Api, order_id: str) -> None:
    answer = api.post(kept(api, order_id), GOODWILL | {"currency": "EUR"})

    assert (answer.status_code, answer.json()["amount"]) == (201, "5.00")


def test_an_amount_that_was_granted_is_asked_for(api: Api, order_id: str) -> None:
    api.post(kept(api, order_id), GOODWILL)
    processes(api.url, api.store, Rules(api.policy, Terms()), api.now).catch_up()

    (refund,) = api.until_seen().get(f"/orders/{order_id}").json()["refunds"]

    assert (refund["refund_id"], refund["amount"], refund["state"], refund["reason"]) == (
        refund_id(order_id, "decision", "g1", 1),
        "5.00",
        "requested",
        "by_hand",
    )


def test_units_that_stay_are_refunded_for_their_worth(api: Api, order_id: str) -> None:
    answer = api.post(kept(api, order_id), {**units(2), "reason": "Ingrid's cup has a scratch"})

    told = answer.json()
    assert (told["amount"], told["items"]) == ("20.00", units(2)["items"])
    assert told["refundable_units"] == [{"line_id": "L1", "quantity": 1}]
    assert told["decision_id"].startswith("d-")
    assert told["reason"].startswith("note:")
    assert "Ingrid" not in api.get(f"/orders/{order_id}/history").text


def test_more_than_was_paid_is_refused_with_what_is_left(api: Api, order_id: str) -> None:
    address = kept(api, order_id)

    too_much = api.post(address, {"amount": "30.01", "reason": "goodwill"})
    too_many = api.post(address, {**units(4), "reason": "goodwill"})

    assert refusal(too_much) == (409, REFUSED, "more_than_refundable")
    assert refusal(too_many) == (409, REFUSED, "more_than_kept")
    body = too_many.json()
    assert (body["refundable"], body["refundable_units"], body["version"]) == (
        "30.00",
        [{"line_id": "L1", "quantity": 3}],
        5,
    )


def test_the_same_again_is_the_same_by_key_and_by_decision(api: Api, order_id: str) -> None:
    address = kept(api, order_id)
    body, key = {"decision_id": "g1", "amount": "5.00", "reason": "goodwill"}, new_key()

    first, by_key, by_id = (api.post(address, body, one) for one in (key, key, new_key()))
    other = api.post(address, {**body, "amount": "6.00"})

    assert by_key.text == by_id.text == first.text
    assert refusal(other) == (409, REFUSED, "decision_id_in_use")


def test_many_at_once_never_refund_more_than_was_paid(api: Api, order_id: str) -> None:
    address = kept(api, order_id)

    with ThreadPoolExecutor(8) as pool:
        body = {"amount": "10.00", "reason": "goodwill"}
        told = list(pool.map(lambda _: api.post(address, body).status_code, range(8)))

    assert sorted(told) == [201] * 3 + [409] * 5


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({}, [("reason", "missing")]),
        ({"reason": "goodwill"}, [("amount", "missing")]),
        ({"reason": "goodwill", "amount": "0.00"}, [("amount", "too_small")]),
        ({"reason": "goodwill", "amount": "-1.00"}, [("amount", "amount")]),
        ({"reason": "goodwill", "amount": "1.001"}, [("amount", "too_many_decimals")]),
        ({"reason": "goodwill", "amount": 5}, [("amount", "not_a_string")]),
        ({"reason": "goodwill", "items": []}, [("items", "empty")]),
        (GOODWILL | {"currency": "JPY"}, [("currency", "unknown_value")]),
    ],
)
def test_a_malformed_refund_names_field_and_rule(
    api: Api, order_id: str, body: dict[str, Any], wrong: list[tuple[str, str]]
) -> None:
    assert wrong_fields(api.post(kept(api, order_id), body)) == wrong


def test_only_the_orders_seller_refunds_by_hand(api: Api, order_id: str) -> None:
    address = kept(api, order_id)
    body = {"amount": "5.00", "reason": "goodwill"}

    for persona in ("buyer:mira", "warehouse:W1", "operator", "auditor"):
        answer = api.as_(persona).post(address, body)
        assert refusal(answer) == (403, "/problems/forbidden", ""), persona
    assert api.as_("seller:other").post(address, body).status_code == 404
    assert api.as_("seller:fjell").post(address, body).status_code == 201
    assert refusal(api.post("/orders/nowhere/refunds", body))[0] == 404


def test_units_to_ship_are_cancelled_not_refunded(api: Api, order_id: str) -> None:
    api.given(placed(order_id, 1), say("ReleasedToWarehouse", order_id, warehouse_id="W1"))

    answer = api.post(f"/orders/{order_id}/refunds", {**units(1), "reason": "goodwill"})

    assert refusal(answer) == (409, REFUSED, "more_than_kept")


def test_a_replay_finds_the_same_money(api: Api, order_id: str) -> None:
    """Of all the orders of this file: folded again by other code."""
    api.post(kept(api, order_id), {**units(1), "amount": "2.50", "reason": "goodwill"})
    processes(api.url, api.store, Rules(api.policy, Terms()), api.now).catch_up()
    api.until_seen()

    assert differences(api.store) == []
