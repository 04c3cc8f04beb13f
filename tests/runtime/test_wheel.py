"""The wheel, installed where nothing else is, does the job."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from typing_extensions import override

from tests.support.command import ONLINE_RETAIL, ROOT, Command


class Installed(Command):
    """The command of a clean environment, which knows nothing of the checkout."""

    def __init__(self, folder: Path, **settings: str) -> None:
        super().__init__(folder, **settings)
        self.binaries = folder / "venv" / "bin"

    @property
    @override
    def words(self) -> list[str]:
        return [str(self.binaries / "countermand")]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel, and install it with the hashed requirements into a new environment."""
    folder = tmp_path_factory.mktemp("wheel")
    run(
        sys.executable,
        "-m",
        "build",
        "--wheel",
        "--no-isolation",
        "--outdir",
        str(folder),
        str(ROOT),
    )
    (wheel,) = folder.glob("*.whl")
    run(sys.executable, "-m", "venv", str(folder / "venv"))
    pip = [str(folder / "venv" / "bin" / "python"), "-m", "pip", "-q", "--no-input"]
    run(*pip, "install", "--require-hashes", "-r", str(ROOT / "requirements.txt"))
    run(*pip, "install", "--no-deps", "--no-index", str(wheel))
    run(*pip, "check")
    return folder


def run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"


@pytest.mark.timeout(900)
def test_the_installed_command_explains_itself_and_takes_messages_in(
    folder: Path, postgres_url: str
) -> None:
    countermand = Installed(folder, database_url=postgres_url)

    said = countermand("ingest", str(ONLINE_RETAIL / "messages.jsonl.gz"), "--json")

    assert "ingest" in countermand("--help").out
    assert (said.code, said.json()["recorded"]) == (3, 2461)
    assert countermand("audit", "replay", "--json").json()["differences"] == 0
