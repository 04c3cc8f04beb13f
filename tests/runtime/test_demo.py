"""The demo: with Kafka and without, ended by itself, by Ctrl-C or by a signal, leaving nothing."""

from __future__ import annotations

import os
import pty
import re
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from runtime import demo_parts
from tests.support.command import ROOT, SECONDS, Command
from tests.support.processes import until_nothing_uses

pytestmark = pytest.mark.timeout(600)


@pytest.fixture
def countermand(tmp_path: Path) -> Iterator[Command]:
    yield Command(tmp_path, data_dir=str(tmp_path / "data"))
    until_nothing_uses(tmp_path)
    assert not (tmp_path / "data").exists()


def without(*programs: str, folder: Path) -> str:
    """A PATH that has everything of this machine but these programs."""
    folder.mkdir()
    for where in reversed(os.environ["PATH"].split(os.pathsep)):
        for program in Path(where).glob("*"):
            link = folder / program.name
            if program.name not in programs:
                link.unlink(missing_ok=True)
                link.symlink_to(program)
    return str(folder)


def test_make_demo_shows_the_main_job_on_real_parts(countermand: Command) -> None:
    done = subprocess.run(
        ["make", "demo"],
        cwd=ROOT,
        env={**countermand.environment, "CI": "true"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert "Kafka at 127.0.0.1:" in done.stdout
    assert "Pages and API: http://127.0.0.1:" in done.stdout
    for what in ("cancelled in time", "crossed", "refused at the door", "came back", "paid back"):
        assert what in done.stdout
    after = done.stdout.partition("as the views have them")[2]
    assert "Cancelled in time: the refund is paid" in after
    assert "refused at the door, back again: the refund is paid" in after
    assert "Refunds issued" in after
    assert "none of them twice; our log says the same." in after


def test_without_java_and_whatever_is_set_the_same_messages_are_told_without_kafka(
    countermand: Command, tmp_path: Path
) -> None:
    countermand.environment["PATH"] = without("java", "mvn", folder=tmp_path / "bin")
    countermand.set(database_url="postgresql://127.0.0.1:1/x")
    countermand.set(kafka_bootstrap_servers="127.0.0.1:1", kafka_security_protocol="SSL")

    said = countermand("demo", "--orders", "12")

    assert said.code == 0, said.err
    assert "Kafka cannot be had here: java is not installed." in said.out
    assert "Refunds due" in said.out


def test_an_installed_wheel_says_that_it_brings_no_kafka(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo_parts, "__file__", str(tmp_path / "runtime" / "demo_parts.py"))

    with pytest.raises(demo_parts.NoKafka, match="a checkout does"), demo_parts.kafka(tmp_path):
        pass


@contextmanager
def begun(
    countermand: Command, *words: str, until: bytes, hangup: signal.Handlers = signal.SIG_DFL
) -> Iterator[subprocess.Popen[bytes]]:
    """A demo that has said something; `hangup`: what it inherits for SIGHUP."""
    before = signal.signal(signal.SIGHUP, hangup)
    try:
        demo = countermand.start("demo", *words)
    finally:
        signal.signal(signal.SIGHUP, before)
    with demo:
        assert demo.stdout is not None
        for line in demo.stdout:
            if until in line:
                break
        yield demo


def test_a_signal_in_the_middle_stops_everything(countermand: Command) -> None:
    with begun(countermand, "--no-kafka", "--orders", "500", until=b"cancelled") as demo:
        demo.send_signal(signal.SIGTERM)
        rest, errors = demo.communicate(timeout=SECONDS)

    assert (demo.returncode, errors) == (0, b"")
    assert rest.endswith(b"Stopped.\n")


@pytest.mark.parametrize("until", [b"Starting Apache Kafka", b"Pages and API"])
def test_when_its_terminal_goes_all_parts_end_though_it_is_told_more_than_once(
    countermand: Command, until: bytes
) -> None:
    """A shell and the kernel both say it. Kafka ends, too: nothing uses the folder afterwards."""
    with begun(countermand, "--orders", "500", until=until) as demo:
        for number in (signal.SIGHUP, signal.SIGHUP, signal.SIGTERM, signal.SIGINT):
            demo.send_signal(number)
        _, errors = demo.communicate(timeout=SECONDS)

    assert (demo.returncode, errors) == (0, b"")


def test_who_asked_that_it_outlives_its_terminal_gets_that(countermand: Command) -> None:
    words = ("--no-kafka", "--orders", "12")
    with begun(countermand, *words, until=b"cancelled", hangup=signal.SIG_IGN) as demo:
        demo.send_signal(signal.SIGHUP)
        rest, _ = demo.communicate(timeout=SECONDS)

    assert demo.returncode == 0
    assert b"Refunds due" in rest


def test_on_a_terminal_it_stays_with_its_pages_until_ctrl_c(countermand: Command) -> None:
    """Where the address that is set is taken, the pages are at another one."""
    taken = socket.create_server(("127.0.0.1", 0))
    countermand.set(http_bind=f"127.0.0.1:{taken.getsockname()[1]}")
    ours, its = pty.openpty()
    with subprocess.Popen(
        [*countermand.words, "demo", "--no-kafka", "--orders", "4"],
        cwd=countermand.folder,
        env=countermand.environment,
        stdin=its,
        stdout=its,
        stderr=its,
        start_new_session=True,
    ) as demo:
        os.close(its)
        said = b""
        while b"Ctrl-C ends it." not in said:
            said += os.read(ours, 4096)
        assert demo.poll() is None
        address = re.findall(r"http://[0-9.:]+", said.decode())[-1]
        with httpx.Client(base_url=address, headers={"accept": "text/html"}, timeout=30) as client:
            first, live = client.get("/"), client.get("/health/live")
        demo.send_signal(signal.SIGINT)
        assert demo.wait(SECONDS) == 0
    os.close(ours)
    taken.close()

    assert (first.status_code, live.status_code) == (200, 200)
    assert "Who are you" in first.text
    with pytest.raises(httpx.ConnectError):
        httpx.get(address)


def test_the_parts_of_a_killed_demo_end_and_its_files_are_removed_by_the_next_one(
    countermand: Command, tmp_path: Path
) -> None:
    with begun(countermand, "--orders", "500", until=b"cancelled") as killed:
        killed.kill()
    until_nothing_uses(tmp_path)
    left = list((tmp_path / "data").glob("demo-*"))
    assert len(left) == 1

    assert countermand("demo", "--no-kafka", "--orders", "4").code == 0
