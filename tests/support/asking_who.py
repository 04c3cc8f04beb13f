"""An app that says who calls, and somebody who asks it with tokens of a real provider."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import httpx
from fastapi import FastAPI

from consumers.intake import clock
from tests.support.following import SECONDS
from tests.support.identity import AUDIENCE, Identity, new_key
from tests.support.web import served
from web.answering import answer_problems
from web.security import guarding
from web.security.auth import Auth, Oidc
from web.security.caller import Known
from web.security.guard import guard_of

OTHER = new_key("k2")
"""A key that the provider does not have."""


def oidc_of(identity: Identity, **more: Any) -> Oidc:  # noqa: ANN401  # any setting
    return Oidc(identity.issuer, AUDIENCE, **more)


class Asking:
    """Asks the app with a token; its clock for keys can be moved on."""

    def __init__(self, app: FastAPI, base: str) -> None:
        self.base = base
        self.later = 0.0
        known = guard_of(app).known
        assert known is not None
        known.issuer._seconds = lambda: time.monotonic() + self.later

    def __call__(self, token: str | None, **headers: str) -> httpx.Response:
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        return self.sent(list(headers.items()))

    def sent(
        self, headers: Sequence[tuple[str, str]] | Sequence[tuple[bytes, bytes]]
    ) -> httpx.Response:
        """Asks with exactly these headers."""
        return httpx.get(f"{self.base}/api/v1/who", headers=headers, timeout=SECONDS)

    def is_refused(self, token: str) -> str:
        """The reason."""
        answer = self(token)
        assert answer.status_code == 401, answer.text
        assert answer.json()["type"] == "/problems/unauthenticated"
        assert answer.headers["www-authenticate"] == 'Bearer error="invalid_token"'
        reason: str = answer.json()["detail"].removeprefix("the token is not good: ")
        return reason


@contextmanager
def asking(auth: Auth) -> Iterator[Asking]:
    """An app whose callers are known like this, and who asks it; it has no keys yet."""
    app = FastAPI()
    answer_problems(app)
    guarding.guard(app, auth, clock)

    @app.get("/api/v1/who")
    def who(caller: Known) -> list[str | None]:
        return [caller.role, caller.id, *sorted(caller.rights)]

    with served(app) as base:
        yield Asking(app, base)
