"""The whole app behind a provider: pages and API, each asked with tokens, cookies and neither."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.support.following import SECONDS
from tests.support.identity import AUDIENCE, Identity, provider
from tests.support.saying import placed
from tests.support.web import Api, api_of
from web.security.auth import Auth, Client, Oidc

_PAGE = {"accept": "text/html"}


@pytest.fixture(scope="module")
def identity() -> Iterator[Identity]:
    with provider() as identity:
        yield identity


@pytest.fixture(scope="module")
def api(module_postgres_url: str, identity: Identity) -> Iterator[Api]:
    oidc = Oidc(identity.issuer, AUDIENCE, client=Client("pages"))
    auth = Auth("oidc", oidc, "http://127.0.0.1:1", b"s" * 32)
    with api_of(module_postgres_url, auth=auth) as api:
        api.given(placed("A-1"), placed("B-1", buyer_id="juno")).until_seen()
        yield api


def asked(api: Api, address: str, token: str | None = None, **headers: str) -> httpx.Response:
    if token is not None:
        headers["authorization"] = f"Bearer {token}"
    return httpx.get(f"{api.client.base_url}/{address}", headers=headers, timeout=SECONDS)


def test_a_token_opens_its_bearers_orders_and_no_others(api: Api, identity: Identity) -> None:
    token = identity.token()

    own = asked(api, "api/v1/orders/A-1", token)
    foreign = asked(api, "api/v1/orders/B-1", token)
    unknown = asked(api, "api/v1/orders/X-1", token)

    assert own.json()["buyer_id"] == "mira"
    assert (foreign.status_code, unknown.status_code) == (404, 404)
    assert foreign.text.replace("B-1", "X-1") == unknown.text


@pytest.mark.parametrize(
    "address",
    ["orders/A-1", "orders/A-1/history", "buyers/mira/orders", "status", "parked", "conformance"],
)
def test_nothing_of_the_api_is_told_to_nobody(api: Api, address: str) -> None:
    answer = asked(api, f"api/v1/{address}", **{"countermand-persona": "operator"})

    assert answer.status_code == 401


@pytest.mark.parametrize(
    "address", ["orders", "orders/A-1", "orders/A-1/cancel", "seller", "operator", "audit/A-1"]
)
def test_a_page_sends_a_browser_to_log_in(api: Api, address: str) -> None:
    browser = asked(api, address, **_PAGE)
    program = asked(api, address, accept="application/json")

    assert browser.status_code == 303
    assert browser.headers["location"] == f"/login?next=/{address}"
    assert program.status_code == 401


@pytest.mark.parametrize("address", ["health/live", "health/ready"])
def test_health_is_told_to_everybody(api: Api, address: str) -> None:
    assert asked(api, address).status_code == 200
