"""Logging in for the pages: a browser, the provider, and back; and those who try it otherwise."""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from fastapi import FastAPI, Request
from fastapi.responses import PlainTextResponse

from consumers.intake import clock
from tests.support.following import SECONDS
from tests.support.identity import AUDIENCE, Identity
from tests.support.web import served
from web.answering import answer_problems
from web.security import csrf, guarding
from web.security.auth import Auth, Client, Oidc
from web.security.caller import Known

_CLIENT = Client("pages", "a secret")
_PAGE = {"accept": "text/html,application/xhtml+xml"}


def an_app(auth: Auth) -> FastAPI:
    """An app that says who calls, on a page and in the API, and has a form."""
    app = FastAPI()
    answer_problems(app)
    guarding.guard(app, auth, clock)
    for router in guarding.routers(auth):
        app.include_router(router)

    def who(caller: Known) -> str:
        return caller.scope

    for address in ("/orders", "/api/v1/orders"):
        app.add_api_route(address, who, methods=["GET", "POST"], response_model=str)

    @app.get("/form", response_class=PlainTextResponse)
    def form(request: Request) -> str:
        return csrf.token(request)

    return app


def an_auth(identity: Identity, **more: Any) -> Auth:  # noqa: ANN401  # any setting
    oidc = Oidc(identity.issuer, AUDIENCE, client=_CLIENT)
    return Auth("oidc", oidc, "http://127.0.0.1:1", b"the secret of the tests", **more)


@pytest.fixture(scope="module")
def base(identity: Identity) -> Iterator[str]:
    with served(an_app(an_auth(identity))) as base:
        yield base


@pytest.fixture
def browser(base: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=base, headers=_PAGE, timeout=SECONDS) as browser:
        yield browser


def begun(browser: httpx.Client, then: str = "/orders?status=shipped") -> dict[str, str]:
    """What the provider is asked."""
    answer = browser.get("/login", params={"next": then})
    assert answer.status_code == 303
    return {
        name: one[0] for name, one in parse_qs(urlsplit(answer.headers["location"]).query).items()
    }


def come_back(
    browser: httpx.Client,
    identity: Identity,
    state: str,
    **claims: Any,  # noqa: ANN401  # any claim
) -> httpx.Response:
    identity.id_token = identity.token(**{"aud": _CLIENT.client_id, **claims})
    return browser.get("/login/back", params={"state": state, "code": "a code"})


def test_a_browser_logs_in_and_is_sent_where_it_wanted_to_go(
    browser: httpx.Client, identity: Identity
) -> None:
    sent_away = browser.get("/orders?status=shipped")
    asked = begun(browser)
    answer = come_back(browser, identity, asked["state"], nonce=asked["nonce"])

    assert sent_away.status_code == 303
    assert sent_away.headers["location"] == "/login?next=/orders%3Fstatus%3Dshipped"
    assert asked["redirect_uri"] == "http://127.0.0.1:1/login/back"
    assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
    form = identity.forms[-1]
    digest = hashlib.sha256(form["code_verifier"][0].encode()).digest()
    assert urlsafe_b64encode(digest).rstrip(b"=").decode() == asked["code_challenge"]
    assert form["code"] == ["a code"]
    assert answer.headers["location"] == "/orders?status=shipped"
    assert browser.get("/orders").json() == "buyer:mira"
    assert "mira" not in browser.cookies["session"]


def test_a_session_reads_the_api_and_commands_nothing_there(
    browser: httpx.Client, identity: Identity
) -> None:
    asked = begun(browser)
    come_back(browser, identity, asked["state"], nonce=asked["nonce"])

    assert browser.get("/api/v1/orders").json() == "buyer:mira"
    assert browser.post("/api/v1/orders").status_code == 401
    assert browser.post("/orders").json() == "buyer:mira"


def test_logging_out_ends_it_and_only_by_a_form_of_ours(
    browser: httpx.Client, identity: Identity
) -> None:
    asked = begun(browser)
    come_back(browser, identity, asked["state"], nonce=asked["nonce"])

    without_token = browser.post("/logout")
    token = browser.get("/form").text
    answer = browser.post("/logout", data={"csrf": token})

    assert without_token.status_code == 403
    assert answer.headers["location"] == "/"
    assert "session" not in browser.cookies
    assert browser.get("/orders").status_code == 303


def test_a_form_of_one_session_is_not_sent_in_another(
    browser: httpx.Client, identity: Identity
) -> None:
    asked = begun(browser)
    come_back(browser, identity, asked["state"], nonce=asked["nonce"])
    token = browser.get("/form").text
    asked = begun(browser)
    come_back(browser, identity, asked["state"], nonce=asked["nonce"], sub="juno")

    assert browser.post("/logout", data={"csrf": token}).status_code == 403


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"aud": AUDIENCE},
        {"aud": "another"},
        {"azp": "another"},
        {"exp": 1},
        {"iss": "https://evil.example"},
    ],
)
def test_a_token_that_is_not_for_this_login_lets_nobody_in(
    browser: httpx.Client, identity: Identity, claims: dict[str, Any]
) -> None:
    asked = begun(browser)

    answer = come_back(browser, identity, asked["state"], **{"nonce": asked["nonce"], **claims})

    assert answer.status_code == 401
    assert "session" not in browser.cookies


def test_a_login_that_was_begun_elsewhere_lets_nobody_in(
    browser: httpx.Client, identity: Identity, base: str
) -> None:
    asked = begun(browser)
    with httpx.Client(base_url=base, timeout=SECONDS) as victim:
        without_cookie = come_back(victim, identity, asked["state"], nonce=asked["nonce"])
        begun(victim)
        with_its_own = come_back(victim, identity, asked["state"], nonce=asked["nonce"])

    assert (without_cookie.status_code, with_its_own.status_code) == (401, 401)
    assert browser.get("/login/back", params={"state": asked["state"]}).status_code == 401


@pytest.mark.parametrize("cookie", ["x", "a.b.c.d.e", "", "x" * 4_000])
def test_a_session_that_is_not_ours_is_none(browser: httpx.Client, cookie: str) -> None:
    browser.cookies.set("session", cookie)

    assert browser.get("/orders").status_code == 303
    assert browser.get("/orders", headers={"accept": "application/json"}).status_code == 401


def test_a_login_under_way_is_no_session(browser: httpx.Client) -> None:
    begun(browser)
    browser.cookies.set("session", browser.cookies["login"])

    assert browser.get("/orders").status_code == 303


def test_a_session_ends(identity: Identity) -> None:
    auth = an_auth(identity, session=0)
    with (
        served(an_app(auth)) as base,
        httpx.Client(base_url=base, headers=_PAGE, timeout=SECONDS) as browser,
    ):
        asked = begun(browser)
        come_back(browser, identity, asked["state"], nonce=asked["nonce"])

        assert browser.get("/orders").status_code == 303


def test_nobody_is_sent_elsewhere_after_a_login(browser: httpx.Client, identity: Identity) -> None:
    asked = begun(browser, "//evil.example")

    answer = come_back(browser, identity, asked["state"], nonce=asked["nonce"])

    assert answer.headers["location"] == "/"


def test_there_is_no_switch_where_people_have_to_prove_who_they_are(browser: httpx.Client) -> None:
    assert browser.get("/persona?as=operator").status_code == 404
