"""Cancelling over HTTP: each call's outcome, refusal, repeat and lost race."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any

import pytest

from tests.support.saying import delivered, placed, say, shipped
from tests.support.web import Api, api_of, new_key

_NUMBERS = count(1)


@pytest.fixture(scope="module")
def api(module_postgres_url: str) -> Iterator[Api]:
    with api_of(module_postgres_url) as api:
        yield api


@pytest.fixture
def order_id() -> str:
    return f"A-{next(_NUMBERS)}"


def everything(**more: Any) -> dict[str, Any]:  # noqa: ANN401  # any field of the body
    return {"requested_by": "buyer", "reason": "changed_mind", **more}


def units(quantity: int, line_id: str = "L1") -> dict[str, Any]:
    return {"items": [{"line_id": line_id, "quantity": quantity}]}


def released(order_id: str) -> dict[str, Any]:
    return say("ReleasedToWarehouse", order_id, warehouse_id="W1")


def test_a_cancellation_says_what_it_means_as_its_preview_did(api: Api, order_id: str) -> None:
    api.given(placed(order_id, 3, 1, shipping_fee="2.00"), shipped(order_id, 1))
    address = f"/orders/{order_id}/cancellations"

    preview = api.post(f"{address}/preview", units(3), key=None)
    answer = api.post(address, everything(cancellation_id="C1", **units(3)))

    assert preview.status_code == 200
    assert preview.json() == {
        "order_id": order_id,
        "version": 2,
        "outcome": "mixed",
        "items": [{"line_id": "L1", "quantity": 3, "stop": 2, "refuse": 1}],
        "refuse_parcels": ["S1"],
        "needs_confirmation": False,
        "refund": {
            "amount": "30.00",
            "currency": "EUR",
            "when": "after_return",
            "held_until": preview.json()["refund"]["held_until"],
            "parts": [
                {
                    "amount": "20.00",
                    "when": "after_remaining_shipped",
                    "reason": "goods_still_to_ship",
                },
                {"amount": "10.00", "when": "after_return", "reason": "goods_returned"},
            ],
            "reason": None,
        },
    }
    assert answer.status_code == 201
    told = answer.json()
    assert told.pop("cancellation_id") == "C1"
    assert told.pop("position") == str(api.store.head())
    expected = {**preview.json(), "version": 3}
    for body in (told, expected):
        body["refund"] = {**body["refund"], "held_until": "later"}
    assert told == expected
