"""What runs on this machine, to see that nothing is left behind."""

from __future__ import annotations

from pathlib import Path

import psutil


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
