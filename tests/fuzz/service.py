"""The service that is asked: the real app over HTTP behind an identity provider, on real orders.

Beside it run those who follow the log, as in a service: the views and the process managers.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from application.event_store import EventStore
from application.follow import Pace
from application.late_cancellations import Pace as ProcessPace
from application.late_cancellations import Rules
from application.processing import processes
from consumers.intake import clock
from domain.late_cancellation import Terms
from projections.views import views_follower
from runtime import service as services
from runtime import standing
from runtime.settings import Settings
from tests.fuzz.world import POLICY, fill
from tests.support.following import running
from tests.support.identity import AUDIENCE, Identity, provider
from tests.support.web import served
from web.app import make_app
from web.parts import Parts
from web.security.auth import Auth, Oidc

WAIT = 0.3
"""Seconds that `?at_least=` is waited for: those who ask for what never comes are many here."""
_POLL = 0.05
_HOURS = 3 * 3_600


@dataclass
class Service:
    """Where it is, what it holds, and who vouches for its callers."""

    base: str
    url: str
    store: EventStore
    identity: Identity
    _tokens: dict[str, str] = field(default_factory=dict)

    def token(self, caller: str) -> str:
        """A good token of `buyer:b17850`, `seller:retail-1`, `warehouse:w1`, `operator`."""
        if caller not in self._tokens:
            self._tokens[caller] = self.identity.token(**_claims(caller))
        return self._tokens[caller]


def _claims(caller: str) -> dict[str, Any]:
    role, _, name = caller.partition(":")
    own = {"seller": "seller_id", "warehouse": "warehouse_id"}.get(role)
    named = {own: name} if own else {}
    return {"sub": name or role, "roles": [role], "exp": int(time.time()) + _HOURS, **named}


@contextmanager
def service(url: str) -> Iterator[Service]:
    """The service on a migrated, empty database."""
    settings = Settings(_env_file=None, database_url=url)
    with EventStore.open(url) as store, provider() as identity:
        fill(url, store)
        views = views_follower(url, store, POLICY, clock, Pace(poll=_POLL))
        pace = ProcessPace(poll=_POLL)
        managers = processes(url, store, Rules(POLICY, Terms()), clock, pace)
        app = make_app(_parts(url, store, identity, settings))
        with running(views, managers), served(app) as base:
            yield Service(base, url, store, identity)


def _parts(url: str, store: EventStore, identity: Identity, settings: Settings) -> Parts:
    def stands() -> Mapping[str, Any]:
        return standing.of(settings, store).as_json()

    return Parts(
        store,
        url,
        clock,
        POLICY,
        auth=Auth("oidc", Oidc(identity.issuer, AUDIENCE), secret=b"s" * 32),
        hear_again=lambda letter: services.hear_again(settings, store, letter),
        standing=stands,
        wait=WAIT,
    )
