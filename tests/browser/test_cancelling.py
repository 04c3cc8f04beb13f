"""A buyer cancels in five steps in a real browser: with scripts, without, and by keyboard alone."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.browsing import Window, window
from tests.support.buying import cancellations
from tests.support.keyboard import press_on
from tests.support.pages import processed
from tests.support.saying import cancel, delivered, placed, say, shipped
from tests.support.web import Api, api_of

_NUMBERS = count(1)
MIND = "I changed my mind"
DONE = "Cancelled. There is nothing for you to do."
CHECK = [
    "You must refuse parcel S1",
    "Stopped at once 2 units",
    "We ask the warehouse to stop it 1 unit",
    "On its way: you refuse it at the door 1 unit",
    "What comes back, and when €40.00",
    "What you keep 1 unit",
]
"""What the second step says of 3 mugs, of which one has left, and one of 2 with the warehouse."""


@pytest.fixture(scope="module")
def api(module_postgres_url: str) -> Iterator[Api]:
    with api_of(module_postgres_url) as api:
        yield api


@pytest.fixture
def order_id(api: Api) -> str:
    """3 mugs, of which one has left in parcel S1, and 2 others with the warehouse."""
    order_id = f"A-{next(_NUMBERS)}"
    api.given(
        placed(order_id, 3, 2),
        say("ReleasedToWarehouse", order_id, warehouse_id="W1",
            items=[{"line_id": "L2", "quantity": 2}]),
        shipped(order_id, 1),
    )  # fmt: skip
    processed(api)
    return order_id


@pytest.fixture(params=[True, False], ids=["with scripts", "without scripts"])
def shown(api: Api, browser: Browser, request: pytest.FixtureRequest) -> Iterator[Window]:
    """The window of the buyer mira."""
    with window(browser, str(api.client.base_url), "buyer:mira", scripts=request.param) as shown:
        yield shown


def see(page: Page, title: str) -> None:
    """Wait for the page of that title, and for all that comes behind its title."""
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    page.wait_for_load_state()


def read(page: Page, what: str) -> list[str]:
    """What is written there, each in one line."""
    return [" ".join(one.split()) for one in page.locator(what).all_inner_texts()]


def sections(page: Page) -> list[str]:
    """The page's headings of sections."""
    return read(page, "main .split > :first-child h2")


def choose(page: Page, **units: str) -> None:
    for title, wanted in units.items():
        page.get_by_label(f"of {title.replace('_', ' ')}").select_option(wanted)
    page.get_by_role("button", name="Check what happens").click()


def to_the_reason(shown: Window, order_id: str, **units: str) -> Page:
    """The last step, with a reason, before it is sent."""
    page = shown.go(f"/orders/{order_id}/cancel")
    choose(page, **units)
    page.get_by_role("button", name="Go on to the reason").click()
    page.get_by_label(MIND).check()
    return page


def test_goods_are_cancelled_in_five_steps(api: Api, shown: Window, order_id: str) -> None:
    page = shown.go("/orders")
    page.get_by_role("link", name=order_id, exact=True).click()
    page.get_by_role("link", name="Cancel goods").click()
    see(page, "Which goods do you want to cancel?")
    choose(page, Mug_1="3", Mug_2="1")
    see(page, "Check what will happen")
    check = sections(page)
    page.get_by_role("button", name="Go on to the reason").click()
    see(page, "Why do you cancel?")
    expect(page.get_by_role("radio", checked=True)).to_have_count(0)
    page.get_by_label(MIND).check()
    page.get_by_label("A note for the shop").fill("Thank you")
    page.get_by_role("button", name="Cancel 4 units now").click()
    see(page, "Cancelled. One thing is left for you to do.")

    assert check == CHECK
    assert not shown.runs_scripts or shown.violations() == []
    assert read(page, "main .split li .where") == [
        "2 cancelled in time 1 left already: please refuse",
        "1 asked for: waiting for the warehouse",
    ]
    assert cancellations(api, order_id) == ["ItemCancelRequested"]


def test_afterwards_the_order_and_the_list_say_what_is_cancelled(
    api: Api, shown: Window, order_id: str
) -> None:
    page = to_the_reason(shown, order_id, Mug_1="3")
    page.get_by_role("button", name="Cancel 3 units now").click()
    processed(api)

    page.get_by_role("link", name="See the order").click()
    see(page, f"Order {order_id}")
    groups = sections(page)
    page.get_by_role("link", name="Cancelled orders").click()
    see(page, "Cancelled orders")
    row = page.locator(".orders > li").filter(has_text=order_id)

    assert groups[:3] == [
        "On its way: please refuse 1 unit",
        "Remaining goods 2 units",
        "Cancelled goods 2 units",
    ]
    expect(row).to_contain_text("3 x Mug 1")
    expect(row).to_contain_text("1 to refuse at the door")


