"""Who are you, and what is here; the stylesheet; errors as pages for people."""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx
import pytest

from tests.support.web import Api

PEOPLE = {"accept": "text/html,application/xhtml+xml"}


@pytest.fixture
def browser(api: Api) -> Iterator[httpx.Client]:
    """A browser that was never here, and runs no scripts."""
    with httpx.Client(base_url=api.client.base_url, headers=PEOPLE, timeout=30) as client:
        yield client


def csrf_of(page: httpx.Response) -> str:
    found = re.search(r'name="csrf" value="([0-9a-f]+)"', page.text)
    assert found, page.text
    return found[1]


def test_somebody_says_who_they_are_and_is_led_to_their_pages(browser: httpx.Client) -> None:
    start = browser.get("/")
    said = {"csrf": csrf_of(start), "role": "seller", "id": " fjell ", "next": "/"}

    answer = browser.post("/", data=said)

    assert (answer.status_code, answer.headers["location"]) == (303, "/seller")
    assert "fjell, seller" in browser.get("/").text


def test_an_id_that_cannot_be_one_is_shown_at_its_field(browser: httpx.Client) -> None:
    said = {"csrf": csrf_of(browser.get("/")), "role": "buyer", "id": "a b<", "next": "/"}

    answer = browser.post("/", data=said)

    assert answer.status_code == 422
    assert 'value="a b&lt;"' in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert "set-cookie" not in answer.headers


def test_a_form_without_its_token_changes_nobody(browser: httpx.Client) -> None:
    answer = browser.post("/", data={"role": "buyer", "id": "mira"})

    assert answer.status_code == 403
    assert "<h1>This page was too old</h1>" in answer.text


def test_the_stylesheet_is_kept_by_its_digest(browser: httpx.Client) -> None:
    found = re.search(r'href="(/static/countermand\.css\?v=[0-9a-f]+)"', browser.get("/").text)
    assert found

    kept = browser.get(found[1])
    other = browser.get("/static/countermand.css")

    assert kept.headers["content-type"].startswith("text/css")
    assert kept.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert other.headers["cache-control"] == "public, max-age=300"
    assert browser.get("/static/passwd.css").status_code == 404


def test_people_get_errors_as_pages_and_programs_as_problems(browser: httpx.Client) -> None:
    page = browser.get("/nowhere")
    problem = browser.get("/nowhere", headers={"accept": "*/*"})
    of_api = browser.get("/api/v1/nowhere")

    assert page.status_code == problem.status_code == of_api.status_code == 404
    assert "<h1>There is nothing here</h1>" in page.text
    assert problem.json()["type"] == of_api.json()["type"] == "/problems/not-found"
