"""CPU time of whole process trees: the client's, the database's and the broker's."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import psutil

Pids = Mapping[str, Sequence[int]]


class Lap(NamedTuple):
    """What was used between two readings: seconds on the clock, and of CPU by part."""

    seconds: float
    cpu: dict[str, float]


class Meter:
    """Reads the clock and the CPU time of trees of processes, by the name of the part."""

    def __init__(self, pids: Pids) -> None:
        self._pids = pids
        self.start()

    def start(self) -> None:
        """Count from here."""
        self._cpu = {part: _used(roots) for part, roots in self._pids.items()}
        self._at = time.perf_counter()

    def lap(self) -> Lap:
        """What was used since the start; it goes on counting."""
        seconds = time.perf_counter() - self._at
        now = {part: _used(roots) for part, roots in self._pids.items()}
        return Lap(seconds, {part: used - self._cpu[part] for part, used in now.items()})


def _used(roots: Sequence[int]) -> float:
    return sum([_tree(psutil.Process(root)) for root in roots])


def _tree(root: psutil.Process) -> float:
    """CPU seconds of a process and all below it, of those that have ended, too.

    A process counts its dead children when it has waited for them, so none is lost or counted
    twice; but for one that dies between two looks.
    """
    used = 0.0
    for process in [root, *root.children(recursive=True)]:
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        used += times.user + times.system + times.children_user + times.children_system
    return used
