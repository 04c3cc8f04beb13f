"""What all parts of the guard share: keys, cookies, who is known how. One for each app."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from secrets import token_bytes
from typing import Any, NamedTuple

from fastapi import FastAPI
from starlette.types import Scope

from web.security.auth import Auth, Oidc
from web.security.cookies import Cookies
from web.security.keys import Issuer
from web.security.names import LOGGING_IN, SESSION
from web.security.rates import Buckets
from web.security.sealing import Seal
from web.security.tokens import Tokens

_NOTES = "countermand.notes"


class Known(NamedTuple):
    """The identity provider, and what checks its tokens."""

    oidc: Oidc
    issuer: Issuer
    tokens: Tokens


class Guard:
    """The guard of one app."""

    def __init__(self, auth: Auth, clock: Callable[[], int]) -> None:
        def seconds() -> int:
            return clock() // 1_000_000

        self.auth = auth
        self.is_open = auth.mode == "none"
        """Whether everybody is who they say they are."""
        self.known = None if self.is_open or auth.oidc is None else _known(auth.oidc, seconds)
        self.logs_in = self.known is not None and self.known.oidc.client is not None
        """Whether people can log in for the pages."""
        self.cookies = Cookies(secure=auth.is_https)
        secret = auth.secret if auth.secret is not None else token_bytes(32)
        self.key = hashlib.sha256(b"countermand web\n" + secret).digest()
        self.sessions = Seal(self.key, SESSION, seconds)
        self.logins = Seal(self.key, LOGGING_IN, seconds)
        self.addresses = Buckets(auth.rate.address, auth.rate.burst)
        self.callers = Buckets(auth.rate.caller, auth.rate.burst)


def _known(oidc: Oidc, seconds: Callable[[], int]) -> Known:
    issuer = Issuer(oidc)
    return Known(oidc, issuer, Tokens(oidc, issuer, seconds))


def guard_of(app: FastAPI) -> Guard:
    """The guard of an app."""
    guard: Guard = app.state.guard
    return guard


def notes_of(scope: Scope) -> dict[str, Any]:
    """What the parts of one request tell each other, whoever copied its scope."""
    notes: dict[str, Any] = scope.setdefault(_NOTES, {})
    return notes
