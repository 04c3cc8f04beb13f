"""The API of one database for a file of tests; each test takes orders of its own."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import httpx
import pytest

from tests.support.asking_who import Asking, asking, oidc_of
from tests.support.identity import Identity, provider
from tests.support.web import Api, api_of
from web.security.auth import Auth

_NUMBERS = count(1)


@pytest.fixture(scope="module")
def api(module_postgres_url: str) -> Iterator[Api]:
    """The API, asked by nobody in particular: everything is allowed."""
    with api_of(module_postgres_url) as api:
        yield api


@pytest.fixture(scope="module")
def identity() -> Iterator[Identity]:
    """An identity provider, over HTTP."""
    with provider() as identity:
        yield identity


@pytest.fixture(scope="module")
def ask(identity: Identity) -> Iterator[Asking]:
    """Asks who one is, where that provider's tokens are good."""
    with asking(Auth("oidc", oidc_of(identity))) as ask:
        yield ask


@pytest.fixture
def order_id() -> str:
    """The id of an order that no other test knows."""
    return f"A-{next(_NUMBERS)}"


@pytest.fixture
def browser(api: Api) -> Iterator[httpx.Client]:
    """The browser of the buyer mira, without scripts."""
    people = {"accept": "text/html,application/xhtml+xml"}
    with httpx.Client(base_url=api.client.base_url, headers=people, timeout=30) as client:
        client.get("/persona?as=buyer:mira")
        yield client
