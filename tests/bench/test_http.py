"""`bench http` asks everybody for everything, and what it says adds up. No timing is asserted."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
SMALL = ["--rounds", "1", "--seconds", "0.1", "--orders", "100", "--connections", "2", "--times"]


@pytest.mark.timeout(600)  # ten seconds on cores that nobody else uses
def test_everybody_answers_and_every_page_begins(tmp_path: Path) -> None:
    file = tmp_path / "figures.json"
    command = [sys.executable, "-m", "bench", "http", *SMALL, "2", "--json", str(file)]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)

    found: dict[str, Any] = json.loads(file.read_text())
    contenders = {(one["work"], one["contender"]) for one in found["medians"]}
    assert contenders == {
        (work, name)
        for work in ("order", "list", "cancel")
        for name in ("ours, tokens", "ours, open", "bare handler", "one statement")
    }
    for one in found["medians"]:
        assert one["answers"] > 0
        assert 0 < one["p50_ms"] <= one["p99_ms"]
    assert [page["page"] for page in found["pages"]] == [
        "start",
        "my orders",
        "order",
        "at the door",
        "cancel",
        "cancelled orders",
        "cases",
        "refunds",
        "operations",
        "story",
    ]
    for page in found["pages"]:
        assert page["ratio"] == page["ours"] / page["bare"]
    for name in (*found["ratios"], "under 3 times a bare page"):
        assert name in done.stdout
