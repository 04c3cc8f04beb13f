"""What runs on this machine, to see that nothing is left behind."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import psutil

from tests.support.following import until


def using(folder: Path) -> list[str]:
    """The command lines of all processes that name a folder, or work in it."""
    found = []
    for process in psutil.process_iter():
        try:
            words = process.cmdline()
            where = process.cwd()
        except psutil.Error:
            continue
        if any(str(folder) in word for word in words) or where.startswith(str(folder)):
            found.append(" ".join(words))
    return found


def until_nothing_uses(folder: Path) -> None:
    """Wait until no process works in a folder: who keeps a server ends a moment after its user."""
    until(lambda: using(folder) == [])


def is_alive(process: psutil.Process) -> bool:
    """Whether it has not ended; a killed one ends in a moment, however busy the machine is."""
    with suppress(psutil.NoSuchProcess):
        return process.status() != psutil.STATUS_ZOMBIE
    return False


def kill(process: psutil.Process) -> None:
    """Kill it; a server's children end by themselves, as soon as they miss it."""
    with suppress(psutil.NoSuchProcess):
        process.kill()
