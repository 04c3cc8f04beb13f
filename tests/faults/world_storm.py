"""The service and a reacting world on real parts, every process killed at random meanwhile."""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from application import deadlines
from application.event_store import EventStore
from consumers import dead_letters
from consumers.kafka import KafkaSettings
from domain.late_cancellation import Process as Manager
from domain.late_cancellation import evolve as evolve_manager
from domain.order import Order, evolve
from domain.process_events import ProcessEvent
from runtime import live, service, standing
from runtime.settings import Settings
from runtime.world.habits import World
from runtime.world.standing import summary
from runtime.world.supervisor import Live, Process
from tests.support.ended_well import Ends, ends, judge

ROLES = ("ingest", "ingest", "process", "process", "project", "publish", "publish")
"""What runs of ours; of two that cannot share the work, one waits to take over."""
QUIET_SECONDS = 400.0
LOOK_SECONDS = 0.25


@dataclass(frozen=True)
class Plan:
    """What shall happen. `interval`: seconds between two kills on average; none: nobody dies."""

    world: World
    interval: float | None = None
    kills: int = 10**9
    """At most."""
    roles: tuple[str, ...] = ROLES
    pace: float | None = None
    """How fast the service's deadlines are; none: as the world."""
    patience: float = 40.0
    longest: float = 1_800.0


@dataclass
class Report:
    """What happened."""

    seconds: float = 0.0
    kills: Counter[str] = field(default_factory=Counter)
    ended: bool = False
    world: dict[str, Any] = field(default_factory=dict)
    exit_codes: dict[str, int | None] = field(default_factory=dict)


class WorldStorm:
    """Runs a plan. `say` hears now and then how far it is."""

    def __init__(
        self,
        plan: Plan,
        folder: Path,
        database_url: str,
        kafka: KafkaSettings,
        say: Callable[[str], None],
    ) -> None:
        self._plan, self._folder, self._say = plan, folder, say
        self._database_url = database_url
        loaded = Settings.model_construct(
            database_url=SecretStr(database_url),
            data_dir=folder,
            kafka_bootstrap_servers=kafka.bootstrap,
            topic_prefix=kafka.topics.prefix,
            kafka_group=kafka.group,
            kafka_session_timeout=6.0,
            log_level="warning",
            log_format="json",
        )
        self._settings = live.at_the_pace_of(plan.pace or plan.world.speed, loaded)
        self._random = random.Random(plan.world.seed)
        self._ours = [
            Process(f"{role}-{number}", service.role_command(role), folder, self._settings)
            for number, role in enumerate(plan.roles)
        ]
        self.report = Report()

    def run(self) -> Report:
        """Let the world live in the storm, then let the service bring all to its end."""
        began = time.monotonic()
        try:
            self._see_that_ours_run()
            with Live(self._plan.world, self._folder / "world", self._settings) as world:
                self.report.ended = self._blow(world)
                self._calm(world)
        finally:
            self._stop()
        self.report.seconds = round(time.monotonic() - began, 1)
        self.report.world = summary(self._plan.world, self._folder / "world")
        return self.report

    def _see_that_ours_run(self) -> None:
        for process in self._ours:
            process.see_that_it_runs()

    def _blow(self, world: Live) -> bool:
        strikes_at = time.monotonic() + 5.0
        said_at = 0.0

        def moved(settled: int) -> None:
            nonlocal strikes_at, said_at
            self._see_that_ours_run()
            now = time.monotonic()
            if self._plan.interval and now >= strikes_at:
                self._strike([*self._ours, *world.processes])
                strikes_at = now + self._random.expovariate(1 / self._plan.interval)
            if now >= said_at:
                self._say(f"{settled} settled, {self.report.kills.total()} kills")
                said_at = now + 10

        limits = live.Limits(self._plan.longest, self._plan.patience)
        return live.wait_for_the_end(world, limits, moved)

    def _strike(self, processes: list[Process]) -> None:
        running = [process for process in processes if process.pid is not None]
        victim = self._random.choice(running)
        if victim.pid is not None and self.report.kills.total() < self._plan.kills:
            os.kill(victim.pid, signal.SIGKILL)
            self.report.kills[victim.name] += 1

    def _calm(self, world: Live) -> None:
        """Wait until everything is read, and nothing waits but for a person."""
        until = time.monotonic() + QUIET_SECONDS
        with EventStore.open(self._database_url) as store:
            while not self._is_at_rest(store):
                assert time.monotonic() < until, f"no rest: {deadlines.counted(store)}"
                self._see_that_ours_run()
                world.see_that_all_run()
                time.sleep(LOOK_SECONDS)

    def _is_at_rest(self, store: EventStore) -> bool:
        waits = deadlines.counted(store)
        return waits.open == waits.overdue and not standing.unread(self._settings, store)

    def _stop(self) -> None:
        for process in self._ours:
            process.ask_to_stop()
        self.report.exit_codes = {process.name: process.wait() for process in self._ours}


def read_log(store: EventStore) -> tuple[list[Order], dict[str, Manager | None]]:
    """Every order and its process, folded from the log."""
    orders: dict[Any, Order] = {}
    processes: dict[str, Manager | None] = {}
    for page in store.scan():
        for one in page:
            event = one.event
            if isinstance(event, ProcessEvent):
                before = processes.get(event.order_id)
                processes[event.order_id] = evolve_manager(before, event)
            else:
                orders[one.stream_id] = evolve(orders.get(one.stream_id), event)
    return list(orders.values()), processes


def proved(store: EventStore, report: Report, most_waiting: float) -> Ends:
    """Hold what must hold. Raises AssertionError."""
    found = ends(*read_log(store))
    assert found.orders == report.world["orders"], "every order was placed"
    assert dead_letters.counted(store).get("open", 0) == 0
    judge(found, report.world["refunds"], most_waiting)
    return found
