"""Who may listen, how many, and what they hear when the database is away or the server ends."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from urllib.parse import parse_qs, urlsplit

import httpx
import psycopg
import pytest

from application.event_store import EventStore
from consumers.intake import clock
from tests.support.identity import AUDIENCE, provider
from tests.support.listening import QUICK, listening, moved, refused, shown, until_so_many_listen
from tests.support.saying import cancel, placed
from tests.support.web import Api, api_of
from web.live.bounds import Bounds
from web.parts import Parts
from web.security.auth import Auth, Client, Oidc
from web.serving import Serving

MIRA, JUNO = "buyer:mira", "buyer:juno"


@pytest.fixture(scope="module")
def api(module_postgres_url: str) -> Iterator[Api]:
    """An order of mira at fjell."""
    with api_of(module_postgres_url, live=QUICK) as api:
        yield api.given(placed("A-1")).until_seen()


@pytest.mark.parametrize("persona", [JUNO, "seller:strand"])
def test_a_foreign_order_is_as_unknown_as_one_that_is_not_there(api: Api, persona: str) -> None:
    foreign = refused(api.as_(persona), "orders/A-1")
    unknown = refused(api.as_(persona), "orders/A-9")

    assert foreign.status_code == unknown.status_code == 404
    assert foreign.text.replace("A-1", "A-9") == unknown.text


@pytest.mark.parametrize(
    ("persona", "topic"),
    [
        ("warehouse:w1", "orders/A-1"),
        ("", "orders"),
        ("seller:fjell", "orders"),
        ("operator", "orders"),
        (MIRA, "cases"),
        ("operator", "cases"),
        ("warehouse:w1", "cases"),
        (MIRA, "flow"),
        ("seller:fjell", "flow"),
        ("auditor", "flow"),
    ],
)
def test_who_may_not_see_a_page_does_not_listen_to_it(api: Api, persona: str, topic: str) -> None:
    answer = refused(api.as_(persona), topic)

    assert (answer.status_code, answer.json()["type"]) == (403, "/problems/forbidden")


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_other_peoples_pages_do_not_listen(api: Api, site: str) -> None:
    answer = refused(api.as_(MIRA), "orders", sec_fetch_site=site)

    assert (answer.status_code, answer.json()["type"]) == (403, "/problems/cross-site")
    with listening(api.as_(MIRA), "orders", sec_fetch_site="same-origin"):
        pass


def test_behind_a_provider_a_page_listens_by_the_session_of_who_logged_in(
    postgres_url: str,
) -> None:
    """Nobody else does; and a stream is not sent to log in: it is no page."""
    with provider() as identity:
        oidc = Oidc(identity.issuer, AUDIENCE, client=Client("pages"))
        auth = Auth("oidc", oidc, "http://127.0.0.1:1", b"s" * 32)
        with api_of(postgres_url, live=QUICK, auth=auth) as api:
            api.given(placed("A-1"), placed("B-1", buyer_id="juno")).until_seen()
            nobody = refused(api, "orders/A-1", accept="text/event-stream")
            sent = api.client.get("/login").headers["location"]
            asked = {name: one[0] for name, one in parse_qs(urlsplit(sent).query).items()}
            identity.id_token = identity.token(aud="pages", nonce=asked["nonce"])
            api.client.get("/login/back", params={"state": asked["state"], "code": "a code"})
            foreign = refused(api, "orders/B-1")
            with listening(api, "orders/A-1", shown(api)) as ear:
                api.given(cancel("A-1")).until_seen()
                told = ear.next()

    assert (nobody.status_code, foreign.status_code, told) == (401, 404, moved(3))


def test_one_caller_has_some_places_and_all_together_have_so_many(postgres_url: str) -> None:
    with api_of(postgres_url, live=QUICK._replace(most=3, of_one=2)) as api:
        mira, juno, strand = api.as_(MIRA), api.as_(JUNO), api.as_("seller:strand")
        with ExitStack() as stack:
            for _ in range(2):
                stack.enter_context(listening(mira, "orders"))
            too_many = refused(mira, "orders")
            with listening(juno, "orders"):
                full = refused(strand, "cases")
        until_so_many_listen(api, 0)
        with listening(mira, "orders"), listening(mira, "orders"), listening(strand, "cases"):
            until_so_many_listen(api, 3)

    assert (too_many.status_code, too_many.headers["retry-after"]) == (429, "60")
    assert (full.status_code, full.headers["retry-after"]) == (503, "60")


def test_where_nobody_may_listen_browsers_do_not_come_again(postgres_url: str) -> None:
    with api_of(postgres_url, live=QUICK._replace(most=0)) as api:
        assert refused(api, "cases").status_code == 204


def test_a_stream_ends_so_that_its_caller_shows_again_who_it_is(postgres_url: str) -> None:
    with (
        api_of(postgres_url, live=QUICK._replace(life=0.1)) as api,
        listening(api, "cases", 0) as ear,
    ):
        assert ear.rest() == []
        until_so_many_listen(api, 0)


def test_how_long_somebody_listens_is_no_time_of_an_answer(postgres_url: str) -> None:
    with api_of(postgres_url, live=QUICK) as api:
        with listening(api, "orders/A-1"):
            pass
        until_so_many_listen(api, 0)
        figures = api.client.get("/metrics").text

    assert (
        'requests_total{method="GET",route="/live/orders/{order_id}",status="200"} 1.0' in figures
    )
    assert 'seconds_count{method="GET",route="/live' not in figures


def test_when_the_database_is_away_pages_hear_it_and_then_what_they_missed(
    postgres_server: str, postgres_url: str
) -> None:
    name = urlsplit(postgres_url).path.removeprefix("/")
    with (
        psycopg.connect(postgres_server, autocommit=True) as conn,
        api_of(postgres_url, live=QUICK) as api,
    ):
        api.given(placed("A-1")).until_seen()
        with listening(api.as_("operator"), "orders/A-1", shown(api)) as ear:
            conn.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false".encode())
            conn.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,)
            )
            away = ear.next()
            with api.client.stream("GET", "/live/cases") as late:
                lines = list(zip(range(2), late.iter_lines(), strict=False))
            conn.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true".encode())
            here = ear.next()
            api.given(cancel("A-1")).until_seen()
            told = ear.next()

    assert (away, here, told) == ({"data": "away"}, {"data": "here"}, moved(2))
    assert lines[1] == (1, "data: away")


@contextmanager
def served(url: str, bounds: Bounds) -> Iterator[tuple[Api, threading.Event]]:
    """The API as `run --role serve` has it, and what stops it."""
    stop = threading.Event()
    with EventStore.open(url) as store:
        serving = Serving(Parts(store, url, clock, live=bounds), "127.0.0.1", 0)
        thread = threading.Thread(target=serving.run, args=(stop,))
        thread.start()
        try:
            with httpx.Client(base_url=serving.address, timeout=30) as client:
                yield Api(url, store, client), stop
        finally:
            stop.set()
            thread.join()


def test_the_server_ends_well_while_pages_listen(postgres_url: str) -> None:
    """Who listens is let go; nobody is cut off after the time that requests in hand have."""
    with (
        served(postgres_url, QUICK) as (api, stop),
        listening(api, "cases", 0) as one,
        listening(api, "orders/A-1", 0) as other,
    ):
        stop.set()

        assert (one.rest(), other.rest()) == ([], [])


def test_what_comes_close_together_is_told_together(postgres_url: str) -> None:
    """Who looks at the flow is told twice meanwhile."""
    with (
        served(postgres_url, QUICK._replace(spacing=3600)) as (api, stop),
        listening(api, "orders/A-1", 0) as ear,
        listening(api, "flow", 0) as flow,
    ):
        api.given(placed("A-1")).until_seen()
        assert ear.next() == moved(1)
        api.given(cancel("A-1")).until_seen()
        while flow.next() != moved(2):
            pass
        stop.set()

        assert ear.rest() == []
