"""A process that does not get anywhere is ended, with its stacks; one that was frozen is not."""

from __future__ import annotations

import signal
import subprocess
import sys
import time

import pytest

from consumers.watchdog import EXIT_CODE

STUCK = """
import time
from consumers.watchdog import Watchdog
def this_never_returns():
    {body}
with Watchdog({seconds}) as dog:
    print("begun", flush=True)
    this_never_returns()
"""
SECONDS = 120


def run(body: str, seconds: float) -> subprocess.Popen[str]:
    program = STUCK.format(body=body, seconds=seconds)
    return subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


@pytest.mark.parametrize("body", ["time.sleep(60)", "while True: pass"], ids=["waits", "spins"])
def test_a_stuck_process_ends_with_its_stacks(body: str) -> None:
    process = run(body, 2)
    _, said = process.communicate(timeout=SECONDS)
    assert process.returncode == EXIT_CODE
    assert "this_never_returns" in said


def test_a_process_that_was_frozen_is_not_ended() -> None:
    process = run("time.sleep(1)", 3)
    assert process.stdout is not None
    process.stdout.readline()
    process.send_signal(signal.SIGSTOP)
    time.sleep(4)  # frozen for longer than its dog would wait
    process.send_signal(signal.SIGCONT)
    process.communicate(timeout=SECONDS)
    assert process.returncode == 0


def test_a_process_that_moves_is_left_alone() -> None:
    process = run("[(dog.beat(), time.sleep(0.05)) for _ in range(80)]", 3)
    said = process.communicate(timeout=SECONDS)
    assert (process.returncode, *said) == (0, "begun\n", "")
