"""An order as its buyer sees it, in a browser without scripts."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.support.buying import released, text_of
from tests.support.pages import processed
from tests.support.saying import cancel, delivered, placed, say, shipped
from tests.support.web import Api


def test_an_order_shows_its_goods_in_groups_that_add_up(
    api: Api, browser: httpx.Client, order_id: str
) -> None:
    api.given(placed(order_id, 4, 1), shipped(order_id, 2), cancel(order_id, items=[
        {"line_id": "L1", "quantity": 3}]))  # fmt: skip

    text = text_of(browser.get(f"/orders/{order_id}"))

    assert "Please refuse parcel S1" in text
    assert "1 to refuse 2 remaining 2 cancelled 5 units ordered" in text
    assert "€20.00" in text
    assert "At the latest on" in text
    assert "Waits for the return" in text
    assert "You cancelled 3 x Mug 1" in text


def test_an_order_has_one_date_however_late_it_was_heard_of(
    api: Api, browser: httpx.Client, order_id: str
) -> None:
    api.given(placed(order_id, 1) | {"time": "2019-06-05T12:00:00Z"})

    told = api.until_seen().get(f"/orders/{order_id}").json()

    assert told["placed_at"] == "2019-06-05T12:00:00Z"
    assert "Ordered on Wednesday 5 June 2019" in text_of(browser.get(f"/orders/{order_id}"))


def test_a_wait_for_the_warehouse_is_told(api: Api, browser: httpx.Client, order_id: str) -> None:
    api.given(placed(order_id, 3), released(order_id), cancel(order_id))

    text = text_of(browser.get(f"/orders/{order_id}"))

    assert "Waiting for the warehouse" in text
    assert "Cancellation asked for 3 units" in text
    assert "€30.00 3 x Mug 1 Waits for the warehouse" in text
    assert "You pay in the end €0.00" in text
    assert "Nothing of this order can be cancelled any more." in text


def test_goods_that_were_taken_at_the_door_are_the_buyers(
    api: Api, browser: httpx.Client, order_id: str
) -> None:
    api.given(placed(order_id, 1), shipped(order_id, 1), cancel(order_id), delivered(order_id))

    text = text_of(browser.get(f"/orders/{order_id}"))

    assert "You took what you had cancelled" in text
    assert "Please refuse" not in text


def test_what_is_paid_says_when(api: Api, browser: httpx.Client, order_id: str) -> None:
    api.given(placed(order_id, 1), cancel(order_id))
    (refund,) = api.until_seen().get(f"/orders/{order_id}").json()["refunds"]
    paid = {"refund_id": refund["refund_id"], "amount": "10.00", "currency": "EUR"}

    due = text_of(browser.get(f"/orders/{order_id}"))
    api.given(say("RefundIssued", order_id, **paid))
    issued = text_of(browser.get(f"/orders/{order_id}"))

    assert "Due Now. We are about to ask the payment provider." in due
    assert "Paid Paid on" in issued
    assert "€0.00 still comes, €10.00 paid so far" in issued


def test_the_sheet_for_the_door_says_which_parcel_to_refuse_and_which_to_take(
    api: Api, browser: httpx.Client, order_id: str
) -> None:
    api.given(placed(order_id, 1, 1), shipped(order_id, 1))
    api.given(shipped(order_id, 1, "L2", "S2"), cancel(order_id, items=[
        {"line_id": "L1", "quantity": 1}]))  # fmt: skip

    text = text_of(browser.get(f"/orders/{order_id}/refuse"))

    assert "refuse 1 parcel, take the other." in text
    assert text.index("Refuse parcel S1") < text.index("Take parcel S2")
    assert "If it goes otherwise" in text


def test_where_nothing_is_to_be_refused_the_sheet_says_so(
    api: Api, browser: httpx.Client, order_id: str
) -> None:
    api.given(placed(order_id, 1))

    text = text_of(browser.get(f"/orders/{order_id}/refuse"))

    assert "There is nothing to refuse." in text
    assert "I refuse this parcel" not in text


@pytest.mark.parametrize("page", ["", "/cancel", "/refuse", "/cancel/done?cancellation=C1"])
def test_a_foreign_order_is_as_unknown_as_one_that_is_not_there(
    api: Api, browser: httpx.Client, order_id: str, page: str
) -> None:
    api.given(placed(order_id, 1, buyer_id="noor"), cancel(order_id))

    foreign = browser.get(f"/orders/{order_id}{page}")
    unknown = browser.get(f"/orders/none{page}")

    assert (foreign.status_code, unknown.status_code) == (404, 404)
    assert text_of(foreign).replace(order_id, "none") == text_of(unknown)


def test_an_order_of_many_kinds_is_a_page_that_is_not_too_large(
    api: Api, browser: httpx.Client, order_id: str
) -> None:
    api.given(placed(order_id, *[12] * 600), cancel(order_id))

    pages = [f"/orders/{order_id}{page}" for page in ("", "/refuse")]
    api.given(placed(f"{order_id}-b", *[12] * 600))
    pages += [f"/orders/{order_id}-b", f"/orders/{order_id}-b/cancel"]
    pages += [f"/orders/{order_id}-b/cancel?step={step}&all=1" for step in ("check", "reason")]

    assert {page: text_of(browser.get(page)) != "" for page in pages} == dict.fromkeys(pages, True)


def test_parcels_that_are_not_shown_are_counted(
    api: Api, browser: httpx.Client, order_id: str
) -> None:
    sent = [shipped(order_id, 1, shipment_id=f"S{n}") for n in range(45)]
    api.given(placed(order_id, 45), *sent)

    order, sheet = (text_of(browser.get(f"/orders/{order_id}{page}")) for page in ("", "/refuse"))

    assert (order.count(" Take"), order.endswith(" and 25 more")) == (20, True)
    assert sheet.count("Take parcel S") == 40
    assert sheet.endswith(" 5 more parcels of this order are not on this sheet.")


def test_a_lost_parcel_is_said_to_be_lost(api: Api, browser: httpx.Client, order_id: str) -> None:
    api.given(placed(order_id, 1, 1))
    both = [{"line_id": "L1", "quantity": 1}, {"line_id": "L2", "quantity": 1}]
    api.given(say("ShippedFromWarehouse", order_id, shipment_id="S1", items=both))
    api.given(cancel(order_id, items=both[:1]), say("LostInTransit", order_id, shipment_id="S1"))

    text = text_of(browser.get(f"/orders/{order_id}"))

    assert "Lost on the way. The shop is looking into it." in text
    assert "Lost on the way. The shop decides about the money." in text
    assert "Please take it" not in text


def test_an_order_that_was_not_paid_says_that_nothing_comes_back(
    api: Api, browser: httpx.Client, order_id: str
) -> None:
    api.given(placed(order_id, 1, paid="0.00"), cancel(order_id))

    assert "You had not paid for this order." in text_of(browser.get(f"/orders/{order_id}"))


def test_a_parcel_is_named_as_it_is_written(api: Api, browser: httpx.Client, order_id: str) -> None:
    api.given(placed(order_id, 2), shipped(order_id, 1))

    text = text_of(browser.get(f"/orders/{order_id}"))

    assert "1 unit: on its way in parcel S1. Please take it." in text
    assert "1 before shipping, 1 by refusing a parcel at the door" in text


def test_what_left_before_it_was_cancelled_is_told_with_both_times(
    api: Api, browser: httpx.Client, order_id: str
) -> None:
    """The parcel of this order left in January, and we hear of it now."""
    api.given(placed(order_id, 1), cancel(order_id)).given(shipped(order_id, 1))

    text = text_of(browser.get(f"/orders/{order_id}"))

    assert "It left the warehouse on 31 Jan 2026, 12:00, and we only heard of it on " in text
    assert "with 1 x Mug 1. We did not know yet: we heard of it on " in text


def test_a_note_to_the_shop_is_read_there_and_by_who_wrote_it(
    api: Api, browser: httpx.Client, order_id: str
) -> None:
    one = [{"line_id": "L1", "quantity": 1}]
    mine: dict[str, Any] = {"items": one, "note": "Sorry <b> for that"}
    shops = mine | {"requested_by": "seller", "reason": "price_error", "note": "Our own fault"}
    api.given(placed(order_id, 3), cancel(order_id, **mine), cancel(order_id, "C2", **shops))

    read = {}
    for persona in ("buyer:mira", "seller:fjell", "operator", "auditor"):
        browser.get(f"/persona?as={persona}")
        text = browser.get(f"/orders/{order_id}").text
        read[persona] = ("Sorry &lt;b&gt; for that" in text, "Our own fault" in text)

    assert read == {
        "buyer:mira": (True, False),
        "seller:fjell": (True, True),
        "operator": (False, False),
        "auditor": (False, False),
    }


def test_what_is_awaited_of_several_goods_is_said_once(
    api: Api, browser: httpx.Client, order_id: str
) -> None:
    both = [{"line_id": "L1", "quantity": 1}, {"line_id": "L2", "quantity": 1}]
    api.given(placed(order_id, 1, 1))
    api.given(say("ShippedFromWarehouse", order_id, shipment_id="S1", items=both))
    api.given(cancel(order_id), say("DeliveryRejected", order_id, shipment_id="S1", kind="refused"))
    processed(api)

    text = text_of(browser.get(f"/orders/{order_id}"))

    assert text.count("The goods travel back to the warehouse") == 1
    assert "The goods travel back to the warehouse: 1 x Mug 1 and 1 x Mug 2." in text


def test_goods_that_came_back_damaged_are_said_to_be(
    api: Api, browser: httpx.Client, order_id: str
) -> None:
    api.given(placed(order_id, 2), shipped(order_id, 2), cancel(order_id))
    one = {"line_id": "L1", "quantity": 1}
    items = [one, {**one, "condition": "damaged"}]
    api.given(say("ReturnedToWarehouse", order_id, return_id="R1", shipment_id="S1", items=items))

    text = text_of(browser.get(f"/orders/{order_id}"))

    assert "1 unit: back in the warehouse." in text
    assert "1 unit: came back damaged. The shop decides about the money." in text
