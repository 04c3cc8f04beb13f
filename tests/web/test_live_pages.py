"""Which pages listen, where, and from which position on; all of them without a script as before."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

import httpx
import pytest

from tests.support.listening import QUICK, listening, moved, shown
from tests.support.pages import browser, form_of, page, processed
from tests.support.saying import cancel, placed, shipped
from tests.support.web import Api, api_of

MIRA, FJELL = "buyer:mira", "seller:fjell"


@pytest.fixture(scope="module")
def api(module_postgres_url: str) -> Iterator[Api]:
    """An order that was cancelled when a part had left."""
    with api_of(module_postgres_url, live=QUICK, standing=_nobody) as api:
        yield processed(api.given(placed("A-1"), shipped("A-1", 1), cancel("A-1")))


def _nobody() -> dict[str, object]:
    """Where everybody stands, of a service that does nothing."""
    return {
        "well": True, "wrong": [], "position": 1, "parked": 0, "dead_letters": {}, "followers": [],
        "partitions": [], "cases": {"open": 0, "overdue": 0},
    }  # fmt: skip


def listens(text: str) -> str | None:
    """Where a page listens; none: it does not, and has no script then."""
    found = re.findall(r' data-live="([^"]+)"', text)
    scripts = re.findall(r"<script([^>]*)>(.*?)</script>", text)
    assert [(re.sub(r"[0-9a-f]{12}", "D", one), inside) for one, inside in scripts] == [
        (' src="/static/live.js?v=D" defer', "") for _ in found
    ]
    return unescape(found[0]) if found else None


@pytest.mark.parametrize(
    ("persona", "address", "topic"),
    [
        (MIRA, "/orders", "/live/orders?at="),
        (MIRA, "/orders?status=refuse_delivery", "/live/orders?at="),
        (MIRA, "/cancelled-orders", "/live/orders?at="),
        (MIRA, "/orders/A-1", "/live/orders/A-1?at="),
        (MIRA, "/orders/A-1/refuse", "/live/orders/A-1?at="),
        (MIRA, "/orders/A-1/cancel/done?cancellation=C1", "/live/orders/A-1?at="),
        (FJELL, "/orders/A-1", "/live/orders/A-1?at="),
        (FJELL, "/seller", "/live/cases?at="),
        (FJELL, "/seller/refunds", "/live/cases?at="),
        ("nobody", "/seller?seller_id=fjell", "/live/cases?seller_id=fjell&at="),
        ("nobody", "/seller/refunds?seller_id=fjell", "/live/cases?seller_id=fjell&at="),
        ("operator", "/operator", "/live/flow?at="),
    ],
)
def test_pages_that_wait_listen_from_the_position_that_they_show(
    api: Api, persona: str, address: str, topic: str
) -> None:
    with browser(api, persona) as client:
        if persona == "nobody":
            client.cookies.clear()
        there = listens(page(client, address))

        assert there == f"{topic}{shown(api)}"
        with client.stream("GET", there) as answer:
            assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"


@pytest.mark.parametrize(
    ("persona", "address"),
    [(MIRA, "/"), ("auditor", "/audit/A-1"), (FJELL, "/seller/refunds/by-hand?order_id=A-1")],
)
def test_pages_that_do_not_wait_do_not_listen(api: Api, persona: str, address: str) -> None:
    with browser(api, persona) as client:
        assert listens(page(client, address)) is None


def test_the_steps_of_cancelling_do_not_change_under_who_is_in_them(api: Api) -> None:
    api.given(placed("A-2")).until_seen()
    with browser(api, MIRA) as client:
        assert listens(page(client, "/orders/A-2/cancel")) is None


def test_a_page_that_answers_a_form_is_not_renewed(api: Api) -> None:
    """It says what was wrong with it, which its address alone does not know."""
    with browser(api, FJELL) as client:
        cases = page(client, "/seller")
        action = re.findall(r'action="(/seller/cases/[^"]+)"', cases)[0]
        answer = client.post(action, data={**form_of(cases, action), "outcome": "x"})

    assert answer.status_code == 422
    assert listens(answer.text) is None


def test_a_page_that_was_made_before_something_moved_hears_of_it(api: Api) -> None:
    api.given(placed("A-3")).until_seen()
    with browser(api, MIRA) as client:
        there = listens(page(client, "/orders/A-3"))
    assert there is not None
    api.given(cancel("A-3", "C3")).until_seen()

    topic, _, at = there.removeprefix("/live/").partition("?at=")
    with listening(api.as_(MIRA), topic, at) as ear:
        assert ear.next() == moved(shown(api))


def test_where_nobody_may_listen_pages_have_no_script(postgres_url: str) -> None:
    with api_of(postgres_url, live=QUICK._replace(most=0)) as api:
        api.given(placed("A-1")).until_seen()
        with browser(api, MIRA) as client:
            assert listens(page(client, "/orders/A-1")) is None


def test_the_script_is_a_file_of_ours_and_asks_nobody_else(api: Api) -> None:
    answer: httpx.Response = api.client.get("/static/live.js")

    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/javascript")
    assert "://" not in answer.text
