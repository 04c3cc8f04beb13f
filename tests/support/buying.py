"""What tests of a buyer's pages read and fill in, as a browser without scripts does."""

from __future__ import annotations

import re

import httpx

from tests.support.pages import LARGEST
from tests.support.saying import Said, say
from tests.support.web import Api


def text_of(page: httpx.Response) -> str:
    """What a person reads."""
    assert len(page.content) < LARGEST
    main = page.text[page.text.index("<main") : page.text.index("</main>")]
    return re.sub(r"\s+([.,;:])", r"\1", " ".join(re.sub(r"<[^>]+>", " ", main).split()))


def fields_of(page: httpx.Response) -> dict[str, str]:
    """The hidden fields of the page's own form."""
    main = page.text[page.text.index("<main") :]
    found = re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', main)
    return dict(found)


def released(order_id: str) -> Said:
    return say("ReleasedToWarehouse", order_id, warehouse_id="W1")


def last_form(browser: httpx.Client, order_id: str, **units: str) -> dict[str, str]:
    """The fields of the last step, with a reason."""
    query = {f"quantity.{line}": said for line, said in units.items()}
    page = browser.get(f"/orders/{order_id}/cancel", params={"step": "reason", **query})
    assert page.status_code == 200, page.text
    return {**fields_of(page), "reason": "changed_mind", "note": ""}


def cancellations(api: Api, order_id: str) -> list[str]:
    events = api.get(f"/orders/{order_id}/history").json()["events"]
    return [one["type"] for one in events if one["type"].startswith(("ItemCancel", "Cancellation"))]
