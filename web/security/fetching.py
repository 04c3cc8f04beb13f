"""Asks the identity provider: JSON over https, bounded in size and time, no redirects followed."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from http.client import HTTPException, HTTPResponse
from ipaddress import ip_address
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode, urlsplit
from urllib.request import HTTPRedirectHandler, ProxyHandler, Request, build_opener

from typing_extensions import override

PATIENCE = 5.0
"""Seconds for one question, its answer included."""
LARGEST = 256_000
"""Bytes of an answer: a provider has a few keys of some kilobytes."""
_PIECE = 16_384


class Unreachable(Exception):
    """The provider could not be asked, or said nothing that we understand. Says why."""


class _NoRedirects(HTTPRedirectHandler):
    @override
    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


_OPENER = build_opener(_NoRedirects, ProxyHandler({}))


def is_safe(url: str) -> bool:
    """Whether nobody on the way can change what comes from there: https, or this machine."""
    try:
        parts = urlsplit(url)
        name = parts.hostname or ""
        if parts.scheme == "https":
            return bool(name)
        return parts.scheme == "http" and (name == "localhost" or ip_address(name).is_loopback)
    except ValueError:
        return False


def fetch(
    url: str, form: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Get an object, or post a form and get one. Blocks. Raises Unreachable."""
    if not is_safe(url):
        raise Unreachable(f"{url} is neither https nor on this machine")
    body = None if form is None else urlencode(form).encode()
    asked = Request(url, body, {"Accept": "application/json", **(headers or {})})  # noqa: S310  # looked at above
    until = time.monotonic() + PATIENCE
    try:
        with _OPENER.open(asked, timeout=PATIENCE) as answer:
            found = json.loads(_read(answer, until))
    except HTTPError as error:
        error.close()
        raise Unreachable(f"{url} answered {error.code}") from None
    except (OSError, HTTPException, ValueError, RecursionError) as error:
        raise Unreachable(f"{url}: {error}") from None
    if not isinstance(found, dict):
        raise Unreachable(f"{url} sent no JSON object")
    return found


def _read(answer: HTTPResponse, until: float) -> bytes:
    found = bytearray()
    while piece := answer.read1(_PIECE):
        found += piece
        if len(found) > LARGEST:
            raise OSError(f"sent more than {LARGEST} bytes")
        if time.monotonic() > until:
            raise OSError(f"took longer than {PATIENCE:.0f} s")
    return bytes(found)
