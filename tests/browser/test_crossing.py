"""A crossing, seen by the buyer and by the seller, while a reacting world lives around the service.

A buyer cancels on a page what the warehouse has sent already, and nobody here knows that yet. What
follows is done by the world's own programs: the buyer refuses the parcel, as told by the service;
the carrier takes it back; the warehouse counts it; the provider pays. The buyer's page turns by
itself; those without scripts are loaded again.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from runtime.world.habits import Habits, World
from tests.support.browsing import Window, until_on, window
from tests.support.held_world import PARTITIONS, Held, held_world
from tests.support.kafka import with_topics

# Of this seed the order leaves the warehouse long after it was handed over, and is soon back.
# At this speed the first is a quarter of a minute, enough to hold it on a busy machine.
WORLD = World(seed=2121, orders=1, speed=7_500.0, habits=Habits(cancel=0.0, released=1.0, split=0))
ORDER = WORLD.order_id(0)
PARCEL = f"{ORDER}-P1"
GOODS = "3 x Teapot, blue enamel and 2 x Garden shears"
SUM = "€639.33"


@pytest.fixture
def lived(module_postgres_url: str, kafka_bootstrap: str, tmp_path: Path) -> Iterator[Held]:
    kafka = with_topics(kafka_bootstrap, PARTITIONS)
    with held_world(module_postgres_url, kafka, WORLD, tmp_path) as lived:
        yield lived


def status(page: Page) -> str:
    return page.locator(".head .st").inner_text()


def cases(page: Page) -> list[str]:
    return [" ".join(title.split()) for title in page.locator(".cases h3").all_inner_texts()]


@pytest.mark.timeout(600)
def test_a_crossing_is_seen_from_both_sides(lived: Held, browser: Browser) -> None:
    lived.hold("carrier")
    with (
        window(browser, lived.base, "buyer:B501") as buyer,
        window(browser, lived.base, "seller:V11", scripts=False) as seller,
        window(browser, lived.base, "buyer:B501", scripts=False) as phone,
    ):
        _sent_and_not_told(lived, buyer)
        _cancel_everything(buyer.page)
        _both_wait_for_the_warehouse(buyer.page, seller)
        lived.let_go("ingest")
        _both_know_that_it_crossed(buyer.page, phone, seller)
        _the_sheet_names_the_parcel(phone)
        lived.hold("warehouse")
        lived.let_go("carrier")
        _both_see_it_paid_back(lived, buyer.page, seller)


def _sent_and_not_told(lived: Held, buyer: Window) -> None:
    """The parcel is on a truck, and the service has not heard of it."""
    lived.until_said("ReleasedToWarehouse")
    lived.hold("warehouse")
    until_on(buyer.go("/orders"), ORDER)
    until_on(buyer.go(f"/orders/{ORDER}"), "handed all goods in stock to warehouse W3")
    lived.hold("ingest")
    lived.let_go("warehouse")
    lived.until_said("ShippedFromWarehouse")


def _cancel_everything(page: Page) -> None:
    page.get_by_role("link", name="Cancel goods").click()
    page.get_by_role("button", name="Choose everything, 5 units").click()
    page.get_by_role("button", name="Go on to the reason").click()
    page.get_by_label("I changed my mind").check()
    page.get_by_role("button", name="Cancel 5 units now").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "We asked the warehouse to stop 5 units."
    )
    page.get_by_role("link", name="See the order").click()


def _both_wait_for_the_warehouse(buyer: Page, seller: Window) -> None:
    expect(buyer.locator(".head .st")).to_have_text("Waiting for the warehouse")
    buyer.evaluate("window.isTheSame = true")
    page = until_on(seller.go("/seller"), ORDER)

    assert cases(page) == [f"The warehouse has to stop {GOODS}"]


def _both_know_that_it_crossed(buyer: Page, phone: Window, seller: Window) -> None:
    expect(buyer.locator(".todo h2")).to_have_text(f"Please refuse parcel {PARCEL}")
    there = phone.go(f"/orders/{ORDER}")
    page = until_on(seller.go("/seller"), "must be refused at the door")

    assert (status(buyer), status(there)) == ("Refuse at the door", "Refuse at the door")
    assert f"You get {SUM} when the goods are in the warehouse again." in there.content()
    assert cases(page) == [f"{GOODS} must be refused at the door"]


def _the_sheet_names_the_parcel(phone: Window) -> None:
    """On paper it is one page, without the bar."""
    phone.page.get_by_role("link", name="What to do at the door").click()
    phone.page.wait_for_load_state()
    phone.page.emulate_media(media="print")

    assert phone.page.locator(".parcel h2").first.inner_text() == f"Refuse parcel {PARCEL}"
    expect(phone.page.locator(".bar")).to_be_hidden()
    assert phone.page.pdf(format="A4").count(b"/Type /Page\n") == 1


def _both_see_it_paid_back(lived: Held, buyer: Page, seller: Window) -> None:
    """Nobody counts what comes back before its being on the way was seen."""
    expect(buyer.locator(".head .st")).to_have_text("Going back")
    lived.let_go("warehouse")
    expect(buyer.locator(".head .st")).to_have_text("Refunded")
    until_on(seller.go("/seller"), "nothing needs you")
    paid = seller.go("/seller/refunds?state=issued").locator(".refunds tbody tr")

    assert buyer.evaluate("window.isTheSame === true")
    assert paid.locator("th, td").all_inner_texts()[:3] == [
        ORDER,
        SUM,
        "the whole order, and shipping",
    ]
