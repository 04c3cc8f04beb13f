"""The command `countermand`, run as people run it: a process of its own."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from runtime.cli import main

ROOT = Path(__file__).resolve().parents[2]
ONLINE_RETAIL = ROOT / "tests" / "data" / "online-retail"
SECONDS = 240
"""The longest that a command is waited for: the machine may be slow, and busy."""


class Said(NamedTuple):
    """What a command answered."""

    code: int
    out: str
    err: str

    def json(self) -> Any:  # noqa: ANN401
        return json.loads(self.out)

    def json_lines(self) -> list[Any]:
        return [json.loads(line) for line in self.out.splitlines()]


class Command:
    """Runs `countermand` in a folder, with settings, and with none of the machine's."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder = folder
        self.environment = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("COUNTERMAND_") and name != "CI"
        }
        self.set(**settings)

    def set(self, **settings: str) -> None:
        """Change settings, named as in `COUNTERMAND_DATABASE_URL=...` in lower case."""
        self.environment |= {f"COUNTERMAND_{k.upper()}": v for k, v in settings.items()}

    def __call__(self, *words: str, given: str | bytes = b"") -> Said:
        done = subprocess.run(
            [*self.words, *words],
            cwd=self.folder,
            env=self.environment,
            input=given.encode() if isinstance(given, str) else given,
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
        return Said(done.returncode, done.stdout.decode(), done.stderr.decode())

    def here(
        self, *words: str, patch: pytest.MonkeyPatch, says: pytest.CaptureFixture[str]
    ) -> Said:
        """Run it in this process, which is quicker: the same `main`, with nothing given to it."""
        patch.chdir(self.folder)
        for name in set(os.environ) - set(self.environment):
            patch.delenv(name)
        for name, value in self.environment.items():
            patch.setenv(name, value)
        patch.setattr(sys, "argv", ["countermand", *words])
        patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO()))
        with pytest.raises(SystemExit) as end:
            main()
        return Said(int(end.value.code or 0), *says.readouterr())

    def start(self, *words: str) -> subprocess.Popen[bytes]:
        """Start it and leave it running; whoever starts it ends it."""
        return subprocess.Popen(
            [*self.words, *words],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    @property
    def words(self) -> list[str]:
        return [sys.executable, "-m", "runtime.cli"]


def address_of(serving: subprocess.Popen[bytes]) -> str:
    """Where it says that it serves."""
    assert serving.stderr is not None
    said = b""
    while (found := re.search(rb"pages and API on (http://[0-9.:]+)", said)) is None:
        line = serving.stderr.readline()
        assert line, said
        said += line
    return found[1].decode()