def test_a_key_is_enough_for_all_of_it(api: Api, browser: Browser, order_id: str) -> None:
    """Tab, Space, Enter and a digit; whatever is focused shows it, an error is where one lands."""
    with window(browser, str(api.client.base_url), "buyer:mira") as shown:
        page = shown.go(f"/orders/{order_id}")
        press_on(page, "Cancel goods", "Enter")
        see(page, "Which goods do you want to cancel?")
        press_on(page, "Check what happens", "Enter")
        expect(page.get_by_role("alert")).to_be_focused()
        press_on(page, "Say of at least one kind", "Enter")
        field = page.get_by_label("of Mug 1")
        expect(field).to_be_focused()
        expect(field).to_have_attribute("aria-invalid", "true")
        page.keyboard.press("2")
        press_on(page, "Check what happens", "Enter")
        see(page, "Check what will happen")
        press_on(page, "Go on to the reason", "Enter")
        see(page, "Why do you cancel?")
        press_on(page, MIND, "Space")
        press_on(page, "Cancel 2 units now", "Enter")

        see(page, DONE)
    assert cancellations(api, order_id) == ["ItemCancelRequested"]


def test_the_first_step_of_the_keyboard_leads_past_the_bar(
    api: Api, browser: Browser, order_id: str
) -> None:
    with window(browser, str(api.client.base_url), "buyer:mira") as shown:
        page = shown.go(f"/orders/{order_id}")

        press_on(page, "Skip to the content", "Enter")
        page.keyboard.press("Tab")

        expect(page.locator("main").get_by_role("link", name="My orders")).to_be_focused()


def test_who_goes_back_and_sends_it_again_cancels_nothing_more(
    api: Api, shown: Window, order_id: str
) -> None:
    page = to_the_reason(shown, order_id, Mug_1="1")
    page.get_by_role("button", name="Cancel 1 unit now").click()
    see(page, DONE)
    first = page.url
    page.go_back()
    page.get_by_label(MIND).check()
    page.get_by_role("button", name="now").click()
    see(page, DONE)

    assert page.url == first
    assert cancellations(api, order_id) == ["ItemCancelRequested"]


def test_who_goes_back_and_says_something_else_is_told_that_the_first_word_counts(
    api: Api, shown: Window, order_id: str
) -> None:
    page = to_the_reason(shown, order_id, Mug_1="1")
    page.get_by_role("button", name="Cancel 1 unit now").click()
    see(page, DONE)
    page.go_back()
    page.get_by_label("It arrives too late").check()
    page.get_by_role("button", name="now").click()

    see(page, "We could not cancel this")
    assert read(page, ".note p")[0] == (
        "Nothing was changed. You can still cancel: 2 x Mug 1, 2 x Mug 2."
    )
    assert cancellations(api, order_id) == ["ItemCancelRequested"]


def test_an_impatient_double_click_is_one_cancellation(
    api: Api, shown: Window, order_id: str
) -> None:
    page = to_the_reason(shown, order_id, Mug_1="1")

    page.get_by_role("button", name="Cancel 1 unit now").dblclick()
    see(page, DONE)
    assert cancellations(api, order_id) == ["ItemCancelRequested"]


def test_a_lost_race_says_what_can_be_cancelled_now(api: Api, shown: Window, order_id: str) -> None:
    page = to_the_reason(shown, order_id, Mug_1="3")
    api.given(delivered(order_id))
    page.get_by_role("button", name="Cancel 3 units now").click()

    see(page, "We could not cancel this")
    assert read(page, ".note h2") == ["It asks for more than can still be cancelled"]
    assert not shown.runs_scripts or shown.violations() == []
    assert read(page, ".note p")[0] == (
        "Nothing was changed. You can still cancel: 2 x Mug 1, 2 x Mug 2."
    )
    page.get_by_role("link", name="Choose again").click()
    see(page, "Which goods do you want to cancel?")
    assert read(page, "form small") == ["of 2 that can be cancelled", "of 2 ordered"]
    assert cancellations(api, order_id) == ["CancellationRefused"]


def test_a_cancellation_is_taken_back_until_the_warehouse_has_answered(
    api: Api, shown: Window, order_id: str
) -> None:
    api.given(cancel(order_id, items=[{"line_id": "L2", "quantity": 2}]))
    page = shown.go(f"/orders/{order_id}")
    asked = sections(page)[:2]

    page.get_by_role("button", name="Keep the goods after all").click()
    page.wait_for_load_state()
    expect(page.get_by_role("button", name="Keep the goods after all")).to_have_count(0)

    assert asked == ["Cancellation asked for 2 units", "Remaining goods 3 units"]
    assert sections(page)[0] == "Remaining goods 5 units"
    assert cancellations(api, order_id) == ["ItemCancelRequested", "CancellationWithdrawn"]
