"""The gate: names we answer to, sizes, others' pages, headers, and nothing of our insides."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import httpx
import pytest
from fastapi import Depends, FastAPI, Request
from fastapi.responses import PlainTextResponse

from consumers.fields import MAX_BYTES
from consumers.intake import clock
from tests.support.following import SECONDS
from tests.support.web import served
from web.answering import answer_problems
from web.security import csrf, guarding
from web.security.auth import Auth
from web.security.caller import Known
from web.security.gate import HEADERS


def an_app(auth: Auth) -> FastAPI:
    """A page with a form, a call that fails, and one that says who calls."""
    app = FastAPI()
    answer_problems(app)
    guarding.guard(app, auth, clock)
    for router in guarding.routers(auth):
        app.include_router(router)

    @app.get("/form", response_class=PlainTextResponse)
    def form(request: Request) -> str:
        return csrf.token(request)

    @app.post("/form", dependencies=[Depends(csrf.check)])
    def sent() -> str:
        return "taken"

    @app.get("/who")
    def who(caller: Known) -> str:
        return caller.scope

    @app.get("/fails")
    def fails() -> None:
        raise RuntimeError("the secret of our insides")

    return app


@pytest.fixture(scope="module")
def base() -> Iterator[str]:
    with served(an_app(Auth())) as address:
        yield address


@pytest.fixture
def client(base: str) -> Iterator[httpx.Client]:
    """A browser that was never here."""
    with httpx.Client(base_url=base, timeout=SECONDS) as client:
        yield client


def test_every_answer_keeps_browsers_to_what_pages_need(client: httpx.Client) -> None:
    for address in ("/who", "/nothing", "/fails"):
        headers = client.get(address).headers

        assert {name: headers[name] for name in HEADERS} == HEADERS, address
        assert headers["cache-control"] == "no-store"
        assert "strict-transport-security" not in headers
        assert "unsafe-inline" not in headers["content-security-policy"]


def test_where_browsers_come_by_https_they_always_do_and_so_do_cookies() -> None:
    auth = Auth(public_url="https://shop.example")
    with served(an_app(auth)) as address:
        answer = httpx.get(f"{address}/form", timeout=SECONDS)

    assert answer.headers["strict-transport-security"] == "max-age=63072000"
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-visit=")
    assert cookie.endswith("; HttpOnly; Path=/; SameSite=lax; Secure")


def test_a_fault_tells_nothing_of_our_insides(client: httpx.Client) -> None:
    answer = client.get("/fails")

    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == "/problems/fault"
    assert "insides" not in answer.text
    assert "Traceback" not in answer.text


@pytest.mark.parametrize("host", ["localhost", "localhost:80", "127.0.0.1", "127.1.2.3:1", "[::1]"])
def test_names_of_this_machine_are_answered_to(client: httpx.Client, host: str) -> None:
    assert client.get("/who", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", "localhost.evil.example:8080", "10.0.0.1", "127.0.0.1.evil.example", "", "[x"],
)
def test_another_name_does_not_reach_us_by_dns(client: httpx.Client, host: str) -> None:
    answer = client.get("/who", headers={"host": host})

    assert answer.status_code == 421
    assert answer.json()["type"] == "/problems/misdirected"


def test_a_body_that_is_too_large_is_refused_by_what_it_says_of_itself(
    client: httpx.Client,
) -> None:
    place = (str(client.base_url.host), client.base_url.port or 80)
    with socket.create_connection(place, timeout=SECONDS) as connection:
        head = f"POST /form HTTP/1.1\r\nHost: localhost\r\nContent-Length: {MAX_BYTES + 1}\r\n\r\n"
        connection.sendall(head.encode())

        assert b" 413 " in connection.recv(100)


def test_a_body_that_is_too_large_is_refused_though_it_says_nothing(client: httpx.Client) -> None:
    def pieces() -> Iterator[bytes]:
        yield b"a="
        for _ in range(MAX_BYTES // 1000 + 1):
            yield b"x" * 1000

    form = {"content-type": "application/x-www-form-urlencoded"}
    answer = client.post("/form", content=pieces(), headers=form)

    assert answer.status_code == 413
    assert answer.json()["type"] == "/problems/too-large"


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:9999"},
    ],
)
def test_other_pages_send_us_nothing(client: httpx.Client, headers: dict[str, str]) -> None:
    for address in ("/form", "/who", "/api/v1/messages"):
        answer = client.post(address, headers=headers)

        assert answer.status_code == 403
        assert answer.json()["type"] == "/problems/cross-site"


def test_other_pages_switch_no_persona(client: httpx.Client) -> None:
    address = "/persona?as=operator"

    refused = client.get(address, headers={"sec-fetch-site": "cross-site"})

    assert refused.status_code == 403
    assert "set-cookie" not in refused.headers


def test_a_form_of_ours_is_taken_from_the_browser_that_got_it(client: httpx.Client) -> None:
    token = client.get("/form").text

    assert client.post("/form", data={"csrf": token}).json() == "taken"
    assert client.get("/form").text == token


@pytest.mark.parametrize("said", [None, "", "x", "0" * 64, "ü"])
def test_a_form_without_its_token_is_refused(client: httpx.Client, said: str | None) -> None:
    client.get("/form")

    answer = client.post("/form", data={} if said is None else {"csrf": said})

    assert answer.status_code == 403
    assert answer.json()["type"] == "/problems/stale-form"


def test_a_form_of_another_browser_is_refused(client: httpx.Client) -> None:
    token = client.get("/form").text
    client.cookies.clear()

    without_cookie = client.post("/form", data={"csrf": token})
    client.get("/form")
    with_its_own = client.post("/form", data={"csrf": token})

    assert (without_cookie.status_code, with_its_own.status_code) == (403, 403)


def test_a_form_that_was_made_for_one_persona_is_not_sent_as_another(client: httpx.Client) -> None:
    token = client.get("/form").text
    client.get("/persona?as=buyer:mira")

    assert client.post("/form", data={"csrf": token}).status_code == 403
    assert client.post("/form", data={"csrf": client.get("/form").text}).status_code == 200


def test_the_switch_makes_somebody_of_a_browser_and_nobody_again(client: httpx.Client) -> None:
    def switch(persona: str) -> str:
        form = {"persona": persona, "next": "/orders?x=1", "csrf": client.get("/form").text}
        answer = client.post("/persona", data=form)
        assert answer.status_code == 303
        assert answer.headers["location"] == "/orders?x=1"
        assert "HttpOnly" in answer.headers["set-cookie"]
        said: str = client.get("/who").json()
        return said

    assert [switch(one) for one in ("buyer:mira", "auditor", "nobody")] == [
        "buyer:mira",
        "auditor:",
        ":",
    ]


def test_the_header_says_it_before_the_cookie(client: httpx.Client) -> None:
    client.get("/persona?as=buyer:mira")

    said = client.get("/who", headers={"countermand-persona": "seller:fjell"}).json()

    assert said == "seller:fjell"


@pytest.mark.parametrize("persona", ["king", "buyer:", "buyer", "operator:1", "buyer:a b", "\x00"])
def test_there_are_no_other_personas(client: httpx.Client, persona: str) -> None:
    answer = client.get("/persona", params={"as": persona})

    assert answer.status_code == 401
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    "address", ["//evil.example", "/\\evil.example", "https://evil.example", "x", "/a\nb", ""]
)
def test_nobody_is_sent_elsewhere(client: httpx.Client, address: str) -> None:
    said = {"as": "operator", "next": address}

    answer = client.get("/persona", params=said)

    assert answer.headers["location"] == "/"
