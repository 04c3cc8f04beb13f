"""Ends a process that does not get anywhere any more: its partitions go to another member."""

from __future__ import annotations

import faulthandler
import os
import sys
import threading
from collections.abc import Callable
from typing import Self

EXIT_CODE = 70
TICK = 1.0


class Watchdog:
    """Ends the process, with all stacks on standard error, when `beat` is not called in time.

    Counts its own ticks, so that a process that was frozen or a machine that slept is not ended.
    """

    def __init__(self, seconds: float, end: Callable[[int], None] = os._exit) -> None:
        self._seconds, self._end = seconds, end
        self._silent = 0.0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="watchdog", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()  # else it might set the alarm once more after we have taken it back
        faulthandler.cancel_dump_traceback_later()

    def beat(self) -> None:
        self._silent = 0.0

    def _watch(self) -> None:
        tick = min(TICK, self._seconds / 4)
        while not self._stop.wait(tick):
            # Should C code hold on to the interpreter, nobody gets here: then this one ends us.
            faulthandler.dump_traceback_later(2 * self._seconds, exit=True)
            self._silent += tick
            if self._silent > self._seconds:
                sys.stderr.write(f"ingest: nothing moved for {self._seconds} s; stacks follow\n")
                faulthandler.dump_traceback(all_threads=True)
                self._end(EXIT_CODE)
