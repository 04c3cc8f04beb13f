"""A buyer's lists of orders, in a browser without scripts."""

from __future__ import annotations

import re

import httpx

from tests.support.buying import text_of
from tests.support.saying import cancel, placed, shipped
from tests.support.web import Api


def test_lists_show_a_buyers_own_orders_and_what_must_be_done_first(
    api: Api, browser: httpx.Client, order_id: str
) -> None:
    mine, other = f"{order_id}-mine", f"{order_id}-other"
    api.given(placed(mine, 2, buyer_id="lin"), placed(other, 1, buyer_id="noor"))
    api.given(shipped(mine, 1), cancel(mine)).until_seen()
    browser.get("/persona?as=buyer:lin")

    orders, cancelled = browser.get("/orders"), browser.get("/cancelled-orders")
    none = browser.get("/orders?status=closed")

    assert f"Please refuse a parcel of order {mine}" in text_of(orders)
    assert f"{mine}" in text_of(cancelled)
    assert "2 x Mug 1" in text_of(cancelled)
    assert other not in orders.text + cancelled.text
    assert "No order of yours is like that now." in text_of(none)


def test_a_list_goes_on_where_a_page_ends(api: Api, browser: httpx.Client, order_id: str) -> None:
    api.given(*[placed(f"{order_id}-{n}", 24, buyer_id="ann") for n in range(27)]).until_seen()
    browser.get("/persona?as=buyer:ann")

    first = browser.get("/orders")
    older = re.search(r'href="(/orders\?cursor=[^"]+)"', first.text)
    assert older
    second = browser.get(older[1])

    assert "25 shown" in text_of(first)
    assert "2 shown" in text_of(second)


def test_whoever_has_no_orders_is_told_so_and_nobody_is_asked_who_they_are(
    browser: httpx.Client,
) -> None:
    browser.get("/persona?as=buyer:new")

    assert text_of(browser.get("/orders")) == (
        "My orders You have no orders yet When you order something, it appears here at once."
    )
    assert "You have not cancelled anything" in text_of(browser.get("/cancelled-orders"))
    browser.get("/persona?as=operator")
    assert browser.get("/orders").headers["location"] == "/?next=/orders"


def test_tabs_say_how_many_orders_are_in_each_state(
    api: Api, browser: httpx.Client, order_id: str
) -> None:
    mine = [placed(f"{order_id}-{n}", 1, buyer_id="kim") for n in range(3)]
    api.given(*mine, placed(f"{order_id}-x", 1, buyer_id="noor"))
    api.given(shipped(f"{order_id}-0", 1)).until_seen()
    browser.get("/persona?as=buyer:kim")

    text = text_of(browser.get("/orders"))

    assert "All 3 Shipped 1 Not yet shipped 2" in text


def test_one_box_names_all_orders_with_parcels_to_refuse(
    api: Api, browser: httpx.Client, order_id: str
) -> None:
    for n in range(4):
        one = f"{order_id}-{n}"
        api.given(placed(one, 1, buyer_id="eva"), shipped(one, 1), cancel(one))
    api.until_seen()
    browser.get("/persona?as=buyer:eva")

    page = browser.get("/orders")

    assert page.text.count('class="todo"') == 1
    assert "Please refuse parcels of 4 orders" in text_of(page)
    assert "All 4 orders with parcels to refuse" in text_of(page)
