"""An identity provider on loopback: real keys, real HTTP; it can change keys, fail, and lie."""

from __future__ import annotations

import json
import threading
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

from joserfc import jwt
from joserfc.jwk import Key, RSAKey
from typing_extensions import override

AUDIENCE = "countermand"


def new_key(name: str) -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": name, "use": "sig"})


KEY = new_key("k1")


def b64(value: Any) -> str:  # noqa: ANN401  # any JSON
    text = json.dumps(value).encode() if not isinstance(value, bytes) else value
    return urlsafe_b64encode(text).rstrip(b"=").decode()


@dataclass
class Identity:
    """What the provider has, answers and was asked."""

    issuer: str = ""
    keys: list[Key] = field(default_factory=lambda: [KEY])
    is_away: bool = False
    asked: list[str] = field(default_factory=list)
    forms: list[dict[str, list[str]]] = field(default_factory=list)
    id_token: str = ""

    def claims(self, **more: Any) -> dict[str, Any]:  # noqa: ANN401  # any claim
        now = int(time.time())
        said = {
            "iss": self.issuer,
            "aud": AUDIENCE,
            "sub": "mira",
            "roles": ["buyer"],
            "iat": now,
            "exp": now + 300,
            **more,
        }
        return {name: value for name, value in said.items() if value is not None}

    def token(
        self,
        key: Key = KEY,
        header: dict[str, Any] | None = None,
        **more: Any,  # noqa: ANN401  # any claim
    ) -> str:
        """A token of this provider's; a claim that is None is left out."""
        head = {"alg": "RS256", "kid": key.kid, **(header or {})}
        return jwt.encode(head, self.claims(**more), key, algorithms=[head["alg"]])

    def answer(self, path: str) -> dict[str, Any]:
        if path == "/keys":
            return {"keys": [key.as_dict(private=False) for key in self.keys]}
        if path == "/token":
            return {"id_token": self.id_token, "access_token": "x", "token_type": "Bearer"}
        return {
            "issuer": self.issuer,
            "jwks_uri": f"{self.issuer}/keys",
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
        }


@contextmanager
def provider() -> Iterator[Identity]:
    """An identity provider."""
    identity = Identity()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            identity.asked.append(self.path)
            self.send_response(503 if identity.is_away else 200)
            self.end_headers()
            self.wfile.write(json.dumps(identity.answer(self.path)).encode())

        def do_POST(self) -> None:
            length = int(self.headers["content-length"])
            identity.forms.append(parse_qs(self.rfile.read(length).decode()))
            self.do_GET()

        @override
        def log_message(self, *_: Any) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        identity.issuer = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield identity
        finally:
            server.shutdown()
            thread.join()
