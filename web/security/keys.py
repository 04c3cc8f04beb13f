"""The issuer's keys: fetched, kept, renewed now and then, and never for ever.

Where a key comes from is for our settings and the issuer's discovery document to say; nothing in a
token leads to one, but the name of a key that we have.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from typing import Any

from anyio import CapacityLimiter, to_thread
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, JWKRegistry, Key, OKPKey, RSAKey

from web.security.auth import Oidc
from web.security.fetching import Unreachable, fetch

PAUSE = 60.0
"""Seconds between two looks at the keys, however many tokens name one that we do not have."""
TRY_AGAIN = 5.0
"""Seconds until an issuer that did not answer is asked again."""
RENEW = 600.0
"""Seconds after which keys are looked up again: a key that was taken back is refused then."""
OLDEST = 3_600.0
"""Seconds for which keys are good when they cannot be renewed."""
_MOST = 50
"""Keys of an issuer that we look at."""
_DISCOVERY = "/.well-known/openid-configuration"
_SMALLEST_RSA = 2048
_LOG = logging.getLogger(__name__)


class NoKeys(Exception):
    """The issuer's keys cannot be had now: nobody can say whether a token is good."""


class UnknownKey(Exception):
    """The issuer has no such key."""


class Issuer:
    """The issuer, as it describes itself, and its keys."""

    def __init__(self, oidc: Oidc, seconds: Callable[[], float] = time.monotonic) -> None:
        self._oidc = oidc
        self._seconds = seconds
        self._keys: dict[str | None, Key] = {}
        self._described: Mapping[str, Any] = {}
        self._renewed: float | None = None
        self._next_look = 0.0
        self._failed = False
        self._asking = asyncio.Lock()
        self._thread = CapacityLimiter(1)  # not one of those that work on requests

    async def key(self, name: str | None) -> Key:
        """The key of that name; none: the only one there is. Raises UnknownKey, NoKeys."""
        if name not in self._keys or self._age() > RENEW:
            await self._look_again(name)
        if self._age() > OLDEST:
            raise NoKeys
        found = self._keys.get(name)
        if found is not None:
            return found
        if self._failed:
            raise NoKeys
        raise UnknownKey

    async def endpoint(self, name: str) -> str:
        """Where the issuer has something, such as its `token_endpoint`. Raises Unreachable."""
        if name not in self._described:
            self._described = await self.ask(self._discovery)
        found = self._described.get(name)
        if not isinstance(found, str):
            raise Unreachable(f"the issuer names no {name}")
        return found

    async def ask(self, blocking: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """Ask in a thread of the issuer's own. Raises Unreachable."""
        return await to_thread.run_sync(blocking, limiter=self._thread)

    def _age(self) -> float:
        return float("inf") if self._renewed is None else self._seconds() - self._renewed

    async def _look_again(self, name: str | None) -> None:
        if name in self._keys and self._age() <= OLDEST and self._asking.locked():
            return  # somebody does
        async with self._asking:
            if self._seconds() < self._next_look:
                return
            self._next_look = self._seconds() + TRY_AGAIN
            self._failed = True
            try:
                self._keys = _usable((await self.ask(self._document)).get("keys"))
            except Unreachable as away:
                _LOG.warning("the issuer's keys cannot be had: %s", away)
                return
            self._failed = False
            self._renewed = self._seconds()
            self._next_look = self._renewed + PAUSE

    def _document(self) -> dict[str, Any]:
        url = self._oidc.keys_url
        if url is None:
            self._described = self._discovery()
            url = self._described.get("jwks_uri")
        if not isinstance(url, str):
            raise Unreachable("the issuer names no jwks_uri")
        return fetch(url)

    def _discovery(self) -> dict[str, Any]:
        found = fetch(self._oidc.issuer.rstrip("/") + _DISCOVERY)
        if found.get("issuer") != self._oidc.issuer:
            raise Unreachable(f"{self._oidc.issuer} calls itself {found.get('issuer')!r}")
        return found


def _usable(found: object) -> dict[str | None, Key]:
    """The keys that check signatures, by name; the only one has no name, too."""
    if not isinstance(found, list):
        raise Unreachable("the key set has no keys")
    keys: dict[str | None, Key] = {}
    for one in found[:_MOST]:
        key = _read(one)
        if key is not None:
            keys[key.kid] = key
    if len(keys) == 1:
        keys[None] = next(iter(keys.values()))
    return keys


def _read(one: object) -> Key | None:
    """A public key for signatures. Never one that is shared: whoever knows it could sign."""
    if not isinstance(one, dict) or one.get("use", "sig") != "sig":
        return None
    try:
        key = JWKRegistry.import_key(one)
    except (JoseError, ValueError, TypeError, KeyError) as error:
        _LOG.warning("a key of the issuer's is passed over: %s", error)
        return None
    is_short = isinstance(key, RSAKey) and key.public_key.key_size < _SMALLEST_RSA
    return key if isinstance(key, RSAKey | ECKey | OKPKey) and not is_short else None
