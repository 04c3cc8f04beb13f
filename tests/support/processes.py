"""What runs on this machine, to see that nothing is left behind."""

from __future__ import annotations

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
