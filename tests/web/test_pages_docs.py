"""docs/pages.md has the address of every page."""

from __future__ import annotations

import re
from pathlib import Path

from fastapi.routing import APIRoute

from tests.support.identity import AUDIENCE
from web import pages
from web.security import guarding
from web.security.auth import Auth, Client, Oidc

PAGE = (Path(__file__).parents[2] / "docs" / "pages.md").read_text()
_OIDC = Auth("oidc", Oidc("https://id.example", AUDIENCE, client=Client("pages")))


def test_every_page_is_in_the_page() -> None:
    routers = [*pages.routers(), *guarding.routers(Auth()), *guarding.routers(_OIDC)]
    routes = [one for router in routers for one in router.routes if isinstance(one, APIRoute)]
    addresses = {one.path for one in routes if "GET" in (one.methods or set())}

    told = {
        address
        for row in re.findall(r"^\| (`/.*?) \|", PAGE, re.MULTILINE)
        for address in re.findall(r"`([^`]+)`", row)
    }

    assert told == addresses - {"/static/{name}"}
