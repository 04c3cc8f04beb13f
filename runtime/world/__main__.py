"""One program of the world as a process: `python -m runtime.world NAME FOLDER`.

Kafka comes from the settings. It ends when asked to, and when its standard input is closed: the
one who started it is gone.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
from pathlib import Path

from consumers.kafka import KafkaRefused, KafkaUnavailable
from runtime import brokers, logs, settings
from runtime.world import loop

_LOG = logging.getLogger(__name__)
GAVE_UP = 69
"""The exit code where Kafka does not answer."""


def main() -> int:
    name, folder = sys.argv[1:]
    loaded = settings.load()
    logs.configure(loaded.log_level, loaded.log_format, f"world.{name}")
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    threading.Thread(target=_until_closed, args=(stop,), daemon=True).start()
    try:
        loop.run(name, Path(folder), brokers.kafka_settings(loaded), stop)
    except (KafkaUnavailable, KafkaRefused) as error:
        _LOG.warning("%s", error)
        return GAVE_UP
    return 0


def _until_closed(stop: threading.Event) -> None:
    # Not through sys.stdin: its lock, held by a thread at the end, aborts the interpreter.
    while os.read(0, 4096):
        pass
    stop.set()


if __name__ == "__main__":
    sys.exit(main())
