"""Pages as a browser without scripts gets them: cookies, forms, and the world that reacts."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import httpx

from application.late_cancellations import Rules
from application.processing import processes
from domain.late_cancellation import Terms
from tests.support.following import SECONDS
from tests.support.web import Api
from web.pages.rendering import STATIC_FILES

_BESIDES = sum(len((STATIC_FILES / name).read_bytes()) for name in ("countermand.css", "live.js"))
LARGEST = 100_000 - _BESIDES
"""Bytes of a page, which has a style and a script besides: of all of it no more than 100 kB."""


def browser(api: Api, persona: str) -> httpx.Client:
    """A browser of somebody, with cookies of its own."""
    client = httpx.Client(
        base_url=api.client.base_url, timeout=SECONDS, headers={"Accept": "text/html"}
    )
    client.cookies.set("persona", persona)
    return client


def page(client: httpx.Client, address: str, **params: Any) -> str:  # noqa: ANN401
    """A page that is there, and small enough."""
    answer = client.get(address, params=params or None)
    assert answer.status_code == 200, answer.text[:2000]
    assert len(answer.content) < LARGEST
    return answer.text


def form_of(text: str, action: str) -> dict[str, str]:
    """What the form that is sent to `action` holds before anybody has typed; the last of a name."""
    inside = text.partition(f'action="{action}"')[2].partition("</form>")[0]
    assert inside, action
    found = {}
    for said in re.findall(r"<input ([^>]+)>", inside):
        told = dict(re.findall(r'([a-z]+)="([^"]*)"', said))
        if told.get("type") not in ("radio", "checkbox"):
            found[told["name"]] = unescape(told.get("value", ""))
    return found


def words_of(text: str) -> str:
    """What a page says, without its marks, in one line."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())


def processed(api: Api) -> Api:
    """Let the process managers react, and the views see it."""
    processes(api.url, api.store, Rules(api.policy, Terms()), api.now).catch_up()
    return api.until_seen()


def kinds_of(api: Api, order_id: str) -> list[str]:
    """The types of all events of an order."""
    events = api.get(f"/orders/{order_id}/history").json()["events"]
    return [one["type"] for one in events]
