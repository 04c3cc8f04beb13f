"""Serves the app until it is told to stop, and drops answers whose time has passed."""

from __future__ import annotations

import logging
import socket
import threading
from threading import Event as Flag

import uvicorn
from typing_extensions import override

from application import answers
from application.event_store import StoreUnavailable
from web.app import make_app
from web.live.listening import Live, live_of
from web.parts import Parts

_LOG = logging.getLogger(__name__)
_TIDY_EVERY = 3_600.0
"""Seconds."""
_LAST_WORDS = 10
"""Seconds that requests in hand may take when we stop; what takes longer is cut off."""


class CannotBind(Exception):
    """The address cannot be had. Says which, and why."""


class _Server(uvicorn.Server):
    """Lets pages that listen go before it waits for requests in hand: they would never end."""

    def __init__(self, config: uvicorn.Config, live: Live) -> None:
        super().__init__(config)
        self._live = live

    @override
    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._live.end()
        await super().shutdown(sockets)


class Serving:
    """The pages and the API on one address. It is taken at once, so that it fails at once."""

    def __init__(self, parts: Parts, host: str, port: int) -> None:
        self._parts = parts
        self._socket = _listen(host, port)
        app = make_app(parts)
        config = uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=_LAST_WORDS,
        )
        self._server = _Server(config, live_of(app))

    @property
    def address(self) -> str:
        """Where it is reached, such as `http://127.0.0.1:8080`."""
        host, port = self._socket.getsockname()[:2]
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    def run(self, stop: Flag) -> None:
        """Serve until `stop` is set. Raises RuntimeError when the server ends by itself."""
        # In a thread: there it leaves the signals to us.
        serving = threading.Thread(
            target=self._server.run, kwargs={"sockets": [self._socket]}, name="serve"
        )
        serving.start()
        _LOG.info("pages and API on %s", self.address)
        try:
            self._wait(stop, serving)
        finally:
            self._server.should_exit = True
            serving.join()
            self._socket.close()

    def _wait(self, stop: Flag, serving: threading.Thread) -> None:
        left = 0.0
        while not stop.wait(0.2):
            if not serving.is_alive():
                raise RuntimeError("the server ended by itself")
            left -= 0.2
            if left <= 0:
                self._tidy()
                left = _TIDY_EVERY

    def _tidy(self) -> None:
        try:
            dropped = answers.forget(self._parts.store, self._parts.clock())
        except StoreUnavailable as away:
            _LOG.warning("old answers are dropped later: %s", away)
            return
        if dropped:
            _LOG.info("dropped %d old answers", dropped)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listening = socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        raise CannotBind(f"{host}:{port} cannot be had: {error.strerror or error}") from error
    send_at_once(listening)
    return listening


def send_at_once(listening: socket.socket) -> None:
    """Let no answer wait for an acknowledgement, 40 ms each. asyncio sees to its own sockets."""
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
