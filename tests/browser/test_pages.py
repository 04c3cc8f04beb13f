"""Every page in every state: no barrier, nothing sideways, nothing heavy; and its pictures.

Each is looked at wide in light and narrow in dark. `make screenshots` looks at all four, and keeps
each as a picture in the folder that COUNTERMAND_SCREENSHOTS names.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from playwright.sync_api import Browser, Page

from tests.support import flow_scene, scenes
from tests.support.browsing import CROSSED, LARGEST, LOOKS, Look, Window, window
from tests.support.web import Api, api_of

WIDTHS = (320, 390, 700, 1024, 1440, 1600)
"""From the narrowest phone to a wide screen, and on both sides of where pages change."""
PICTURES = os.environ.get("COUNTERMAND_SCREENSHOTS")


class Sight(NamedTuple):
    """A page in a state: whose, where, and what was done there."""

    name: str
    persona: str
    address: str
    done: Callable[[Page], None] | None = None


def _wrong_number(page: Page) -> None:
    page.get_by_label("Number of the buyer").fill("mira lindqvist!")
    page.get_by_role("button", name="Go on as this buyer").click()


def _no_reason(page: Page) -> None:
    page.evaluate("document.querySelectorAll('input').forEach(one => one.required = false)")
    page.get_by_role("button", name="now").click()


def _persona_menu(page: Page) -> None:
    page.locator("details.who summary").click()


def _decide(page: Page) -> None:
    page.locator("details.decide summary").first.click()


_CHOICE = "quantity.L1=1&quantity.L2=2"
_TOO_MANY = "quantity.L1=9&quantity.L2=x"
_REASON = f"/orders/A-20417/cancel?step=reason&{_CHOICE}"
_COLOURS = """() => {
  const style = getComputedStyle(document.body);
  return [style.color, style.backgroundColor];
}"""
BUYER = [
    Sight("orders", "buyer:mira", "/orders"),
    Sight("orders-none", "buyer:nobody-yet", "/orders"),
    Sight("orders-full", "buyer:busy", "/orders"),
    Sight("order-to-refuse", "buyer:mira", "/orders/A-20417"),
    Sight("order-asked-for", "buyer:mira", "/orders/A-20418"),
    Sight("order-going-back", "buyer:mira", "/orders/A-20331"),
    Sight("order-refunded", "buyer:mira", "/orders/A-20255"),
    Sight("order-refund-failed", "buyer:mira", "/orders/A-20360"),
    Sight("order-taken-after-all", "buyer:mira", "/orders/A-20310"),
    Sight("order-does-not-fit", "buyer:mira", "/orders/A-20311"),
    Sight("order-ended", "buyer:mira", "/orders/A-20317"),
    Sight("order-coming-soon", "buyer:mira", "/orders/A-20420"),
    Sight("order-damaged", "buyer:mira", "/orders/A-20355"),
    Sight("order-lost", "buyer:mira", "/orders/A-20305"),
    Sight("order-from-the-right", "buyer:mira", "/orders/A-20424"),
    Sight("order-withdrawn", "buyer:mira", "/orders/A-20425"),
    Sight("order-cancelled-by-shop", "buyer:mira", "/orders/A-20426"),
    Sight("order-long", "buyer:mira", "/orders/A-20423"),
    Sight("order-in-yen", "buyer:mira", "/orders/A-20422", _persona_menu),
    Sight("cancel-1-choose", "buyer:mira", "/orders/A-20417/cancel"),
    Sight("cancel-1-nothing", "buyer:mira", "/orders/A-20255/cancel"),
    Sight("cancel-1-wrong", "buyer:mira", f"/orders/A-20417/cancel?step=check&{_TOO_MANY}"),
    Sight("cancel-2-check", "buyer:mira", f"/orders/A-20417/cancel?step=check&{_CHOICE}"),
    Sight("cancel-2-check-asked", "buyer:mira", "/orders/A-20421/cancel?step=check&all=1"),
    Sight("cancel-3-reason", "buyer:mira", _REASON),
    Sight("cancel-3-wrong", "buyer:mira", _REASON, _no_reason),
    Sight("cancel-2-check-from-the-right", "buyer:mira", "/orders/A-20424/cancel?step=check&all=1"),
    Sight("cancel-4-done", "buyer:mira", "/orders/A-20417/cancel/done?cancellation=C1"),
    Sight("cancel-4-done-all", "buyer:mira", "/orders/A-20255/cancel/done?cancellation=C1"),
    Sight("cancelled-orders", "buyer:mira", "/cancelled-orders"),
    Sight("cancelled-orders-none", "buyer:nobody-yet", "/cancelled-orders"),
    Sight("cancelled-orders-full", "buyer:busy", "/cancelled-orders"),
    Sight("refusal-sheet", "buyer:mira", "/orders/A-20417/refuse"),
    Sight("refusal-sheet-long", "buyer:mira", "/orders/A-20423/refuse"),
    Sight("refusal-sheet-none", "buyer:mira", "/orders/A-20255/refuse"),
    Sight("not-found", "buyer:mira", "/orders/none"),
    Sight("not-allowed", "buyer:mira", "/seller"),
]  # fmt: skip
STAFF = [
    Sight("start", "", "/"),
    Sight("start-wrong", "", "/", _wrong_number),
    Sight("start-buyer", "buyer:mira", "/"),
    Sight("seller-cases", "seller:fjell", "/seller"),
    Sight("seller-cases-decide", "seller:fjell", "/seller?decided=A-20417", _decide),
    Sight("seller-cases-overdue", "seller:fjell", "/seller?state=overdue"),
    Sight("seller-cases-closed", "seller:fjell", "/seller?state=closed"),
    Sight("seller-cases-full", "seller:crowded", "/seller"),
    Sight("seller-cases-none", "seller:idle", "/seller"),
    Sight("seller-order", "seller:fjell", "/orders/A-20417"),
    Sight("seller-refunds", "seller:fjell", "/seller/refunds"),
    Sight("seller-refunds-held", "seller:fjell", "/seller/refunds?state=held"),
    Sight("seller-refunds-none", "seller:idle", "/seller/refunds"),
    Sight("operator", "operator", "/operator"),
    Sight("operator-letter", "operator", "/operator?letter=1&done=1&became=dropped"),
    Sight("audit-which", "auditor", "/audit"),
    Sight("audit-story", "auditor", "/audit/A-20317"),
    Sight("audit-story-then", "auditor", "/audit/A-20317?as_of=2026-11-03T14:02:00Z"),
    Sight("audit-story-before", "auditor", "/audit/A-20317?as_of=2026-10-01T00:00:00Z"),
    Sight("audit-story-short", "auditor", "/audit/A-20288"),
    Sight("audit-story-long", "auditor", "/audit/A-400"),
    Sight("audit-story-long-start", "auditor", "/audit/A-400?from=1"),
]


@pytest.fixture(scope="module")
def api(module_postgres_url: str) -> Iterator[Api]:
    """The pages of a shop in which everything has happened."""
    clock = scenes.Clock()
    more: dict[str, Any] = {
        "standing": flow_scene.standing,
        "flowing": flow_scene.flowing,
        "terms": scenes.TERMS,
    }
    with api_of(module_postgres_url, now=clock, **more) as api:
        scenes.play(api, clock)
        yield api


@pytest.mark.parametrize("sight", [*BUYER, *STAFF], ids=lambda sight: sight.name)
def test_a_page_is_open_to_everybody_and_light(api: Api, browser: Browser, sight: Sight) -> None:
    with window(browser, str(api.client.base_url), sight.persona) as shown:
        page = shown.go(sight.address)
        if sight.done:
            sight.done(page)
            page.wait_for_load_state()  # a click ends where the next page begins
        looks = LOOKS if PICTURES else CROSSED
        found = {str(look): _looked_at(shown, look, sight) for look in looks}

        assert found == {str(look): [] for look in looks}
        assert shown.sideways(*WIDTHS) == []
        assert 0 < shown.weight <= LARGEST


@pytest.mark.parametrize("order_id", ["A-20417", "A-20424"])
def test_the_sheet_for_the_door_is_one_page_of_paper_black_on_white(
    api: Api, browser: Browser, order_id: str
) -> None:
    with window(browser, str(api.client.base_url), "buyer:mira") as shown:
        page = shown.go(f"/orders/{order_id}/refuse")
        page.emulate_media(media="print", color_scheme="dark")

        assert page.pdf(format="A4").count(b"/Type /Page\n") == 1
        assert page.evaluate(_COLOURS) == ["rgb(0, 0, 0)", "rgb(255, 255, 255)"]


def _looked_at(shown: Window, look: Look, sight: Sight) -> list[str]:
    shown.look(look)
    if PICTURES:
        shown.picture(Path(PICTURES) / f"{sight.name}-{look}.png")
    return shown.violations()
