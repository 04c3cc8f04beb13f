"""What all parts of the guard share: keys, cookies, who is known how. One for each app."""

from __future__ import annotations

import hashlib
from secrets import token_bytes
from typing import Any

from fastapi import FastAPI
from starlette.types import Scope

from web.security.auth import Auth
from web.security.cookies import Cookies

_NOTES = "countermand.notes"


class Guard:
    """The guard of one app."""

    def __init__(self, auth: Auth) -> None:
        self.auth = auth
        self.is_open = auth.mode == "none"
        """Whether everybody is who they say they are."""
        self.cookies = Cookies(secure=auth.is_https)
        secret = auth.secret if auth.secret is not None else token_bytes(32)
        self.key = hashlib.sha256(b"countermand web\n" + secret).digest()


def guard_of(app: FastAPI) -> Guard:
    """The guard of an app."""
    guard: Guard = app.state.guard
    return guard


def notes_of(scope: Scope) -> dict[str, Any]:
    """What the parts of one request tell each other, whoever copied its scope."""
    notes: dict[str, Any] = scope.setdefault(_NOTES, {})
    return notes
