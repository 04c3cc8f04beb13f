"""`make` makes what it needs: once, whole, and again after an install that was interrupted."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.command import ROOT, Command

NEEDED = re.compile(r"^(hatchling|editables)==|^ +#( via)? +hatchling$", re.MULTILINE)
"""The build backend, and what is there because of it."""

PROJECT = """
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
[project]
name = "small"
version = "1"
[project.scripts]
small = "small:main"
[tool.hatch.build.targets.wheel]
packages = ["small.py"]
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project as small as can be, made as ours is."""
    (tmp_path / "deploy").mkdir()
    shutil.copy(ROOT / "deploy" / "venv", tmp_path / "deploy" / "venv")
    (tmp_path / "pyproject.toml").write_text(PROJECT)
    (tmp_path / "small.py").write_text("def main() -> None:\n    print('small')\n")
    blocks = re.split(
        r"^(?=[a-z])", (ROOT / "requirements-dev.txt").read_text(), flags=re.MULTILINE
    )
    wanted = [block for block in blocks if NEEDED.search(block)]
    (tmp_path / "requirements-dev.txt").write_text("".join(wanted))
    return tmp_path


def start(project: Path, **variables: str) -> subprocess.Popen[str]:
    environment = Command(project).environment | variables
    return subprocess.Popen(
        ["python3", str(project / "deploy" / "venv")],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process: subprocess.Popen[str]) -> tuple[int, str]:
    out, errors = process.communicate(timeout=360)
    return process.returncode, out + errors


def works(project: Path) -> bool:
    said = subprocess.run([project / ".venv/bin/small"], capture_output=True, text=True, check=True)
    return said.stdout == "small\n"


def test_an_interrupted_install_starts_again_and_two_at_once_make_one(project: Path) -> None:
    (project / ".venv" / "bin").mkdir(parents=True)
    (project / ".venv" / "bin" / "python").write_text("half of a file")

    answers = [finish(process) for process in [start(project), start(project)]]

    assert sorted(answers) == [(0, ""), (0, "Making .venv (a minute, once) ...\n")]
    assert works(project)
    assert finish(start(project)) == (0, ""), "what is ready is left alone"

    (project / "pyproject.toml").write_text(PROJECT.replace('"1"', '"2"'))
    assert finish(start(project)) == (0, "Updating .venv ...\n")
    assert works(project)


def test_a_missing_venv_module_is_said_with_what_to_install(project: Path) -> None:
    hidden = project / "hidden" / "ensurepip"
    hidden.mkdir(parents=True)
    (hidden / "__init__.py").write_text("raise ImportError")

    code, said = finish(start(project, PYTHONPATH=str(hidden.parent)))

    assert code == 69
    assert said.splitlines()[-1] == (
        "venv: Python's venv module is not installed. Try: apt-get install python3-venv"
    )
    assert not (project / ".venv").exists()


def test_requirements_have_hashes_and_name_no_host() -> None:
    for name in ("requirements.txt", "requirements-dev.txt"):
        text = (ROOT / name).read_text()
        pinned = re.findall(r"^[a-z][^\n]*==[^\n]*\\\n(?= +--hash=sha256:)", text, re.MULTILINE)
        assert len(pinned) == len(re.findall(r"^[a-z]", text, re.MULTILINE))
        assert not re.search(r"https?:|--index|--find-links|--extra|file:", text)


def test_every_target_says_what_it_is_for() -> None:
    said = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True)

    named = {line.split()[1] for line in said.stdout.splitlines()}
    assert {"demo", "test", "bench", "lint", "faults", "clean"} <= named
