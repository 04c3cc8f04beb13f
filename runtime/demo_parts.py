"""The demo's parts, each a process of its own, and how all of them end."""

from __future__ import annotations

import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Self

from runtime import embedded, service, settings
from runtime.settings import Settings

NOT_INSTALLED = 69
"""How `broker` says that java or mvn is missing."""

STOP_SECONDS = 20
PREFIX = "demo-"
LOOPBACK = "127.0.0.1"
# Below those that Linux gives to outgoing connections: one could take ours before it is served.
PORTS = range(20_000, 32_000)


class NoKafka(Exception):
    """Kafka cannot be had here; the message says why."""


@contextmanager
def folder(data_dir: Path) -> Iterator[Path]:
    """Make a folder for one demo, below the data folder; it is gone afterwards.

    What a killed demo left behind is stopped and removed first.
    """
    for left in data_dir.glob(PREFIX + "*"):
        if not _is_alive(left.name.removeprefix(PREFIX)):
            _remove(left)
    made = data_dir.absolute() / f"{PREFIX}{os.getpid()}"
    made.mkdir(parents=True)
    try:
        yield made
    finally:
        _remove(made)
        with suppress(OSError):
            data_dir.rmdir()  # only where nothing else is in it


def _is_alive(pid: str) -> bool:
    try:
        os.kill(int(pid), 0)
    except (ProcessLookupError, ValueError, OverflowError):
        return False
    except PermissionError:
        return True
    return True


def _remove(made: Path) -> None:
    if (made / "kafka").is_dir() and (script := broker_script()):
        _broker(script, "stop", made)
    _let_postgres_end(made / "data")
    shutil.rmtree(made, ignore_errors=True)


def _let_postgres_end(data: Path) -> None:
    """Wait for the server of a killed demo, which its keeper stops once nobody uses it."""
    until = time.monotonic() + STOP_SECONDS
    while _server_runs(data) and time.monotonic() < until:
        time.sleep(0.1)
    if _server_runs(data):
        embedded.start(data).stop()


def _server_runs(data: Path) -> bool:
    try:
        pid = (data / "postgres" / "postmaster.pid").read_text().split()[0]
    except (OSError, IndexError):
        return False
    return _is_alive(pid)


def broker_script() -> Path | None:
    """Find deploy/kafka/broker. A checkout has it; an installed wheel does not."""
    script = Path(__file__).resolve().parent.parent / "deploy" / "kafka" / "broker"
    return script if script.is_file() else None


def has_jars() -> bool:
    script = broker_script()
    return script is not None and (script.parent / "libs").is_dir()


@contextmanager
def kafka(made: Path) -> Iterator[str]:
    """Run one broker and give its address. Raises NoKafka where it cannot be had."""
    script = broker_script()
    if script is None:
        raise NoKafka("an installed countermand brings no Kafka; a checkout does, in deploy/kafka")
    with _stopped_afterwards(script, made):
        code, out, err = _broker(script, "start", made, "--heap", "512m")
        if code:
            said = err.strip().removeprefix("broker: ")
            raise NoKafka(said or f"deploy/kafka/broker ended with {code}")
        words = dict(word.partition("=")[::2] for word in out.split())
        yield words["bootstrap"]


@contextmanager
def _stopped_afterwards(script: Path, made: Path) -> Iterator[None]:
    """Stop the broker afterwards, also where we are killed: its keeper sees that we are gone."""
    keeper = _begun(script, "stop", made, "--after-stdin")
    try:
        yield
    finally:
        keeper.communicate()


def _broker(script: Path, verb: str, made: Path, *more: str) -> tuple[int, str, str]:
    running = _begun(script, verb, made, *more)
    try:
        out, err = running.communicate()
    except BaseException:
        running.send_signal(signal.SIGINT)  # then it takes back what it has begun
        running.communicate()
        raise
    return running.returncode, out, err


def _begun(script: Path, verb: str, made: Path, *more: str) -> subprocess.Popen[str]:
    return subprocess.Popen(  # noqa: S603
        [sys.executable, str(script), verb, "--data", str(made / "kafka"), *more],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,  # Ctrl-C is for us, and we stop it in order
    )


def free_address(wanted: str) -> str:
    """Where the demo serves its pages: on loopback, at the port that is set, if it is free."""
    ours = int(wanted.rpartition(":")[2])
    others = random.sample(PORTS, 100)
    for port in [ours, *others] if ours else others:
        with suppress(OSError, OverflowError), socket.create_server((LOOPBACK, port)) as free:
            return f"{LOOPBACK}:{free.getsockname()[1]}"
    return wanted


def answers_at(address: str) -> bool:
    """Whether somebody listens there."""
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host, int(port)), timeout=1).close()
    except OSError:
        return False
    return True


@contextmanager
def roles(made: Path, loaded: Settings, names: list[str]) -> Iterator[list[Role]]:
    """Run each role as a process of its own; they end together, in order."""
    with ExitStack() as stack:
        yield [stack.enter_context(Role(name, made, loaded)) for name in names]


class Role:
    """One role's process. Its log is a file in the demo's folder."""

    def __init__(self, name: str, made: Path, loaded: Settings) -> None:
        self.name = name
        self.log = made / f"{name}.log"
        self._made = made
        self._settings = loaded

    def __enter__(self) -> Self:
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(  # noqa: S603
                service.role_command(self.name),
                cwd=self._made,  # no .env there: the demo uses parts of its own
                env=settings.child_environment(**settings.written(self._settings)),
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        return self

    @property
    def pid(self) -> int:
        return self._process.pid

    def failed(self) -> str | None:
        """Say how the process ended, if it did; it should not have."""
        code = self._process.poll()
        if code is None:
            return None
        last = self.log.read_text(errors="replace").strip().splitlines()[-3:]
        return f"the role {self.name} ended with {code}: {' / '.join(last)}"

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
        self._process.communicate()
