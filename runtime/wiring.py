"""The one place where the parts are put together. Nothing happens at import."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from runtime import brokers
from runtime.settings import DAY, Settings, whole_environment

if TYPE_CHECKING:
    from application.event_store import EventStore
    from application.follow import Follower
    from application.late_cancellations import Rules
    from application.owner import Owner
    from consumers.dead_limit import DeadLimit
    from consumers.ingest import Ingest
    from consumers.intake import Intake
    from consumers.outside.rules import Rules as AdapterRules
    from consumers.outside.translating import Translating
    from consumers.publish import Publisher
    from domain.late_cancellation import Terms
    from domain.refunds import Policy
    from runtime.roles import Running
    from web.serving import Serving

DOCUMENTS = 200
"""Documents from outside in one transaction at most: each may hold hundreds of events."""
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


def terms(settings: Settings) -> Terms:
    """How long each is waited for."""
    from domain.late_cancellation import HOUR, MINUTE, Terms

    return Terms(
        stop=round(settings.stop_deadline * HOUR),
        refusal=round(settings.refusal_deadline * HOUR),
        back=round(settings.return_deadline * HOUR),
        rest=round(settings.rest_deadline * HOUR),
        case=round(settings.case_deadline * HOUR),
        payment=round(settings.payment_deadline * HOUR),
        retry_first=round(settings.payment_retry_first * MINUTE),
        retry_longest=round(settings.payment_retry_longest * HOUR),
    )


def rules(settings: Settings) -> Rules:
    """What process managers go by."""
    from application.late_cancellations import Rules

    return Rules(policy(settings), terms(settings))


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
def opened(settings: Settings) -> Iterator[tuple[str, EventStore]]:
    """Open the event store on that database; give its URL, too, for connections of one's own."""
    from application.event_store import EventStore

    with (
        database(settings) as url,
        EventStore.open(
            url, pool_size=settings.database_pool_size, environ=whole_environment()
        ) as store,
    ):
        yield url, store


def intake(settings: Settings, store: EventStore) -> Intake:
    """Make the one way in for messages."""
    from consumers.intake import Intake

    return Intake(store, cached_orders=settings.cached_orders, policy=policy(settings), now=now)


def views(settings: Settings, url: str, store: EventStore) -> Follower:
    """Make the follower that feeds Order Information, Cancelled Orders and Refunds."""
    from application.follow import Pace
    from projections.views import views_follower

    pace = Pace(batch=settings.follow_batch, poll=settings.follow_poll)
    return views_follower(url, store, policy(settings), now, pace)


def dead_limit(settings: Settings) -> DeadLimit:
    """Say when a partition stops because too much of it is dead."""
    from consumers.dead_limit import DeadLimit

    return DeadLimit(share=settings.dead_share, at_least=settings.dead_at_least)


def ingest_loop(settings: Settings, _url: str, store: EventStore) -> Ingest:
    """Make a member of the group that hears messages on Kafka."""
    from consumers.ingest import Ingest

    kafka = brokers.kafka_settings(settings)
    return Ingest(store, intake(settings, store), kafka, dead_limit(settings))


def processes(settings: Settings, url: str, store: EventStore) -> Owner:
    """Make one of those that run process managers and fire deadlines."""
    from application.late_cancellations import Pace
    from application.processing import processes as made

    pace = Pace(settings.process_batch, settings.deadline_batch, settings.follow_poll)
    return made(url, store, rules(settings), now, pace)


def adapter_rules(settings: Settings) -> AdapterRules:
    """Say how what comes from outside is read. Raises BadRules."""
    from consumers.outside.rules import load

    return load(settings.adapter_rules)


def translating(settings: Settings, _url: str, store: EventStore) -> Translating:
    """Make one of those that translate what comes from outside."""
    from consumers.outside.translating import Translating

    kafka = brokers.kafka_settings(settings)
    outside = replace(
        kafka, group=f"{kafka.group}-translate", max_records=min(kafka.max_records, DOCUMENTS)
    )
    way_in = intake(settings, store)
    return Translating(store, way_in, outside, adapter_rules(settings), dead_limit(settings))


def publisher(settings: Settings, url: str, store: EventStore) -> Publisher:
    """Make the relay from the log to the topics."""
    from consumers.publish import Publisher

    kafka = brokers.kafka_settings(settings)
    return Publisher(url, store, kafka, now, poll=settings.follow_poll)


def serving(settings: Settings, url: str, store: EventStore) -> Serving:
    """Make the server of pages and API."""
    from runtime import http

    return http.serving(settings, url, store)


MADE_BY: dict[str, Callable[[Settings, str, EventStore], Running]] = {
    "ingest": ingest_loop,
    "process": processes,
    "project": views,
    "publish": publisher,
    "translate": translating,
    "serve": serving,
}
"""How each role of `runtime.roles` is made, from the settings, the database's URL and the store."""
