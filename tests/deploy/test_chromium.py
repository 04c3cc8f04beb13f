"""deploy/chromium finds a Chromium, or installs Debian's; here apt-get is a stand-in."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.command import ROOT

SCRIPT = ROOT / "deploy" / "chromium"
BASH = shutil.which("bash") or "bash"


class Machine:
    """A machine that has nothing but what is put on its PATH."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.add("sleep", "")
        self.add("id", "echo 0")

    def add(self, name: str, does: str) -> Path:
        """Put a program on the PATH."""
        program = self.folder / name
        program.write_text(f"#!{BASH}\n{does}\n")
        program.chmod(0o755)
        return program

    def add_apt(self, does: str) -> None:
        """An apt-get that notes its words, and then does this."""
        self.add("apt-get", f'echo "$DEBIAN_FRONTEND $*" >>"{self.folder}/asked"\n{does}')

    @property
    def asked(self) -> list[str]:
        """What apt-get was asked."""
        return (self.folder / "asked").read_text().splitlines()

    def run(self, **environment: str) -> tuple[int, str, str]:
        done = subprocess.run(
            [BASH, str(SCRIPT)],
            env={"PATH": str(self.folder), **environment},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return done.returncode, done.stdout, done.stderr


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_the_chromium_of_the_setting_comes_before_that_of_the_path(machine: Machine) -> None:
    machine.add("chromium", "")
    mine = machine.add("mine", "")

    assert machine.run(COUNTERMAND_TEST_CHROMIUM=str(mine)) == (0, f"{mine}\n", "")


def test_a_setting_that_names_no_program_is_said(machine: Machine) -> None:
    code, out, said = machine.run(COUNTERMAND_TEST_CHROMIUM="/nowhere")

    assert (code, out) == (1, "")
    assert said == (
        "chromium: COUNTERMAND_TEST_CHROMIUM is /nowhere, and there is no program. "
        "Mend or unset it.\n"
    )


@pytest.mark.parametrize("name", ["chromium", "chromium-browser", "google-chrome"])
def test_what_is_on_the_path_is_taken(machine: Machine, name: str) -> None:
    program = machine.add(name, "")

    assert machine.run() == (0, f"{program}\n", "")


def test_where_there_is_none_debians_is_installed(machine: Machine) -> None:
    program = machine.folder / "chromium"
    copied = f'"{shutil.which("cp")}" "$0" "{program}"'
    machine.add_apt(f'[[ " $* " == *" install "* ]] && {copied}; true')

    code, out, said = machine.run()

    assert (code, out) == (0, f"{program}\n")
    assert said == "chromium: installing Debian's package chromium (once)\n"
    assert [words.split()[-1] for words in machine.asked] == ["update", "fonts-liberation"]
    assert "install --no-install-recommends chromium" in machine.asked[1]
    assert all(words.startswith("noninteractive ") for words in machine.asked)


def test_an_install_that_fails_is_tried_again_and_then_said(machine: Machine) -> None:
    machine.add_apt("echo E: no such mirror >&2; exit 100")

    code, out, said = machine.run()

    assert (code, out) == (1, "")
    assert len(machine.asked) == 3
    assert "E: no such mirror" in said
    assert "or set COUNTERMAND_TEST_CHROMIUM" in said.splitlines()[-1]


def test_who_may_not_install_reads_what_to_do(machine: Machine) -> None:
    machine.add("id", "echo 1000")
    machine.add_apt("")

    code, out, said = machine.run()

    assert (code, out) == (1, "")
    assert "on Debian: apt-get install chromium fonts-liberation" in said
    assert not (machine.folder / "asked").exists()
