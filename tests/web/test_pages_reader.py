"""An order is told to its buyer, and told of the buyer to everybody else."""

from __future__ import annotations

import re

import httpx
import pytest

from tests.support.buying import released, text_of
from tests.support.pages import processed
from tests.support.saying import Said, cancel, delivered, placed, say, shipped
from tests.support.web import Api

ONE = [{"line_id": "L1", "quantity": 1}]
ACTIONS = {"What you can do", "You can still cancel", "You may look at this order"}
"""What is said to whoever reads, of what that one can do."""


def crossed(order: str) -> list[Said]:
    return [placed(order, 3), shipped(order, 1), shipped(order, 1, shipment_id="S2"),
            cancel(order, items=[{"line_id": "L1", "quantity": 2}])]  # fmt: skip


def asked(order: str) -> list[Said]:
    return [placed(order, 3), released(order), cancel(order, items=ONE),
            say("StopRefused", order, cancellation_id="C1", reason="too late")]  # fmt: skip


def taken(order: str) -> list[Said]:
    return [placed(order, 1), shipped(order, 1), cancel(order), delivered(order)]


def unpaid(order: str) -> list[Said]:
    return [placed(order, 1, paid="0.00"), cancel(order)]


def odd(order: str) -> list[Said]:
    return [placed(order, 1), shipped(order, 2)]


def held(order: str) -> list[Said]:
    return [placed(order, 2), cancel(order, items=ONE)]


SCENES = (crossed, asked, taken, unpaid, odd, held)


def spoken(text: str) -> list[str]:
    """The sentences that speak to somebody, but for those about what can be done here."""
    sentences = re.split(r"(?<=[.:!?]) ", text)
    found = [one for one in sentences if re.search(r"\b(you|your|yours)\b", one, re.IGNORECASE)]
    return [one for one in found if not any(words in one for words in ACTIONS)]


@pytest.mark.parametrize("persona", ["seller:fjell", "operator", "auditor"])
def test_nobody_but_the_buyer_is_spoken_to_as_the_buyer(
    api: Api, browser: httpx.Client, order_id: str, persona: str
) -> None:
    orders = {scene.__name__: f"{order_id}-{scene.__name__}" for scene in SCENES}
    for scene in SCENES:
        api.given(*scene(orders[scene.__name__]))
    processed(api)
    browser.get(f"/persona?as={persona}")

    said = {
        name: spoken(text_of(browser.get(f"/orders/{order}"))) for name, order in orders.items()
    }

    assert said == {name: [] for name in orders}


PAGES = {
    "": (
        ["Please refuse parcels S1 and S2", "You refuse the parcel with 2 x Mug 1 at the door.",
         "On its way: please refuse", "When you get it", "You cancelled 2 x Mug 1"],
        ["The buyer has to refuse parcels S1 and S2", "On its way: to be refused",
         "The buyer refuses the parcel with 2 x Mug 1 at the door.", "When it is paid",
         "The buyer cancelled 2 x Mug 1"],
    ),
    "/cancel": (
        ["On its way You refuse the parcel at the door.", "You can send it back as a return."],
        ["On its way The buyer refuses the parcel at the door.",
         "The buyer can send it back as a return."],
    ),
    "/cancel/done?cancellation=C1": (
        ["Some things are left for you to do.", "1 left already: please refuse"],
        ["The buyer has to refuse 2 parcels.", "1 left already: to be refused"],
    ),
    "/cancel?step=reason&all=1": (
        ["The shop reads it.", "A note for the shop"],
        ["The buyer reads it.", "A note of your own", "The buyer does not read it."],
    ),
}  # fmt: skip


@pytest.mark.parametrize("page", list(PAGES))
def test_buyer_and_seller_each_read_their_own_words(
    api: Api, browser: httpx.Client, order_id: str, page: str
) -> None:
    api.given(*crossed(order_id))
    processed(api)

    mine = text_of(browser.get(f"/orders/{order_id}{page}"))
    browser.get("/persona?as=seller:fjell")
    theirs = text_of(browser.get(f"/orders/{order_id}{page}"))

    to_buyer, of_buyer = PAGES[page]
    assert [words for words in to_buyer if words not in mine or words in theirs] == []
    assert [words for words in of_buyer if words not in theirs or words in mine] == []


def test_what_the_seller_did_the_shop_did_to_its_buyer(
    api: Api, browser: httpx.Client, order_id: str
) -> None:
    by_shop = cancel(order_id, items=ONE, requested_by="seller", reason="out_of_stock")
    api.given(placed(order_id, 2), by_shop)

    mine = text_of(browser.get(f"/orders/{order_id}"))
    browser.get("/persona?as=auditor")
    theirs = text_of(browser.get(f"/orders/{order_id}"))

    assert "The shop cancelled 1 x Mug 1, because of goods out of stock." in mine
    assert "The seller cancelled 1 x Mug 1, because of goods out of stock." in theirs
    assert "You may look at this order, and change nothing of it." in theirs


def test_staff_reads_what_does_not_fit(api: Api, browser: httpx.Client, order_id: str) -> None:
    api.given(*odd(order_id))

    mine = text_of(browser.get(f"/orders/{order_id}"))
    browser.get("/persona?as=seller:fjell")
    theirs = text_of(browser.get(f"/orders/{order_id}"))

    assert "does not agree in one point. You need not do anything." in mine
    assert "What does not fit 1 units: more units left than were ordered" in theirs
