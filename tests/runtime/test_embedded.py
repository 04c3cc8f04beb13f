"""The embedded server: there for whoever uses it, gone with the last one, however that one went."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp

import psutil
import psycopg
import pytest

from runtime import embedded
from tests.support.postgres import in_memory
from tests.support.processes import is_alive, kill

ROOT = Path(__file__).parents[2]
USER = """
import sys
from pathlib import Path
from runtime import embedded
server = embedded.start(Path(sys.argv[1]))
print(server.url, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def data_dir() -> Iterator[Path]:
    folder = Path(mkdtemp(prefix="cm-emb-", dir=in_memory()))
    yield folder
    _wait(lambda: not _postgres(folder))
    rmtree(folder)


Join = Callable[[], subprocess.Popen[str]]


@pytest.fixture
def join(data_dir: Path) -> Iterator[Join]:
    """Starts another process that uses the server, and waits until it does."""
    users: list[subprocess.Popen[str]] = []

    def begin() -> subprocess.Popen[str]:
        users.append(_begin(data_dir))
        _url(users[-1])
        return users[-1]

    yield begin
    for user in users:
        _kill(user)


def _begin(data_dir: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", USER, str(data_dir)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def _url(user: subprocess.Popen[str]) -> str:
    assert user.stdout
    url = user.stdout.readline()
    assert url.startswith("postgresql://")
    return url


def _leave(user: subprocess.Popen[str]) -> None:
    user.communicate("", timeout=120)
    assert user.returncode == 0


def _kill(user: subprocess.Popen[str]) -> None:
    user.kill()
    user.wait()
    for end in (user.stdin, user.stdout):
        assert end
        end.close()


def _processes(name: str, data_dir: Path) -> list[psutil.Process]:
    """The living ones; a dead one that nobody has buried yet has no command line."""
    return [
        process
        for process in psutil.process_iter(["name", "cmdline"])
        if str(data_dir) in " ".join(process.info["cmdline"] or ())
        and name in (process.info["name"], *(Path(w).stem for w in process.info["cmdline"][:4]))
    ]


def _postgres(data_dir: Path) -> list[psutil.Process]:
    """The server and all its children."""
    servers = [one for one in _processes("postgres", data_dir) if one.info["name"] == "postgres"]
    with suppress(psutil.NoSuchProcess):
        servers += [child for one in servers for child in one.children()]
    return servers


def _has_stopped(data_dir: Path) -> bool:
    """Whether the server has given up its file: the last that it does; a moment later it is gone.

    Else its process would be found, or not, by how busy the machine is.
    """
    return not (data_dir / "postgres" / "postmaster.pid").exists()


def _keepers(data_dir: Path) -> list[psutil.Process]:
    return _processes("embedded_keeper", data_dir)


def _wait(come: object, seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not come():  # type: ignore[operator]
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.02)


def _ask(url: str, sql: str) -> object:
    with psycopg.connect(url, connect_timeout=10, autocommit=True) as conn:
        row = conn.execute(sql.encode()).fetchone()
    assert row
    return row[0]


def test_a_server_is_made_started_and_stopped(data_dir: Path) -> None:
    with embedded.start(data_dir) as server:
        assert str(_ask(server.url, "SHOW server_version")).startswith("18")
        assert _ask(server.url, "SHOW fsync") == "on"
        assert _ask(server.url, "SHOW shared_buffers") == "256MB"
        assert _ask(server.url, "SHOW listen_addresses") == ""
        assert _ask(server.url, "SHOW server_encoding") == "UTF8"

    assert _has_stopped(data_dir)  # when `stop` returns, not some time later


def test_what_was_written_is_there_after_a_restart(data_dir: Path) -> None:
    with embedded.start(data_dir) as server, psycopg.connect(server.url) as conn:
        conn.execute("CREATE TABLE kept AS SELECT 7 AS n")

    with embedded.start(data_dir) as server:
        assert _ask(server.url, "SELECT n FROM kept") == 7


def test_two_users_share_a_server_and_the_last_one_stops_it(data_dir: Path, join: Join) -> None:
    first, second = join(), embedded.start(data_dir)

    _leave(first)
    assert _ask(second.url, "SELECT 1") == 1
    _wait(lambda: len(_keepers(data_dir)) == 1)

    second.stop()
    assert _has_stopped(data_dir)
    _wait(lambda: not _keepers(data_dir))


def test_a_user_that_was_killed_is_not_counted(data_dir: Path, join: Join) -> None:
    first, second = join(), join()

    _kill(first)
    with embedded.start(data_dir) as server:
        assert _ask(server.url, "SELECT 1") == 1
    assert _postgres(data_dir)
    _leave(second)

    assert _has_stopped(data_dir)


def test_the_server_stops_when_its_only_user_is_killed(data_dir: Path, join: Join) -> None:
    _kill(join())

    _wait(lambda: not _postgres(data_dir) and not _keepers(data_dir))


def test_it_starts_again_after_everything_was_killed(data_dir: Path, join: Join) -> None:
    user = join()
    with embedded.start(data_dir) as server, psycopg.connect(server.url) as conn:
        conn.execute("CREATE TABLE kept AS SELECT 7 AS n")
    killed = [*_keepers(data_dir), *_postgres(data_dir)]
    assert len(killed) > 2
    for process in killed:
        kill(process)
    _kill(user)
    # One that is still dying is joined, and then does not answer.
    _wait(lambda: not any(is_alive(process) for process in killed))

    with embedded.start(data_dir) as server:
        assert _ask(server.url, "SELECT n FROM kept") == 7


def test_a_killed_server_is_started_again_at_once(data_dir: Path, join: Join) -> None:
    """Its children may outlive it for a moment and hold its memory."""
    user = join()
    pid = int((data_dir / "postgres" / "postmaster.pid").read_text().split()[0])
    server_process = psutil.Process(pid)
    os.kill(pid, signal.SIGKILL)
    _wait(lambda: not is_alive(server_process))

    with embedded.start(data_dir) as server:
        assert _ask(server.url, "SELECT 1") == 1
        _leave(user)


def test_to_leave_a_killed_server_says_nothing(
    data_dir: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with embedded.start(data_dir):
        for process in _postgres(data_dir):
            kill(process)

    assert capfd.readouterr() == ("", "")


def test_a_lost_keeper_is_replaced_by_the_next_user(data_dir: Path, join: Join) -> None:
    first = join()
    (keeper,) = _keepers(data_dir)
    kill(keeper)
    _wait(lambda: not is_alive(keeper))

    second = join()
    _wait(lambda: len(_keepers(data_dir)) == 1)
    _kill(first)
    _kill(second)

    _wait(lambda: not _postgres(data_dir))


def test_a_stale_pid_file_with_a_living_number_is_not_believed(data_dir: Path) -> None:
    with embedded.start(data_dir):
        file = data_dir / "postgres" / "postmaster.pid"
        lines = file.read_text().splitlines()
    file.write_text("\n".join([str(os.getppid()), *lines[1:]]))

    with embedded.start(data_dir) as server:
        assert _ask(server.url, "SELECT 1") == 1


def test_a_first_start_that_was_killed_is_made_anew(data_dir: Path) -> None:
    half = data_dir / "postgres.new"
    half.mkdir()
    (half / "PG_VERSION").write_text("18\n")

    with embedded.start(data_dir) as server:
        assert _ask(server.url, "SELECT 1") == 1
    assert not half.exists()


def test_four_users_that_come_at_once_share_one_server(data_dir: Path) -> None:
    users = [_begin(data_dir) for _ in range(4)]

    urls = {_url(user) for user in users}
    for user in users:
        _leave(user)

    assert len(urls) == 1
    assert _has_stopped(data_dir)


def test_a_path_too_long_for_a_socket_is_worked_around(data_dir: Path) -> None:
    deep = data_dir / ("deep" * 20) / "data"

    with embedded.start(deep) as server:
        assert _ask(server.url, "SELECT 1") == 1


def test_only_its_owner_may_reach_the_socket(data_dir: Path) -> None:
    with embedded.start(data_dir):
        for folder in (data_dir / "postgres", embedded._sockets(data_dir / ("deep" * 30))):
            if folder.exists():
                assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_two_servers_of_two_folders_do_not_meet(data_dir: Path) -> None:
    with embedded.start(data_dir / "a") as a, embedded.start(data_dir / "b") as b:
        assert a.url != b.url
        assert _ask(a.url, "SHOW data_directory") != _ask(b.url, "SHOW data_directory")


def test_the_server_never_runs_as_root(data_dir: Path) -> None:
    data_dir.chmod(0o700)
    with embedded.start(data_dir) as server:
        assert _ask(server.url, "SELECT 1") == 1
        owners = {process.username() for process in _postgres(data_dir)}

    root = os.geteuid() == 0
    assert owners == {embedded.SYSTEM_USER if root else psutil.Process().username()}
    # Others may pass through to the server's own folder, not look around.
    assert stat.S_IMODE(data_dir.stat().st_mode) == (0o701 if root else 0o700)
