"""Pages that renew themselves in a real browser, and leave alone what somebody is doing on them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.browsing import until_on, window
from tests.support.listening import QUICK, until_so_many_listen
from tests.support.pages import processed
from tests.support.saying import Said, cancel, delivered, placed, say, shipped
from tests.support.web import Api, api_of

_NUMBERS = count(1)
_HIDE = """is_hidden => {
  Object.defineProperty(document, 'hidden', {value: is_hidden, configurable: true});
  document.dispatchEvent(new Event('visibilitychange'));
}"""


@pytest.fixture(scope="module")
def api(module_postgres_url: str) -> Iterator[Api]:
    with api_of(module_postgres_url, live=QUICK) as api:
        yield api


@pytest.fixture
def order_id(api: Api) -> str:
    """3 mugs that the warehouse has been asked to stop."""
    order_id = f"A-{next(_NUMBERS)}"
    api.given(placed(order_id, 3), released(order_id), cancel(order_id))
    processed(api)
    return order_id


def released(order_id: str) -> Said:
    return say("ReleasedToWarehouse", order_id, warehouse_id="W1")


def tell(api: Api, *messages: Said) -> None:
    processed(api.given(*messages))


def mark(page: Page) -> None:
    """Leave something that a page which is loaded again would not have."""
    page.evaluate("window.isTheSame = true")


def is_the_same(page: Page) -> bool:
    return bool(page.evaluate("window.isTheSame === true"))


def status(page: Page) -> str:
    return page.locator(".head .st").inner_text()


def test_an_order_turns_on_the_page_that_shows_it(
    api: Api, browser: Browser, order_id: str
) -> None:
    with window(browser, str(api.client.base_url), "buyer:mira") as shown:
        page = shown.go(f"/orders/{order_id}")
        mark(page)
        page.locator("main").get_by_role("link", name="My orders").focus()

        tell(api, shipped(order_id, 3))
        expect(page.locator(".head .st")).to_have_text("Refuse at the door")
        expect(page.locator("#live-said")).to_contain_text("Refuse at the door")
        expect(page.locator("main").get_by_role("link", name="My orders")).to_be_focused()
        tell(api, delivered(order_id))
        expect(page.locator(".head .st")).to_have_text("Complete")

        assert is_the_same(page)
        assert shown.violations() == []


def test_where_the_focus_was_on_what_is_gone_it_goes_to_the_content(
    api: Api, browser: Browser, order_id: str
) -> None:
    with window(browser, str(api.client.base_url), "buyer:mira") as shown:
        page = shown.go(f"/orders/{order_id}")
        page.get_by_role("button", name="Keep the goods after all").focus()

        tell(api, shipped(order_id, 3))

        expect(page.locator("#main")).to_be_focused()


def test_a_list_shows_an_order_that_was_placed_just_now(
    api: Api, browser: Browser, order_id: str
) -> None:
    with window(browser, str(api.client.base_url), "buyer:mira") as shown:
        page = shown.go("/orders")
        mark(page)

        tell(api, placed(f"{order_id}-new", 1))

        expect(page.get_by_role("link", name=f"{order_id}-new")).to_be_visible()
        assert is_the_same(page)


def test_a_form_in_which_somebody_types_is_left_alone(
    api: Api, browser: Browser, order_id: str
) -> None:
    """While other cases come and go around it."""
    with window(browser, str(api.client.base_url), "seller:fjell") as shown:
        page = shown.go("/seller")
        case = page.locator(f"li#case-{order_id}-stop-C1")
        case.locator("details.decide summary").click()
        reason = case.get_by_label("Reason")
        reason.press_sequentially("they leave at n")

        other = f"{order_id}-other"
        tell(api, placed(other, 1), released(other), cancel(other))
        expect(page.get_by_role("link", name=other, exact=True)).to_be_visible()
        expect(reason).to_be_focused()
        reason.press_sequentially("oon")

        expect(reason).to_have_value("they leave at noon")
        expect(case.locator("details.decide")).to_have_attribute("open", "")


def test_a_hidden_page_does_not_listen_and_is_right_when_it_is_seen_again(
    api: Api, browser: Browser, order_id: str
) -> None:
    with window(browser, str(api.client.base_url), "buyer:mira") as shown:
        page = shown.go(f"/orders/{order_id}")
        mark(page)
        until_so_many_listen(api, 1)
        page.evaluate(_HIDE, True)
        until_so_many_listen(api, 0)
        tell(api, shipped(order_id, 3))
        hidden = status(page)

        page.evaluate(_HIDE, False)

        expect(page.locator(".head .st")).to_have_text("Refuse at the door")
        assert hidden == "Waiting for the warehouse"
        assert is_the_same(page)


def test_without_scripts_a_page_stays_as_it_was_until_it_is_loaded_again(
    api: Api, browser: Browser, order_id: str
) -> None:
    with window(browser, str(api.client.base_url), "buyer:mira", scripts=False) as shown:
        page = shown.go(f"/orders/{order_id}")
        tell(api, shipped(order_id, 3))

        assert status(page) == "Waiting for the warehouse"
        assert status(until_on(page, "Please refuse parcel")) == "Refuse at the door"
