"""The one place where the parts are put together. Nothing happens at import."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
import time
from typing import TYPE_CHECKING

from runtime.settings import DAY, Settings

if TYPE_CHECKING:
    from application.event_store import EventStore
    from domain.refunds import Policy

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def now() -> int:
    """The service's clock, in microseconds since 1970 UTC. Passed into everything that asks."""
    return time.time_ns() // 1000


def written(micros: int | None) -> str | None:
    """Write a time of ours as RFC 3339."""
    if micros is None:
        return None
    return (_EPOCH + timedelta(microseconds=micros)).isoformat().replace("+00:00", "Z")


def policy(settings: Settings) -> Policy:
    from domain.refunds import Policy

    return Policy(maximum_hold=round(settings.maximum_hold * DAY * 1_000_000))


@contextmanager
def database(settings: Settings) -> Iterator[str]:
    """Give the URL of a migrated database: the user's server, or the embedded one, kept running."""
    from application.migrations import migrate

    if settings.database_url is not None:
        url = settings.database_url.get_secret_value()
        migrate(url)
        yield url
        return
    from runtime import embedded

    postgres = embedded.start(settings.data_dir)
    try:
        migrate(postgres.url)
        yield postgres.url
    finally:
        postgres.stop()


@contextmanager
def store(settings: Settings) -> Iterator[EventStore]:
    """Open the event store on that database."""
    from application.event_store import EventStore

    with database(settings) as url:
        opened = EventStore.open(url, pool_size=settings.database_pool_size)
        try:
            yield opened
        finally:
            opened.close()
