"""docs/api.md names every call and every problem, and each problem's type is an address."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.web import Api, refusal
from web.api import PREFIX
from web.problems import KINDS

PAGE = (Path(__file__).parents[2] / "docs" / "api.md").read_text()


def test_every_call_is_in_the_page(api: Api) -> None:
    paths = api.client.get("/openapi.json").json()["paths"]
    calls = {
        f"{method.upper()} {address.removeprefix(PREFIX)}"
        for address, methods in paths.items()
        for method in methods
        if address.startswith(PREFIX)
    }

    assert calls == set(re.findall(r"`((?:GET|POST) /[^`? ]+)`", PAGE))


@pytest.mark.parametrize("name", KINDS)
def test_every_problem_is_in_the_page_and_explains_itself(api: Api, name: str) -> None:
    kind = KINDS[name]
    row = f"| `/problems/{name}` | {kind.status} | {kind.title}. {kind.then} |"
    told = api.client.get(f"/problems/{name}").json()

    assert row in PAGE.splitlines()
    assert told == {
        "type": f"/problems/{name}",
        "title": kind.title,
        "status": kind.status,
        "then": kind.then,
    }


def test_a_problem_that_nobody_knows_is_not_found(api: Api) -> None:
    answer = api.client.get("/problems/hunger")

    assert refusal(answer) == (404, "/problems/not-found", "")
