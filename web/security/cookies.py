"""Cookies: never read by scripts, never sent by others' forms, over https only where we have it."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.responses import Response
from starlette.types import Scope


class Cookies:
    """Reads and writes our cookies. Over https their names hold browsers to it (`__Host-`)."""

    def __init__(self, *, secure: bool) -> None:
        self._secure = secure

    def name(self, plain: str) -> str:
        """The cookie's name on the wire."""
        return f"__Host-{plain}" if self._secure else plain

    def read(self, scope: Scope, plain: str) -> str | None:
        """A cookie's value as it came; nothing in it is trusted."""
        header = Headers(scope=scope).get("cookie")
        return cookie_parser(header).get(self.name(plain)) if header else None

    def write(
        self, response: Response, plain: str, value: str, *, seconds: int | None = None
    ) -> None:
        """Set a cookie for so long, or until the browser is closed."""
        response.set_cookie(
            self.name(plain),
            value,
            max_age=seconds,
            path="/",
            secure=self._secure,
            httponly=True,
            samesite="lax",
        )

    def drop(self, response: Response, plain: str) -> None:
        """Make the browser forget a cookie."""
        self.write(response, plain, "", seconds=0)

    def header(self, plain: str, value: str) -> bytes:
        """The value of a `set-cookie` header, for an answer that is under way.

        `value` is made here, of letters that need no quoting: every first page has one.
        """
        secure = "; Secure" if self._secure else ""
        return f"{self.name(plain)}={value}; HttpOnly; Path=/; SameSite=lax{secure}".encode()
