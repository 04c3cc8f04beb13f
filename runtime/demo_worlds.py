"""The world around the demo: one that reacts, over Kafka, or one that tells what it would."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from runtime import simulate, telling, wiring
from runtime.settings import Settings
from runtime.simulate import Outgoing
from runtime.world import standing
from runtime.world.habits import Habits, World
from runtime.world.supervisor import Live

if TYPE_CHECKING:
    from application.event_store import EventStore

WATCHED, HURRIED = 30_000.0, 75_000.0
"""How many times faster time goes in the world, while somebody watches and while nobody does."""


PER_DAY = 40.0
PATIENCE_SECONDS = 4.0
"""How long the demo waits, when the goods are at rest, for something more to be settled."""

HABITS = Habits(
    cancel=0.75,
    crossings=0.3,
    late=0.25,
    refusals=0.92,
    failed_attempts=0.15,
    lost=0.04,
    short_returns=0.06,
    damaged_returns=0.06,
    silent_warehouse=0.1,
    too_late=0.2,
    failed_payments=0.1,
    silent_payments=0.05,
    duplicates=0.03,
)

TOLD = simulate.World(
    seed=39,
    in_flight=15,
    lines_per_order=(1, 3),
    units_per_line=(1, 4),
    currencies=("EUR",) * 6 + ("GBP", "JPY"),
    cancel=0.75,
    crossings=0.45,
    refusals=0.95,
    released=0.4,
    withdrawals=0.05,
    too_late=0.05,
    duplicates=0.03,
    out_of_order=0.03,
    broken=0.015,
)
TOLD_WATCHED, TOLD_HURRIED = 9.0, 30.0
"""Messages that a world which only tells says in a second, watched and not."""
SO_FAR = 0.88
"""How much of its story it tells: at the very end nothing would be held or on its way."""


def speed(*, watched: bool) -> float:
    return WATCHED if watched else HURRIED


class Playing(Protocol):
    """A world while it plays."""

    title: str

    def goes_on(self) -> bool:
        """Whether more is to come. Raises what went wrong in it."""

    def books(self) -> dict[str, Any] | None:
        """The payment provider's own books; none: there is no provider."""


class Lived:
    """Programs that react to what the service publishes."""

    title = "Buyers, a warehouse, a carrier and a payment provider live through {orders} orders"

    def __init__(self, live: Live, folder: Path) -> None:
        self._live = live
        self._folder = folder
        self._settled = 0
        self._since = time.monotonic()

    def goes_on(self) -> bool:
        self._live.see_that_all_run()
        stands = self._live.standing()
        if not stands.at_rest or stands.settled != self._settled:
            self._settled, self._since = stands.settled, time.monotonic()
        return not stands.is_over and time.monotonic() - self._since < PATIENCE_SECONDS

    def books(self) -> dict[str, Any] | None:
        return standing.paid(self._folder)


class Told:
    """Messages that would have been told, one after the other, whatever the service says."""

    title = "A small world tells its messages of {orders} orders"

    def __init__(self, thread: threading.Thread, failed: list[BaseException]) -> None:
        self._thread = thread
        self._failed = failed

    def goes_on(self) -> bool:
        self._thread.join(0.01)
        if self._failed:
            raise self._failed[0]
        return self._thread.is_alive()

    def books(self) -> dict[str, Any] | None:
        return None


@contextmanager
def lived(own: Settings, made: Path, seed: int, orders: int, *, watched: bool) -> Iterator[Playing]:
    """Let a world live beside the service; its processes end before the parts they talk to."""
    pace = speed(watched=watched)
    world = World(seed=seed, orders=orders, per_day=PER_DAY, speed=pace, habits=HABITS)
    with Live(world, made / "world", own) as live:
        yield Lived(live, made / "world")


@contextmanager
def told(
    own: Settings, store: EventStore, seed: int, orders: int, *, watched: bool
) -> Iterator[Playing]:
    """Tell a world's messages in a thread, as from a file."""
    messages = list(simulate.messages(replace(TOLD, seed=seed, orders=orders)))
    paced = telling.paced(
        messages[: round(len(messages) * SO_FAR)], TOLD_WATCHED if watched else TOLD_HURRIED
    )
    enough = threading.Event()
    until_enough = itertools.takewhile(lambda _: not enough.is_set(), paced)
    failed: list[BaseException] = []
    thread = threading.Thread(target=_take, args=(own, store, until_enough, failed), daemon=True)
    thread.start()
    try:
        yield Told(thread, failed)
    finally:
        enough.set()
        thread.join()


def _take(
    own: Settings, store: EventStore, stream: Iterator[Outgoing], failed: list[BaseException]
) -> None:
    from consumers.cloudevents import Incoming

    try:
        intake = wiring.intake(own, store)
        for message in stream:
            if message.trouble != "wrong_topic":  # a file has no topics
                intake.take([Incoming(message.value)])
    except Exception as error:  # noqa: BLE001  # the watching thread raises it
        failed.append(error)
