"""Servers to be asked: ours as `countermand run --role serve`, a bare one, and who signs tokens."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

from joserfc import jwt
from joserfc.jwk import RSAKey
from typing_extensions import override

from bench.apart import Failed, end_tree

_AUDIENCE = "countermand"
_PATIENCE = 60.0
"""Seconds until a server must listen."""
_HOUR = 3_600


class Server(NamedTuple):
    """A server on loopback."""

    port: int
    pid: int


class Identity(NamedTuple):
    """An identity provider."""

    issuer: str
    key: RSAKey

    def bearer(self, role: str, **claims: str) -> dict[str, str]:
        """The header of who may do what that role may."""
        now = int(time.time())
        said = {"iss": self.issuer, "aud": _AUDIENCE, "exp": now + _HOUR, "roles": [role], **claims}
        token = jwt.encode({"alg": "RS256", "kid": self.key.kid}, said, self.key)
        return {"Authorization": f"Bearer {token}"}


@contextmanager
def identity() -> Iterator[Identity]:
    """Run an identity provider that says which keys it has."""
    key = RSAKey.generate_key(2048, {"kid": "bench", "use": "sig"})

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer: dict[str, Any] = {"keys": [key.as_dict(private=False)]}
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(answer).encode())

        @override
        def log_message(self, *_: Any) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield Identity(f"http://127.0.0.1:{server.server_port}", key)
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def ours(database_url: str, folder: Path, who: Identity | None = None) -> Iterator[Server]:
    """Serve pages and API; `who` none: without tokens, for everybody on this machine."""
    port = _free_port()
    environment = {
        **{name: value for name, value in os.environ.items() if "COUNTERMAND" not in name},
        "COUNTERMAND_DATABASE_URL": database_url,
        "COUNTERMAND_HTTP_BIND": f"127.0.0.1:{port}",
        "COUNTERMAND_LOG_LEVEL": "warning",
    }
    if who is not None:
        environment |= {
            "COUNTERMAND_AUTH": "oidc",
            "COUNTERMAND_OIDC_ISSUER": who.issuer,
            "COUNTERMAND_OIDC_AUDIENCE": _AUDIENCE,
            "COUNTERMAND_OIDC_KEYS_URL": f"{who.issuer}/keys",
            "COUNTERMAND_RATE_PER_CALLER": "0",
            "COUNTERMAND_RATE_PER_ADDRESS": "0",
        }
    command = [sys.executable, "-P", "-m", "runtime.cli", "run", "--role", "serve"]
    with _running(command, port, folder, environment) as server:
        yield server


@contextmanager
def bare(folder: Path) -> Iterator[Server]:
    """Serve what lies in the folder with FastAPI alone."""
    port = _free_port()
    root = Path(__file__).resolve().parent.parent
    command = [sys.executable, "-m", "bench.http_bare", str(port), str(folder)]
    with _running(command, port, root, dict(os.environ)) as server:
        yield server


@contextmanager
def _running(
    command: list[str], port: int, folder: Path, environment: dict[str, str]
) -> Iterator[Server]:
    process = subprocess.Popen(command, cwd=folder, env=environment, start_new_session=True)
    try:
        _wait(process, port)
        yield Server(port, process.pid)
    finally:
        end_tree(process.pid)
        process.wait()


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        if process.poll() is not None:
            raise Failed(f"a server ended with {process.returncode}")
        with socket.socket() as trying:
            if trying.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise Failed(f"nobody listens on port {port}")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])
