"""Cancelled Orders: what a buyer reads of each, and what programs do."""

from __future__ import annotations

import re
from typing import Any

import httpx

from tests.support.buying import released, text_of
from tests.support.saying import cancel, placed, say, shipped
from tests.support.web import Api

ONE = [{"line_id": "L1", "quantity": 1}]
BY_SHOP: dict[str, Any] = {"requested_by": "seller", "items": ONE}


def rows(page: httpx.Response) -> list[str]:
    """Each order of the list, as a person reads it."""
    text = text_of(page).partition("the latest cancellation first. ")[2]
    text = re.sub(r" \d+ \w{3} \d{4}(, \d\d:\d\d)?| \d+ shown$", "", text)
    return [one.strip() for one in re.split(r"(?=A-\d+-\w+ Cancelled)", text) if one]


def test_each_order_says_what_was_cancelled_why_and_how_it_stands(
    api: Api, browser: httpx.Client, order_id: str
) -> None:
    whole, part, ask, out = (f"{order_id}-{name}" for name in ("whole", "part", "ask", "out"))
    for order in (whole, part, ask, out):
        api.given(placed(order, 2, buyer_id="vera"))
    api.given(cancel(whole, reason="arrives_too_late"))
    api.given(cancel(part, **BY_SHOP, reason="out_of_stock"))
    api.given(released(ask), cancel(ask, reason="other", items=ONE))
    api.given(shipped(out, 1), cancel(out, reason="found_cheaper")).until_seen()
    browser.get("/persona?as=buyer:vera")

    assert rows(browser.get("/cancelled-orders")) == [
        f"{order} Cancelled {told}"
        for order, told in {
            out: "2 x Mug 1 Reason: I found it cheaper elsewhere 1 to refuse at the door"
            " 1 cancelled What to do at the door €10.00 Due",
            ask: "1 x Mug 1 Reason: Something else 1 asked for"
            " Waiting for the warehouse. 1 unit remains. Nothing due yet",
            part: "1 x Mug 1 Cancelled by the shop: it is out of stock 1 cancelled 1 unit remains."
            " €10.00 Held until",
            whole: "2 x Mug 1 Reason: It arrives too late 2 cancelled The whole order. €20.00 Due",
        }.items()
    ]


def test_a_shop_that_gave_no_reason_has_cancelled_all_the_same(
    api: Api, browser: httpx.Client, order_id: str
) -> None:
    api.given(placed(order_id, 2, buyer_id="una"), cancel(order_id, **BY_SHOP, reason="other"))
    api.until_seen()
    browser.get("/persona?as=buyer:una")

    assert "1 x Mug 1 Cancelled by the shop 1 cancelled" in text_of(
        browser.get("/cancelled-orders")
    )


def last_of(api: Api, order_id: str) -> dict[str, Any]:
    """The latest cancellation as an order and as its buyer's list tell it."""
    order = api.until_seen().get(f"/orders/{order_id}").json()
    (listed,) = api.get(f"/buyers/{order['buyer_id']}/cancelled-orders").json()["orders"]
    return {"order": order["last_cancellation"], "listed": listed["last_cancellation"]}


def test_the_latest_cancellation_is_the_latest_that_stands(api: Api, order_id: str) -> None:
    api.given(placed(order_id, 3, buyer_id="tess"), released(order_id))
    first = {"cancellation_id": "C1", "requested_by": "buyer", "reason": "wrong_address"}
    second = {"cancellation_id": "C2", "requested_by": "seller", "reason": "price_error"}
    api.given(cancel(order_id, "C1", items=ONE, reason="wrong_address"))
    api.given(cancel(order_id, "C2", **BY_SHOP, reason="price_error"))

    both = last_of(api, order_id)
    api.given(say("CancellationWithdrawn", order_id, cancellation_id="C2"))
    after = last_of(api, order_id)

    assert both == {"order": second, "listed": second}
    assert after == {"order": first, "listed": first}


def test_goods_refused_at_the_door_are_cancelled_without_a_cancellation(
    api: Api, browser: httpx.Client, order_id: str
) -> None:
    api.given(placed(order_id, 1, buyer_id="sara"), shipped(order_id, 1))
    api.given(say("DeliveryRejected", order_id, shipment_id="S1", kind="refused"))

    told = last_of(api, order_id)
    browser.get("/persona?as=buyer:sara")

    assert told == {"order": None, "listed": None}
    assert "1 x Mug 1 1 going back Expected back" in text_of(browser.get("/cancelled-orders"))
