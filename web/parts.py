"""What the web needs, put together by the runtime. Nothing here reads the environment."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from application.event_store import EventStore
from domain.late_cancellation import Terms
from domain.refunds import Policy
from web.asyncapi.kafka import Installed
from web.live.bounds import Bounds
from web.security.auth import Auth

if TYPE_CHECKING:
    from fastapi import FastAPI

    from application.placed import PlacedOrders
    from consumers.dead_letters import Letter
    from web.level import Level
    from web.way_in import WayIn


class Parts(NamedTuple):
    """Everything that the web is made of."""

    store: EventStore
    database_url: str
    """For connections of one's own, such as one that listens."""
    clock: Callable[[], int]
    """Microseconds since 1970 UTC."""
    policy: Policy = Policy()
    terms: Terms = Terms()
    auth: Auth = Auth()
    hear_again: Callable[[Letter], str] | None = None
    """Hears a dead letter again and says what became of it; none: this service cannot."""
    standing: Callable[[], Mapping[str, Any]] | None = None
    """Where everybody stands, as `countermand status --json` has it; none: nobody can say."""
    flowing: Callable[[], Mapping[str, Any]] | None = None
    """How fast everything flows now, and who works: `runtime.flowing`; none: nobody can say."""
    topics: Installed = Installed()
    """How the topics are called here."""
    wait: float = 5.0
    """Seconds that `?at_least=` is waited for."""
    live: Bounds = Bounds()
    """How many pages may wait and be told what is new, and how often they are."""
    threads: int = 5
    """Requests that are worked on at once: each takes a connection of the store's pool."""


def parts_of(app: FastAPI) -> Parts:
    """The parts that an app was made with."""
    parts: Parts = app.state.parts
    return parts


def placed_of(app: FastAPI) -> PlacedOrders:
    """What orders were placed with, remembered by an app."""
    placed: PlacedOrders = app.state.placed
    return placed


def level_of(app: FastAPI) -> Level:
    """How far the views of an app are."""
    level: Level = app.state.level
    return level


def way_in_of(app: FastAPI) -> WayIn:
    """The way in of an app's messages."""
    way_in: WayIn = app.state.way_in
    return way_in
