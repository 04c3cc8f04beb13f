"""The gate: every request passes it first, every answer last. Pure ASGI, so that it costs little.

Coming in: who is too fast or too large, who calls us by a name that is not ours, whose page sends
us a form. Going out: headers that keep browsers to what our pages need.
"""

from __future__ import annotations

from functools import lru_cache
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from consumers.fields import MAX_BYTES
from web.answering import problem_of, written
from web.problems import Problem
from web.security.guard import Guard, notes_of
from web.security.names import HEALTH, STATIC, SWITCH, VISIT
from web.security.rates import place_of

_SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
_OURS = frozenset({"same-origin", "none"})
"""What browsers say of requests from our own pages, and of those that a person typed."""
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    # Not `no-referrer`: with that, browsers hide from us where a form comes from.
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}
_TWO_YEARS = "max-age=63072000"


class Gate:
    """Stands before an app."""

    def __init__(self, app: ASGIApp, guard: Guard) -> None:
        self._app = app
        self._guard = guard
        headers = dict(HEADERS)
        if guard.auth.is_https:
            headers["strict-transport-security"] = _TWO_YEARS
        self._headers = [(name.encode(), value.encode()) for name, value in headers.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        notes = notes_of(scope)
        has_begun = False

        async def sending(message: Message) -> None:
            nonlocal has_begun
            if message["type"] == "http.response.start":
                has_begun = True
                self._finish(scope, message, notes.get(VISIT))
            await send(message)

        try:
            self._look(scope)
            await self._app(scope, _bounded(receive), sending)
        except Exception as error:
            if has_begun:
                raise
            await written(Request(scope), problem_of(error))(scope, receive, sending)

    def _look(self, scope: Scope) -> None:
        """Raise Problem for who must not come in."""
        headers = Headers(scope=scope)
        if _announced(headers) > MAX_BYTES:
            raise Problem("too-large", f"a body has at most {MAX_BYTES} bytes")
        if scope["path"].startswith(HEALTH):
            return
        client = scope.get("client")
        self._guard.addresses.take(place_of(client[0]) if client else "")
        if self._guard.is_open and not _names_this_machine(headers.get("host", "")):
            detail = "with AUTH=none only localhost and addresses of loopback are answered to"
            raise Problem("misdirected", detail)
        if _changes(scope) and not _is_from_us(headers):
            raise Problem("cross-site", "this came from a page that is not ours")

    def _finish(self, scope: Scope, message: Message, visit: str | None) -> None:
        headers = list(message["headers"])
        there = {name for name, _ in headers}
        headers += [one for one in self._headers if one[0] not in there]
        if b"cache-control" not in there and not scope["path"].startswith(STATIC):
            headers.append((b"cache-control", b"no-store"))
        if visit is not None:
            headers.append((b"set-cookie", self._guard.cookies.header(VISIT, visit)))
        message["headers"] = headers


def _announced(headers: Headers) -> int:
    length = headers.get("content-length", "0")
    return int(length) if length.isascii() and length.isdecimal() else 0


def _bounded(receive: Receive) -> Receive:
    """The same body, up to the limit, whatever its sender announced."""
    seen = 0

    async def receiving() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > MAX_BYTES:
            raise HTTPException(413, f"a body has at most {MAX_BYTES} bytes")
        return message

    return receiving


@lru_cache(maxsize=256)
def _names_this_machine(host: str) -> bool:
    """Whether a `Host` header names loopback. A page of another name must not reach us by DNS."""
    try:
        name = urlsplit(f"//{host}").hostname
        return name == "localhost" or ip_address(name or "").is_loopback
    except ValueError:
        return False


def _changes(scope: Scope) -> bool:
    return scope["method"] not in _SAFE or scope["path"] == SWITCH


def _is_from_us(headers: Headers) -> bool:
    """Whether a request comes from our own pages, or from no page at all."""
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in _OURS
    origin = headers.get("origin")
    return origin is None or urlsplit(origin).netloc == headers.get("host")
