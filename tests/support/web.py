"""The API over a real database, served in this process: ask it as a buyer, a seller, an operator.

`Api` is a client of it; `until_seen` brings the views up to date, as a `project` process does.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI

from application.event_store import EventStore
from application.follow import Pace
from consumers.cloudevents import Incoming
from consumers.intake import Intake, clock
from domain.refunds import Policy
from projections.views import views_follower
from tests.support.following import SECONDS
from tests.support.saying import Said, encoded
from web.app import make_app
from web.parts import Parts
from web.serving import send_at_once

_KEYS = count(1)


def new_key() -> str:
    """An Idempotency-Key that nobody has used."""
    return f"key-{next(_KEYS)}"


@dataclass
class Api:
    """The API of one database."""

    url: str
    store: EventStore
    client: httpx.Client
    now: Callable[[], int] = clock
    policy: Policy = field(default_factory=Policy)
    persona: str = ""

    def as_(self, persona: str) -> Api:
        """The same API, asked by somebody: `buyer:mira`, `seller:fjell`, `operator`."""
        return Api(self.url, self.store, self.client, self.now, self.policy, persona)

    def _headers(self) -> dict[str, str]:
        return {"Countermand-Persona": self.persona} if self.persona else {}

    def get(self, address: str, **params: Any) -> httpx.Response:  # noqa: ANN401  # any parameter
        headers = self._headers()
        return self.client.get(f"/api/v1{address}", params=params, headers=headers)

    def post(self, address: str, body: Any = None, key: str | None = "new") -> httpx.Response:  # noqa: ANN401
        """Tell it something; `key` none: without an Idempotency-Key."""
        headers = self._headers()
        if key is not None:
            headers["Idempotency-Key"] = new_key() if key == "new" else key
        return self.client.post(f"/api/v1{address}", json=body, headers=headers)

    def given(self, *messages: Said) -> Api:
        """Messages that came by another way."""
        intake = Intake(self.store, policy=self.policy, now=self.now)
        intake.take([Incoming(encoded(message)) for message in messages])
        return self

    def until_seen(self) -> Api:
        """Bring the views up to date."""
        views_follower(self.url, self.store, self.policy, self.now, Pace(poll=0.05)).catch_up()
        return self


@contextmanager
def api_of(
    url: str,
    *,
    now: Callable[[], int] = clock,
    wait: float = 5.0,
    store: EventStore | None = None,
    **more: Any,  # noqa: ANN401  # any other part
) -> Iterator[Api]:
    """The API on a migrated database; `store` is another one than its own."""
    with ExitStack() as stack:
        opened = store or stack.enter_context(EventStore.open(url))
        app = make_app(Parts(opened, url, now, wait=wait, **more))
        base = stack.enter_context(served(app))
        client = stack.enter_context(httpx.Client(base_url=base, timeout=SECONDS))
        yield Api(url, opened, client, now)


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """The address of an app, served by uvicorn on a free port of loopback."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        send_at_once(listening)
        server = uvicorn.Server(uvicorn.Config(app, log_config=None))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(SECONDS)


def refusal(answer: httpx.Response) -> tuple[int, str, str]:
    """Status, type and rule of an answer that says no."""
    body = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert body["status"] == answer.status_code
    return answer.status_code, body["type"], body.get("rule", "")


def wrong_fields(answer: httpx.Response) -> list[tuple[str, str]]:
    """Field and rule of each error of a malformed request."""
    assert answer.status_code == 422, answer.text
    return [(one["field"], one["rule"]) for one in answer.json()["errors"]]
