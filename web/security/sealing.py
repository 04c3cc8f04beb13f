"""Seals small things for a browser to keep: nobody but us can read or make them (JWE, A256GCM)."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any

from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

_HEADER = {"alg": "dir", "enc": "A256GCM"}
LONGEST = 3_800
"""Characters: browsers keep 4,096 bytes of a cookie, its name included."""


class Seal:
    """A seal for one purpose: what was sealed for another is not opened."""

    def __init__(self, key: bytes, purpose: str, seconds: Callable[[], int]) -> None:
        self._key = OctKey.import_key(hmac.new(key, purpose.encode(), hashlib.sha256).digest())
        self._seconds = seconds

    def close(self, said: dict[str, Any], lasts: int) -> str:
        """Seal something for so many seconds."""
        body = json.dumps({**said, "until": self._seconds() + lasts})
        return jwe.encrypt_compact(_HEADER, body, self._key)

    def open(self, sealed: str | None) -> dict[str, Any] | None:
        """What was sealed; none: it is not ours, or its time has passed."""
        if not sealed or len(sealed) > LONGEST:
            return None
        try:
            opened = jwe.decrypt_compact(sealed, self._key, algorithms=list(_HEADER.values()))
            said: dict[str, Any] = json.loads(opened.plaintext or b"")
        except (JoseError, ValueError):
            return None
        return said if said["until"] > self._seconds() else None
