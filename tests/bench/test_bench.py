"""The bench runs every contender on real parts, and what it says adds up. No timing is asserted."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import psutil
import pytest

from bench.figures import Figure, Target, judged, medians, ratios
from tests.support.following import until

pytestmark = pytest.mark.timeout(900)  # half a minute on cores that nobody else uses

ROOT = Path(__file__).parents[2]
SMALL = ["--messages", "2000", "--plain-messages", "50", "--batch", "500", "--rounds", "1"]


def command(*options: str) -> list[str]:
    return [sys.executable, "-m", "bench", "ingest", *SMALL, *options]


def test_every_contender_takes_all_messages(tmp_path: Path) -> None:
    file = tmp_path / "figures.json"
    done = subprocess.run(
        command("--json", str(file)), cwd=ROOT, check=True, capture_output=True, text=True
    )
    answer: dict[str, Any] = json.loads(file.read_text())
    assert {name: one["messages"] for name, one in answer["medians"].items()} == {
        "file": 2000,
        "array inserts": 2000,
        "plain library": 50,
        "kafka x1": 2000,
        "kafka x2": 2000,
        "kafka streams": 2000,
    }
    assert {target["wanted"] for target in answer["targets"]} == {30.0, 0.4, 1.0}
    assert len(answer["ratios"]) == 3
    for name in answer["ratios"]:
        assert name in done.stdout


def test_an_interrupted_bench_leaves_nothing_behind(tmp_path: Path) -> None:
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    with subprocess.Popen(
        command("--no-kafka"), cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        wait_for(process.stderr, "file:")
        process.send_signal(signal.SIGTERM)
        process.stderr.read()
    assert process.returncode == 130
    until(lambda: left_over(tmp_path) == [])


def wait_for(lines: Any, word: str) -> None:  # noqa: ANN401
    said = []
    for line in lines:
        if line.startswith(word):
            return
        said.append(line)
    pytest.fail(f"the bench ended without a line {word}: {''.join(said)}")


def left_over(folder: Path) -> list[str]:
    running = [
        " ".join(process.info["cmdline"] or ())
        for process in psutil.process_iter(["cmdline"])
        if any(str(folder) in word for word in process.info["cmdline"] or ())
    ]
    return running + [str(file) for file in folder.iterdir()]


def test_a_rate_is_the_median_of_the_rounds_and_a_peer_counts_after_its_warm_up() -> None:
    rounds = [figure("ours", seconds) for seconds in (1.0, 4.0, 2.0)]
    rounds += [figure("theirs", 1.0, after_warm_up=rate) for rate in (400.0, 500.0, 900.0)]
    found = medians(rounds)
    targets = [Target("ours", "theirs", 0.1), Target("ours", "nobody", 9.0)]
    assert (found["ours"].per_second, found["ours"].lowest, found["ours"].highest) == (50, 25, 100)
    assert ratios(found, targets) == {"ours / theirs": 0.1}
    assert judged(found, targets) == "ours / theirs = 0.10  (to reach 0.1: yes)"


def figure(name: str, seconds: float, after_warm_up: float | None = None) -> Figure:
    return Figure(name, 100, seconds, {"client": 1.0}, after_warm_up)


def test_every_deadline_of_a_bench_fires_once() -> None:
    """The bench itself looks whether it did."""
    few = ["--deadlines", "200", "--rounds", "1", "--json"]
    said = subprocess.run(
        [sys.executable, "-m", "bench", "deadlines", *few],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    found = json.loads(said)
    assert list(found["medians"]) == ["two processes", "one process", "row by row"]
    assert list(found["next_due_us"]) == ["2", "200"]


def test_the_stages_of_a_message_are_timed_one_by_one() -> None:
    said = subprocess.run(
        [sys.executable, "-m", "bench", "stages", "--passes", "1", "--json"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    assert list(json.loads(said)) == [
        "hear",
        "decide",
        "encode",
        "decode",
        "fold",
        "derive",
        "rows and JSON",
    ]
