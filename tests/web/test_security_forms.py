"""No page of ours changes anything for a form that is not of ours: every one is asked."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from fastapi import APIRouter
from fastapi.routing import APIRoute

from tests.support.following import SECONDS
from tests.support.identity import AUDIENCE
from tests.support.saying import placed
from tests.support.web import Api, api_of
from web import pages
from web.security import guarding
from web.security.auth import Auth, Client, Oidc

_OIDC = Auth("oidc", Oidc("https://id.example", AUDIENCE, client=Client("pages")))


def _forms(routers: list[APIRouter]) -> list[str]:
    routes = [one for router in routers for one in router.routes if isinstance(one, APIRoute)]
    return [one.path for one in routes if (one.methods or set()) - {"GET"}]


FORMS = _forms([*pages.routers(), *guarding.routers(Auth())])


@pytest.fixture(scope="module")
def api(module_postgres_url: str) -> Iterator[Api]:
    with api_of(module_postgres_url) as api:
        api.given(placed("A-1")).until_seen()
        yield api


def test_these_are_all_forms() -> None:
    assert len(FORMS) == len(set(FORMS))
    assert {"/", "/orders/{order_id}/cancel", "/orders/{order_id}/withdraw", "/persona"} <= {*FORMS}
    assert _forms(guarding.routers(_OIDC)) == ["/logout"]


@pytest.mark.parametrize("path", FORMS)
def test_a_form_that_is_not_of_ours_changes_nothing(api: Api, path: str) -> None:
    address = path.format(order_id="A-1", dead_letter_id=1)
    form = {"csrf": "0" * 64, "persona": "operator", "cancellation_id": "c-1", "1": "1"}
    before = api.client.get("/api/v1/orders/A-1").json()

    answer = httpx.post(
        f"{api.client.base_url.copy_with(path='')}{address}", data=form, timeout=SECONDS
    )

    assert answer.status_code == 403
    assert answer.json()["type"] == "/problems/stale-form"
    assert "set-cookie" not in answer.headers
    assert api.client.get("/api/v1/orders/A-1").json() == before


@pytest.mark.parametrize("charset", ["unicode_escape", "utf-7"])
def test_a_form_with_half_a_character_is_not_read(api: Api, charset: str) -> None:
    half = b'--x\r\nContent-Disposition: form-data; name="csrf"\r\n\r\n\\ud800+2AA-\r\n--x--\r\n'
    kind = f"multipart/form-data; boundary=x; charset={charset}"
    headers = {"content-type": kind, "cookie": "visit=any"}

    start = f"{api.client.base_url.copy_with(path='')}/"
    answer = httpx.post(start, content=half, headers=headers, timeout=SECONDS)

    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/unreadable")
