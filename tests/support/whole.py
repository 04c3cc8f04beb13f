"""The whole service in the test's process: every role as a thread, on one clock that tests set."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from application import deciding
from application.event_store import EventStore
from application.follow import Pace as ViewsPace
from application.late_cancellations import Pace, Rules
from application.processing import processes
from consumers import decisions
from consumers.dead_limit import DeadLimit
from consumers.ingest import Ingest
from consumers.intake import Intake, note_key
from consumers.kafka import KafkaSettings, Producer
from consumers.partitions import look
from consumers.publish import Publisher
from projections.views import views_follower
from tests.support.following import POLICY, running
from tests.support.saying import Said, channel_of

SECONDS = 120
FOLLOWERS = ("follower/process", "follower/publish", "follower/views")


@dataclass
class Clock:
    """What time it is, in microseconds, until it is set anew."""

    now: int

    def __call__(self) -> int:
        return self.now


@dataclass
class Whole:
    """A running service, the topics it hears, and the clock it goes by."""

    store: EventStore
    kafka: KafkaSettings
    clock: Clock
    heard: list[Said] = field(default_factory=list)

    def hear(self, *messages: Said) -> None:
        """Put messages into their topics, as said now."""
        at = datetime.fromtimestamp(self.clock.now / 1e6, UTC).isoformat().replace("+00:00", "Z")
        with Producer(self.kafka) as producer:
            for message in messages:
                said = {**message, "time": at}
                value = json.dumps(said).encode()
                producer.send(channel_of(said["type"]), said["subject"].encode(), value)
                self.heard.append(said)
            producer.flush()

    def decide(self, order_id: str, **body: Any) -> str:  # noqa: ANN401  # the contract's fields
        """Decide as a seller does; what became of it."""
        placed = deciding.order_of(self.store, order_id).placed
        asked = decisions.read(body)
        command, _ = decisions.command(asked, placed, self.clock.now, note_key(self.store))
        return deciding.decide_case(self.store, order_id, command, POLICY).outcome

    def until_still(self) -> None:
        """Wait until everything is heard, done, told and shown as it is at this moment."""
        end = time.monotonic() + SECONDS
        while not self._is_still():
            assert time.monotonic() < end, (self.store.positions("follower/"), self.store.head())
            time.sleep(0.02)

    def _is_still(self) -> bool:
        """Whether all is done up to an event behind which nothing came while this was looked at."""
        if any(one.lag for one in look(self.store, self.kafka, DeadLimit())):
            return False
        head = self.store.head()
        done = self.store.positions("follower/")
        with self.store.connection() as conn:
            row = conn.execute(
                "SELECT count(*) FROM countermand.processes WHERE due_at <= %s", (self.clock.now,)
            ).fetchone()
        is_done = row == (0,) and all(done.get(name) == head for name in FOLLOWERS)
        return is_done and self.store.head() == head


@contextmanager
def whole(url: str, kafka: KafkaSettings, clock: Clock) -> Iterator[Whole]:
    """Run every role until the block ends."""
    with EventStore.open(url) as store:
        roles = (
            Ingest(store, Intake(store, policy=POLICY, now=clock), kafka),
            processes(url, store, Rules(POLICY), clock, Pace(poll=0.05)),
            Publisher(url, store, kafka, clock, poll=0.05),
            views_follower(url, store, POLICY, clock, ViewsPace(poll=0.05)),
        )
        with running(*roles):
            yield Whole(store, kafka, clock)
