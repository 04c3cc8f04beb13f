"""The service and a reacting world as processes, over real Kafka, any of which can be held.

A process that is held neither works nor hears, until it is let go: what one side does not know yet
stays so for as long as a test looks at it.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from consumers.kafka import KafkaSettings
from runtime import demo_parts
from runtime.settings import Settings
from runtime.world.habits import World
from runtime.world.supervisor import Live
from tests.support.following import until
from tests.support.topics_out import said

ROLES = ["ingest", "process", "project", "publish", "serve"]
PARTITIONS = 2
SECONDS = 120


@dataclass
class Held:
    """A service, the world around it, and where its pages are."""

    base: str
    kafka: KafkaSettings
    pids: dict[str, int]

    def hold(self, name: str) -> None:
        os.kill(self.pids[name], signal.SIGSTOP)

    def let_go(self, name: str) -> None:
        os.kill(self.pids[name], signal.SIGCONT)

    def until_said(self, kind: str, channel: str = "warehouse") -> None:
        """Wait until a message of that type is in its topic, whoever has heard it."""
        until(lambda: any(one["type"] == kind for one in said(self.kafka, channel)), SECONDS)


@contextmanager
def held_world(url: str, kafka: KafkaSettings, world: World, made: Path) -> Iterator[Held]:
    """Run it all; at the end everybody is let go, and told to stop."""
    own = Settings.model_construct(
        database_url=SecretStr(url),
        data_dir=made,
        kafka_bootstrap_servers=kafka.bootstrap,
        partitions=PARTITIONS,
        topic_prefix=kafka.topics.prefix,
        kafka_group=kafka.group,
        kafka_session_timeout=kafka.session_timeout,
        http_bind=demo_parts.free_address("127.0.0.1:0"),
    )
    with demo_parts.roles(made, own, ROLES) as roles:
        until(lambda: demo_parts.answers_at(own.http_bind), SECONDS)
        with Live(world, made / "world", own) as live:
            pids = {role.name: role.pid for role in roles}
            pids |= {one.name: one.pid for one in live.processes if one.pid is not None}
            held = Held(f"http://{own.http_bind}", kafka, pids)
            try:
                yield held
            finally:
                for name in pids:
                    held.let_go(name)
