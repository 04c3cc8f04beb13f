"""What the service does, as calls: run a role, take a file in, rebuild, replay."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from runtime import logs, wiring
from runtime.cli_answers import OUR_FAULT
from runtime.settings import Settings, child_environment, written

if TYPE_CHECKING:
    from application.event_store import EventStore
    from audit.replay import Replay
    from consumers.batch import Said
    from consumers.dead_letters import Letter
    from consumers.intake import Intake, Taken
    from projections.rebuild import Rebuilt

HELPED_FROM = 6_000
"""Lines from which on a second process follows the log while we record."""

BATCH_BYTES = 8_000_000
"""Of lines decided in one transaction, about, at most: as much as one fetch from Kafka brings."""

BATCH_SECONDS = 0.5
"""How long the first line of a pipe waits for more to come."""

_LOG = logging.getLogger(__name__)

FATES = ("recorded", "repeated", "refused", "parked", "dead")
"""What can become of a message, as the answers name it."""


class Tally:
    """Counts lines by what has become of them by now: a released one no longer counts as parked."""

    def __init__(self) -> None:
        self.counts = dict.fromkeys(FATES, 0)
        self._parked: Counter[tuple[str, str | None, str | None]] = Counter()

    def add(self, said: Sequence[Said], taken: Taken) -> None:
        for one, outcome in zip(said, taken.outcomes, strict=True):
            self.counts[outcome] += 1
            if outcome == "parked":
                self._parked[str(one.order_id), one.source, one.message_id] += 1
        for released in taken.released:
            key = (released.order_id, released.source, released.message_id)
            if self._parked[key]:  # others were parked before this run
                self._parked[key] -= 1
                self.counts["parked"] -= 1
                self.counts[released.outcome] += 1


def never(_: float) -> bool:
    """Say that lines come without end."""
    return False


def ingest(
    settings: Settings,
    lines: Iterable[bytes],
    moved: Callable[[], object],
    is_silent: Callable[[float], bool] = never,
) -> tuple[dict[str, int], int]:
    """Take lines in and bring the views up to date; return the five counts and the position."""
    with wiring.opened(settings) as (url, store), ExitStack() as stack:

        def call_for_help() -> None:
            stack.enter_context(_helper(settings))

        batches = _and_call(batched(lines, settings.batch, is_silent), HELPED_FROM, call_for_help)
        tally = _take(wiring.intake(settings, store), batches, moved)
        # Waits for whoever follows the log: a service, the helper, or else it is us.
        position = wiring.views(settings, url, store).catch_up()
    return tally.counts, position


def _and_call(
    batches: Iterable[list[bytes]], when: int, call: Callable[[], None]
) -> Iterator[list[bytes]]:
    """Pass batches on, and call once when so many lines have passed and there are more."""
    passed = 0
    for batch in batches:
        if passed < when <= passed + len(batch):
            call()
        passed += len(batch)
        yield batch


@contextmanager
def _helper(settings: Settings) -> Iterator[None]:
    """Follow the log in another process meanwhile, on another core."""
    environment = child_environment(**written(settings) | {"log_level": "error"})
    with subprocess.Popen(  # noqa: S603
        role_command("project"),
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    ) as helper:
        try:
            yield
        finally:
            helper.terminate()


def _take(intake: Intake, batches: Iterable[list[bytes]], moved: Callable[[], object]) -> Tally:
    from consumers.cloudevents import Incoming

    tally = Tally()
    for batch in batches:
        records = [Incoming(line) for line in batch]
        said = intake.hear(records)
        tally.add(said, intake.record(records, said))
        moved()
    return tally


def batched(
    lines: Iterable[bytes], size: int, is_silent: Callable[[float], bool] = never
) -> Iterator[list[bytes]]:
    """Cut lines into batches of `size`, or fewer where they are long: a batch stays in memory.

    Or where no more come (`is_silent`) until `BATCH_SECONDS` after the first: they are not kept
    waiting.
    """
    batch: list[bytes] = []
    room = BATCH_BYTES
    until = 0.0
    for line in lines:
        until = until if batch else time.monotonic() + BATCH_SECONDS
        batch.append(line)
        room -= len(line)
        full = room <= 0 or len(batch) == size
        if full or is_silent(until - time.monotonic()):
            yield batch
            batch, room = [], BATCH_BYTES
    if batch:
        yield batch


def rebuild(settings: Settings, moved: Callable[[int, int], None]) -> Rebuilt:
    """Make the views again beside the live ones and swap them; `moved` hears done and total."""
    from projections.rebuild import rebuild as anew

    with wiring.opened(settings) as (url, store):
        return anew(url, store, wiring.policy(settings), wiring.now, moved)


@contextmanager
def replay(settings: Settings, moved: Callable[[int, int], None]) -> Iterator[Replay]:
    """Open a replay; its differences are found while they are read."""
    from audit.replay import Replay

    with wiring.opened(settings) as (_, store):
        yield Replay(store, wiring.policy(settings), moved)


def hear_again(settings: Settings, store: EventStore, letter: Letter) -> str:
    """Hear a dead letter again, by the one way in; return what became of it."""
    from consumers import dead_letters
    from consumers.topics import OUTSIDE, Topics

    topics = Topics(settings.topic_prefix)
    outside = topics._replace(channels=OUTSIDE).channel(letter.topic or "")
    if outside is not None:
        return _translate_again(settings, store, letter, outside)
    again = dead_letters.heard_again(letter, topics.channel(letter.topic or ""))
    outcomes = wiring.intake(settings, store).take(again).outcomes
    return "dead" if "dead" in outcomes else outcomes[0]


def _translate_again(settings: Settings, store: EventStore, letter: Letter, channel: str) -> str:
    """Translate a letter from outside by the rules as they are now, and take what it says."""
    from consumers import dead_letters
    from consumers.outside.translating import translated_again

    again = dead_letters.heard_again(letter, channel)
    rules = wiring.adapter_rules(settings)
    return translated_again(store, wiring.intake(settings, store), rules, again)


def run_one(settings: Settings, role: str, *, while_stdin: bool) -> int:
    """Run a role in this process until SIGTERM or Ctrl-C; the exit code.

    `while_stdin`: also until standard input is closed.
    """
    logs.configure(settings.log_level, settings.log_format, role)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    if while_stdin:
        threading.Thread(target=_until_closed, args=(stop,), daemon=True).start()
    _LOG.info("started")
    with wiring.opened(settings) as (url, store):
        wiring.MADE_BY[role](settings, url, store).run(stop)
    _LOG.info("stopped")
    return 0


def _until_closed(stop: threading.Event) -> None:
    # Not through sys.stdin: its lock, held by a thread at the end, aborts the interpreter.
    while os.read(0, 4096):
        pass
    stop.set()


def run_all(settings: Settings, roles: Sequence[str]) -> int:
    """Run each role as a process of its own; when one ends, all do, and so do we with its code.

    A supervisor (systemd, Docker) starts us again: a role that ended unasked gives no 0.
    """
    logs.configure(settings.log_level, settings.log_format)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    running = {role: _start(role) for role in roles}
    _LOG.info("started %s", ", ".join(f"{role} (pid {p.pid})" for role, p in running.items()))
    ended: int | None = None
    while ended is None and not stop.wait(0.2):
        ended = next((code for p in running.values() if (code := p.poll()) is not None), None)
    for process in running.values():
        process.terminate()
    codes = {role: process.wait() for role, process in running.items()}
    _LOG.info("stopped", extra={"codes": codes})
    if ended is not None:
        return abs(ended) or OUR_FAULT
    return next((abs(code) for code in codes.values() if code), 0)


def _start(role: str) -> subprocess.Popen[bytes]:
    # In a session of its own, so that Ctrl-C reaches it through us, once.
    return subprocess.Popen(  # noqa: S603
        role_command(role), stdin=subprocess.PIPE, start_new_session=True
    )


def role_command(role: str) -> list[str]:
    """The command of a role that ends with its parent, whose end closes its standard input."""
    return [sys.executable, "-P", "-m", "runtime.cli", "run", "--while-stdin", "--role", role]
