"""Three ingest processes, killed and frozen at random while messages flow."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Protocol

from consumers.kafka import KafkaSettings, Producer
from runtime.settings import child_environment
from tests.faults.proof import behind
from tests.faults.worker import POINTS

FROZEN = 10.0
"""Seconds of a freeze: longer than the session timeout, so the group goes on without it."""
OBEYS_WITHIN = 6.0
DRAINED_WITHIN = 300.0
ENDS_WITHIN = 120.0
ROOT = Path(__file__).parents[2]


@dataclass
class Plan:
    """What shall happen. `interval`: seconds between two disturbances on average."""

    kills: int
    freezes: int
    seed: int
    interval: float = 5.0
    rate: int = 400
    """Messages a second."""
    workers: int = 3
    whole: bool = False
    """Send all the messages that there are, also when the last strike was before the last one."""


@dataclass
class Worker:
    """One process, started again when it was killed."""

    folder: Path
    environment: dict[str, str]
    process: subprocess.Popen[bytes] | None = None
    wakes_at: float | None = None

    def start(self) -> None:
        self.folder.mkdir(exist_ok=True)
        for name in ("order", "ready"):
            (self.folder / name).unlink(missing_ok=True)
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.faults.worker", str(self.folder)],
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=log,
            )

    @property
    def runs(self) -> bool:
        return self.process is not None and self.process.poll() is None

    @property
    def ready(self) -> bool:
        return (self.folder / "ready").exists()

    def signal(self, number: signal.Signals) -> None:
        if self.process is not None and self.runs:
            os.kill(self.process.pid, number)

    def gone(self) -> None:
        """Wait until it is dead, so that it is started again."""
        if self.process is not None:
            self.process.wait(ENDS_WITHIN)

    def wants(self, order: str) -> None:
        part = self.folder / "order.part"
        part.write_text(order)
        part.rename(self.folder / "order")

    def done(self) -> list[str]:
        done = self.folder / "done"
        return done.read_text().splitlines() if done.exists() else []

    def log(self) -> str:
        return (self.folder / "log").read_text(errors="replace")


@dataclass
class Report:
    """What happened."""

    sent: int = 0
    kills: int = 0
    freezes: int = 0
    by_point: Counter[str] = field(default_factory=Counter)
    stale: int = 0
    done_again: int = 0
    exit_codes: list[int] = field(default_factory=list)

    @property
    def in_hand(self) -> int:
        """Kills with a batch in hand."""
        return self.by_point["kill polled"] + self.by_point["kill inside"]


class Sent(Protocol):
    """A message that can be sent."""

    @property
    def topic(self) -> str: ...
    @property
    def key(self) -> bytes: ...
    @property
    def value(self) -> bytes: ...


class Storm:
    """Runs a plan. `say` is told each disturbance."""

    def __init__(
        self,
        plan: Plan,
        folder: Path,
        database_url: str,
        kafka: KafkaSettings,
        messages: Iterator[Sent],
    ) -> None:
        self._plan, self._kafka, self._messages = plan, kafka, messages
        self._random = random.Random(plan.seed)
        environment = child_environment(
            database_url=database_url,
            kafka_bootstrap_servers=kafka.bootstrap,
            topic_prefix=kafka.topics.prefix,
            kafka_group=kafka.group,
            kafka_session_timeout="6",
            batch="500",
            dead_at_least="100000",
        )
        self.workers = [Worker(folder / f"worker{n}", environment) for n in range(plan.workers)]
        self.report = Report()

    def run(self) -> Report:
        """Blow, then let the workers finish what there is. Raises when they do not."""
        for worker in self.workers:
            worker.start()
        try:
            with Producer(self._kafka) as producer:
                self._blow(producer)
            self._calm()
        finally:
            self._end()
        self._count()
        return self.report

    def _blow(self, producer: Producer) -> None:
        todo = ["kill"] * self._plan.kills + ["freeze"] * self._plan.freezes
        self._random.shuffle(todo)
        began = time.monotonic()
        strikes_at = began + 5.0  # let them join first
        while todo:
            self._send(producer, began)
            self._mend()
            if time.monotonic() >= strikes_at:
                self._strike(todo.pop())
                strikes_at += self._random.expovariate(1 / self._plan.interval)
            time.sleep(0.05)
        if self._plan.whole:
            self._send_up_to(producer, sys.maxsize)
        producer.flush()

    def _send(self, producer: Producer, began: float) -> None:
        due = int((time.monotonic() - began) * self._plan.rate)
        self._send_up_to(producer, max(self.report.sent, due))

    def _send_up_to(self, producer: Producer, number: int) -> None:
        for message in islice(self._messages, number - self.report.sent):
            producer.send(message.topic, message.key, message.value)
            self.report.sent += 1

    def _strike(self, what: str) -> None:
        ready = [one for one in self.workers if one.runs and one.ready and one.wakes_at is None]
        if not ready:
            return self._strike_later(what)
        worker = self._random.choice(ready)
        # Most strikes hit a batch in hand; the others come whenever they come.
        if self._random.random() < 0.7:
            point = self._random.choices(POINTS, (4, 4, 1))[0]
            worker.wants(f"{what} {point}")
            if self._obeyed(worker, what):
                return None
            (worker.folder / "order").unlink(missing_ok=True)
        worker.signal(signal.SIGKILL if what == "kill" else signal.SIGSTOP)
        self._note(worker, what)
        return None

    def _strike_later(self, what: str) -> None:
        self._mend(wait=True)
        time.sleep(0.2)
        self._strike(what)

    def _obeyed(self, worker: Worker, what: str) -> bool:
        before, deadline = len(worker.done()), time.monotonic() + OBEYS_WITHIN
        while time.monotonic() < deadline:
            if len(worker.done()) > before or not (worker.folder / "order").exists():
                self._note(worker, what)
                return True
            time.sleep(0.02)
        return False

    def _note(self, worker: Worker, what: str) -> None:
        if what == "kill":
            self.report.kills += 1
            worker.gone()
        else:
            self.report.freezes += 1
            worker.wakes_at = time.monotonic() + FROZEN

    def _mend(self, *, wait: bool = False) -> None:
        """Start again who was killed, wake who was frozen for long enough."""
        for worker in self.workers:
            if worker.wakes_at is not None:
                if wait:
                    time.sleep(max(0.0, worker.wakes_at - time.monotonic()))
                if time.monotonic() >= worker.wakes_at:
                    worker.signal(signal.SIGCONT)
                    worker.wakes_at = None
            elif not worker.runs:
                worker.start()

    def _calm(self) -> None:
        """Wait until everything that was sent is recorded."""
        deadline = time.monotonic() + DRAINED_WITHIN
        while left := behind(self.workers[0].environment, self._kafka):
            if time.monotonic() > deadline:
                raise AssertionError(f"{left} records were not recorded in time")
            self._mend()
            time.sleep(0.2)
        self._mend(wait=True)

    def _end(self) -> None:
        deadline = time.monotonic() + ENDS_WITHIN
        for worker in self.workers:
            worker.signal(signal.SIGCONT)
            while worker.runs and not worker.ready and time.monotonic() < deadline:
                time.sleep(0.05)
            worker.signal(signal.SIGTERM)
        for worker in self.workers:
            if worker.process is not None:
                try:
                    self.report.exit_codes.append(worker.process.wait(ENDS_WITHIN))
                except subprocess.TimeoutExpired:
                    worker.process.kill()
                    self.report.exit_codes.append(worker.process.wait())

    def _count(self) -> None:
        for worker in self.workers:
            self.report.by_point.update(worker.done())
            self.report.stale += worker.log().count("a batch is dropped: position")
            self.report.done_again += worker.log().count("a batch is done again")
