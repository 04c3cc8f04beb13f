"""HEAD has GET's answer without its body; an address with a slash too many is another one."""

from __future__ import annotations

import httpx
import pytest

from tests.support.following import SECONDS
from tests.support.saying import placed
from tests.support.web import Api

ADDRESSES = [
    "/",
    "/orders/A-1",
    "/orders/unknown",
    "/static/countermand.css",
    "/api/v1/orders/A-1",
    "/api/v1/orders/unknown",
    "/openapi.json",
    "/health/ready",
]
CHANGING = {"date", "set-cookie"}
"""A page's form is bound to a browser that it has not seen before by a value of its own."""


@pytest.fixture(scope="module")
def root(api: Api) -> str:
    api.given(placed("A-1")).until_seen()
    return str(api.client.base_url.copy_with(path=""))


@pytest.mark.parametrize("path", ADDRESSES)
def test_head_is_get_without_the_body(root: str, path: str) -> None:
    whole, head = (
        httpx.get(f"{root}{path}", timeout=SECONDS),
        httpx.head(f"{root}{path}", timeout=SECONDS),
    )

    assert head.content == b""
    assert head.status_code == whole.status_code
    assert _lasting(head) == _lasting(whole)


def test_head_of_what_is_only_sent_to_is_no_post(root: str) -> None:
    answer = httpx.head(f"{root}/api/v1/orders/A-1/cancellations", timeout=SECONDS)

    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


def test_head_of_a_stream_is_not_taken(root: str) -> None:
    answer = httpx.head(f"{root}/live/orders/A-1", timeout=SECONDS)

    assert (answer.status_code, answer.headers["allow"]) == (405, "GET")


def test_head_is_counted_by_the_address_that_it_asked(root: str) -> None:
    httpx.head(f"{root}/api/v1/orders/A-1", timeout=SECONDS)

    figures = httpx.get(f"{root}/metrics", timeout=SECONDS).text

    assert 'method="HEAD",route="/api/v1/orders/{order_id}",status="200"' in figures


@pytest.mark.parametrize("path", ["/orders/", "/api/v1/orders/A-1/"])
def test_an_address_with_a_slash_too_many_leads_nowhere(root: str, path: str) -> None:
    answer = httpx.get(f"{root}{path}", timeout=SECONDS)

    assert (answer.status_code, answer.headers.get("location")) == (404, None)


def _lasting(answer: httpx.Response) -> dict[str, str | None]:
    """Its headers, without the values that are others each time."""
    return {name: None if name in CHANGING else said for name, said in answer.headers.items()}
