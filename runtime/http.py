"""What `run --role serve` is made of: the settings of the web, checked against each other."""

from __future__ import annotations

import socket
from ipaddress import ip_address
from typing import TYPE_CHECKING

from runtime import brokers, identity, standing, wiring
from runtime.settings import BadSettings, Settings

if TYPE_CHECKING:
    from application.event_store import EventStore
    from web.parts import Parts
    from web.serving import Serving


KEPT = 1.0
"""Seconds for which a look at where everybody stands is good."""
_LAST_PORT = 65_535


def serving(settings: Settings, url: str, store: EventStore) -> Serving:
    """Make the server of pages and API. Raises BadSettings, or CannotBind."""
    from web.serving import Serving

    host, port = address(settings)
    return Serving(parts(settings, url, store), host, port)


def parts(settings: Settings, url: str, store: EventStore) -> Parts:
    """What the web needs of everything else."""
    from runtime import service
    from runtime.flowing import Flowing, Kept
    from web.live.bounds import Bounds
    from web.parts import Parts

    return Parts(
        store,
        url,
        wiring.now,
        wiring.policy(settings),
        wiring.terms(settings),
        identity.auth(settings),
        hear_again=lambda letter: service.hear_again(settings, store, letter),
        standing=Kept(lambda: standing.of(settings, store).as_json(), KEPT),
        flowing=Kept(Flowing(settings, store).look, KEPT),
        topics=brokers.installed(settings),
        live=Bounds(most=settings.http_listeners),
        threads=settings.database_pool_size,
    )


def check(settings: Settings) -> None:
    """Raise BadSettings for what could not be served, before anything is started."""
    address(settings)
    identity.auth(settings)


def address(settings: Settings) -> tuple[str, int]:
    """Where to listen. Without somebody to ask who calls, on loopback only: else BadSettings."""
    host, _, port = settings.http_bind.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if settings.auth == "none" and not _is_loopback(host):
        raise BadSettings(
            f"COUNTERMAND_HTTP_BIND: {settings.http_bind} can be reached from other machines, and"
            " COUNTERMAND_AUTH is none: everybody could do everything. Bind to 127.0.0.1, or set"
            " COUNTERMAND_AUTH to oidc"
        )
    if int(port) > _LAST_PORT:
        raise BadSettings(f"COUNTERMAND_HTTP_BIND: {port} is no port; the last one is {_LAST_PORT}")
    return host, int(port)


def _is_loopback(host: str) -> bool:
    """Whether every address that the name stands for is this machine's own."""
    try:
        found = {one[4][0] for one in socket.getaddrinfo(host, None)}
    except OSError as error:
        raise BadSettings(f"COUNTERMAND_HTTP_BIND: {host} is no address: {error}") from None
    return all(ip_address(one).is_loopback for one in found)
