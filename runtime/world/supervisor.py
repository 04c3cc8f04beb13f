"""Starts a world's programs, starts those again that ended, and stops them all."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Self

import msgspec

from runtime import brokers, settings
from runtime.settings import Settings
from runtime.world import standing
from runtime.world.habits import World
from runtime.world.loop import PROGRAMS, Began
from runtime.world.standing import Standing
from runtime.world.wire import WORLD

STOP_SECONDS = 20.0
AGAIN_SECONDS = 1.0
"""How long one that ended by itself rests before it is started again."""
MOST_FAILURES = 10
"""In a row, without a minute of work between them."""
WORKS_SECONDS = 60.0


class ProcessFailed(Exception):
    """A program ends again and again; the message has the end of its log."""


class OtherWorld(Exception):
    """The folder holds another world than the one that was asked for."""


class Process:
    """A program as a process. It is started again when it ends, whatever ended it."""

    def __init__(self, name: str, command: list[str], folder: Path, loaded: Settings) -> None:
        """`folder`: where it works, and where its log is; no `.env` should be there."""
        self.name = name
        self.starts = 0
        self._command = command
        self._folder = folder
        self._environment = settings.child_environment(**settings.written(loaded))
        self._failures = 0
        self._began = 0.0
        self._rests_until = 0.0
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """Its process id; none: it does not run."""
        process = self._process
        return process.pid if process is not None and process.poll() is None else None

    def see_that_it_runs(self) -> None:
        """Start it where it does not run. Raises ProcessFailed when that does not help."""
        if self._process is not None:
            code = self._process.poll()
            if code is None:
                return
            self._note_end(code)
        if time.monotonic() >= self._rests_until:
            self._start()

    def _note_end(self, code: int) -> None:
        worked = time.monotonic() - self._began > WORKS_SECONDS
        self._failures = 0 if code < 0 or worked else self._failures + 1
        if self._failures > MOST_FAILURES:
            raise ProcessFailed(f"{self.name} ended with {code}: {self._end_of_log()}")
        self._close()
        self._rests_until = time.monotonic() + (0 if code < 0 else AGAIN_SECONDS)

    def _end_of_log(self) -> str:
        lines = self._log.read_text(errors="replace").strip().splitlines()
        return " / ".join(lines[-3:])

    @property
    def _log(self) -> Path:
        return self._folder / f"{self.name}.log"

    def _start(self) -> None:
        self.starts += 1
        self._began = time.monotonic()
        with self._log.open("ab") as log:
            # In a session of its own: Ctrl-C reaches it through us, once.
            self._process = subprocess.Popen(  # noqa: S603
                self._command,
                cwd=self._folder,
                env=self._environment,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def ask_to_stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)

    def wait(self) -> int | None:
        """Wait until it has ended, and return its exit code; none: it did not run."""
        if self._process is None:
            return None
        try:
            code = self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            code = self._process.wait()
        self._close()
        return code

    def _close(self) -> None:
        if self._process is not None:
            self._process.communicate()
            self._process = None


def command(name: str, folder: Path) -> list[str]:
    """The command of a program of the world; it ends when its standard input is closed."""
    return [sys.executable, "-P", "-m", "runtime.world", name, str(folder)]


class Live:
    """A world that runs: its programs are processes, its books lie in its folder."""

    def __init__(self, world: World, folder: Path, loaded: Settings) -> None:
        self._world = world
        self._folder = folder.absolute()
        self._settings = loaded
        self.processes = [
            Process(name, command(name, self._folder), self._folder, loaded) for name in PROGRAMS
        ]

    def __enter__(self) -> Self:
        prepare(self._world, self._folder, self._settings)
        try:
            self.see_that_all_run()
        except BaseException:
            self._stop()
            raise
        return self

    def see_that_all_run(self) -> None:
        """Start what does not run. Raises ProcessFailed when a program cannot be kept running."""
        for process in self.processes:
            process.see_that_it_runs()

    def standing(self) -> Standing:
        return standing.look(self._world, self._folder)

    @property
    def restarts(self) -> dict[str, int]:
        return {process.name: process.starts - 1 for process in self.processes}

    def __exit__(self, *_: object) -> None:
        self._stop()

    def _stop(self) -> None:
        for process in self.processes:
            process.ask_to_stop()
        for process in self.processes:
            process.wait()


def prepare(world: World, folder: Path, loaded: Settings) -> None:
    """Make topics and the folder where they are missing; note when the world began.

    Raises OtherWorld when another world lives there.
    """
    file = folder / "world.json"
    if file.exists():
        there = msgspec.json.decode(file.read_bytes(), type=Began)
        if there.world != world:
            raise OtherWorld(f"{folder} holds another world, begun with other words")
        return
    ends = _ends(loaded)
    folder.mkdir(parents=True, exist_ok=True)
    began = Began(world, time.time_ns() // 1000, ends)
    part = file.with_suffix(".part")
    part.write_bytes(msgspec.json.format(msgspec.json.encode(began), indent=2))
    part.replace(file)


def _ends(loaded: Settings) -> dict[str, list[int]]:
    """Where the topics end by now; missing ones are made."""
    from consumers.kafka import Member

    kafka = brokers.kafka_settings(loaded)
    brokers.create_topics(loaded, also=[WORLD])
    listing = Member(kafka, ())
    try:
        found = {}
        for channel in sorted({one for kind in PROGRAMS.values() for one in kind.hears}):
            places = listing.partitions(kafka.topics.prefix + channel)
            ends = listing.ends(places)
            found[channel] = [ends[place] for place in places]
        return found
    finally:
        listing.close()
