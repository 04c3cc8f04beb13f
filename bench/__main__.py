"""`python -m bench [NAME ...]`: what is measured, side by side with its peers.

Without a name all of them, one after the other. Options behind a name go to that one.
"""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
NAMES = tuple(
    name
    for name in ("ingest", "http", "rebuild", "deadlines", "stages")
    if (HERE / f"{name}.py").is_file()
)


def main(words: list[str]) -> int:
    """Run what is named, each in a process of its own; the exit code of the first that fails."""
    name, options = (words[0], words[1:]) if words and words[0] in NAMES else ("", words)
    if options and not name:
        names = " | ".join(NAMES)
        print(f"usage: python -m bench [{names}] [--help | OPTIONS]", file=sys.stderr)
        return 2
    for one in [name] if name else NAMES:
        if code := run([sys.executable, "-m", f"bench.{one}", *options]):
            return code
    return 0


def run(command: list[str]) -> int:
    """Run it to its end; being asked to stop is passed on, so that it stops what it started."""
    process = subprocess.Popen(command, start_new_session=True)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: process.send_signal(signal.SIGINT))
    return process.wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
