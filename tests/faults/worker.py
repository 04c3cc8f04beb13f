"""One `countermand run --role ingest`, made to die or to freeze at named points of its loop.

The settings come from the environment as usual. The one argument is a folder: a file `order` in
it says "kill POINT" or "freeze POINT", once; `done` gets a line when it is obeyed. A file `ready`
says that the process can be asked to stop.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from pathlib import Path

from consumers.ingest import Ingest
from consumers.intake import Intake
from runtime import brokers, logs, settings, wiring

SIGNALS = {"kill": signal.SIGKILL, "freeze": signal.SIGSTOP}
POINTS = ("polled", "inside", "committed")
"""Batch in hand; everything written but not committed; committed but not told to anybody."""


class Orders:
    """What the storm wants of this process."""

    def __init__(self, folder: Path) -> None:
        self._order, self._done = folder / "order", folder / "done"

    def ready(self) -> None:
        """Say that we can be asked to stop."""
        self._done.with_name("ready").touch()

    def reached(self, point: str) -> None:
        try:
            told = self._order.read_text().split()
        except FileNotFoundError:
            return
        if len(told) == 2 and told[1] == point:
            self._order.unlink()
            with self._done.open("a") as done:
                done.write(f"{told[0]} {point}\n")
            os.kill(os.getpid(), SIGNALS[told[0]])


def main() -> None:
    orders = Orders(Path(sys.argv[1]))
    loaded = settings.load()
    logs.configure(loaded.log_level, "json", "ingest")
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    orders.ready()
    with wiring.opened(loaded) as (_, store):
        intake = Intake(store, inside=lambda: orders.reached("inside"))
        kafka = brokers.kafka_settings(loaded)
        ingest = Ingest(store, intake, kafka, wiring.dead_limit(loaded), at=orders.reached)
        ingest.run(stop)


if __name__ == "__main__":
    main()
