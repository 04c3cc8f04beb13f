"""Checks tokens: who signed them, for whom, and when they are good. What fails tells the reason.

Only what the settings say is believed before the signature is: algorithms come from there, and
`jku`, `x5u`, `jwk` and `x5c` of a header are never looked at.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwt import JWTClaimsRegistry

from web.problems import Problem
from web.security.auth import Oidc
from web.security.keys import Issuer, NoKeys, UnknownKey

LONGEST = 8_192
"""Characters of a token: headers larger than that are refused in many places on the way."""
_TYPES = frozenset({"jwt", "at+jwt", "application/at+jwt"})


class Refused(Exception):
    """The token is not good. Says why, and nothing that is in it."""


class _Registry(jws.JWSRegistry):
    """Headers may bring a chain of certificates, though nobody looks at it."""

    max_header_length = LONGEST


class Tokens:
    """Checks tokens of one issuer."""

    def __init__(self, oidc: Oidc, issuer: Issuer, seconds: Callable[[], int]) -> None:
        self._oidc = oidc
        self._issuer = issuer
        self._seconds = seconds
        self._registry = _Registry(algorithms=oidc.algorithms, strict_check_header=False)

    async def claims(self, token: str, audience: str) -> dict[str, Any]:
        """What a good token says. Raises Refused; Problem 503 while the keys cannot be had."""
        try:
            signed = self._parsed(token)
            key = await self._issuer.key(signed.headers().get("kid"))
            if key.alg not in (None, signed.headers()["alg"]):
                raise Refused("its key is for another algorithm")
            if not jws.validate_compact(signed, key, registry=self._registry):
                raise Refused("it is not signed by its issuer")
            claims = _object(signed.payload)
            self._check(claims, audience)
        except NoKeys:
            detail = "the keys of the identity provider cannot be had now"
            raise Problem("unavailable", detail, {"Retry-After": "5"}) from None
        except UnknownKey:
            raise Refused("it is signed with a key that its issuer does not have") from None
        except JoseError as error:
            raise Refused(f"{error.error}: {error.description or 'it is not good'}") from None
        return claims

    def _parsed(self, token: str) -> jws.CompactSignature:
        if len(token) > LONGEST:
            raise Refused(f"it is longer than {LONGEST} characters")
        try:
            signed = jws.extract_compact(token.encode(), registry=self._registry)
        except (ValueError, RecursionError):
            raise Refused("it cannot be read") from None
        header = signed.headers()
        if str(header.get("alg")) not in self._oidc.algorithms:
            raise Refused("its algorithm is not one of ours")
        if "crit" in header or "b64" in header:
            raise Refused("it asks for an extension that is not known here")
        if str(header.get("typ", "jwt")).lower() not in _TYPES:
            raise Refused("it is no token for access")
        if not isinstance(header.get("kid"), str | None):
            raise Refused("its kid is no text")
        return signed

    def _check(self, claims: dict[str, Any], audience: str) -> None:
        JWTClaimsRegistry(
            now=self._seconds,
            leeway=self._oidc.leeway,
            iss={"essential": True, "value": self._oidc.issuer},
            aud={"essential": True, "value": audience},
            exp={"essential": True},
        ).validate(claims)


def _object(payload: bytes) -> dict[str, Any]:
    try:
        found = json.loads(payload)
    except (ValueError, RecursionError):
        raise Refused("what it says is no JSON") from None
    if not isinstance(found, dict):
        raise Refused("what it says is no object")
    return found
