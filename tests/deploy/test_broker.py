"""deploy/kafka/broker against the real thing: every start here is a real Apache Kafka."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from kafka import KafkaConsumer, KafkaProducer
from kafka.admin import KafkaAdminClient, NewTopic
from kafka.errors import KafkaError

from tests.support.following import until

BROKER = Path(__file__).parents[2] / "deploy" / "kafka" / "broker"

Start = Callable[..., "Running"]

pytestmark = pytest.mark.timeout(900)  # the first run fetches the jars


@dataclass(frozen=True)
class Running:
    bootstrap: str
    pid: int
    data: Path

    @property
    def port(self) -> int:
        return int(self.bootstrap.rpartition(":")[2])


def call(*arguments: object, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(BROKER), *map(str, arguments)]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=240, check=False, env=env
    )


def running(answer: subprocess.CompletedProcess[str]) -> Running:
    assert answer.returncode == 0, answer.stderr
    match = re.fullmatch(r"bootstrap=(127\.0\.0\.1:\d+) pid=(\d+) data=(.+)\n", answer.stdout)
    assert match, answer.stdout
    return Running(match[1], int(match[2]), Path(match[3]))


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start the broker of tmp_path/name; all of them are stopped at the end."""
    names = set()

    def start(name: str, *arguments: object) -> Running:
        names.add(name)
        return running(call("start", "--data", tmp_path / name, "--heap", "256m", *arguments))

    yield start
    for name in names:
        assert call("stop", "--data", tmp_path / name).returncode == 0


def is_alive(pid: int) -> bool:
    try:
        return bool(Path(f"/proc/{pid}/cmdline").read_bytes())  # empty: dead, not yet reaped
    except FileNotFoundError:
        return False


def make_topic(broker: Running) -> str:
    topic = f"topic-{uuid.uuid4()}"
    with closing(KafkaAdminClient(bootstrap_servers=broker.bootstrap)) as admin:
        admin.create_topics([NewTopic(topic, 2, 1)])
    return topic


def topics(broker: Running) -> set[str]:
    with closing(KafkaAdminClient(bootstrap_servers=broker.bootstrap)) as admin:
        return set(admin.list_topics())


def produce(broker: Running, topic: str, *values: bytes, patience: int = 60_000) -> None:
    options = {"max_request_size": 2_000_000, "max_block_ms": patience}
    with closing(KafkaProducer(bootstrap_servers=broker.bootstrap, **options)) as producer:
        for sent in [producer.send(topic, value) for value in values]:
            sent.get(timeout=60)


def consume(broker: Running, topic: str, count: int) -> set[bytes]:
    consumer = KafkaConsumer(
        topic,
        bootstrap_servers=broker.bootstrap,
        auto_offset_reset="earliest",
        group_id="readers",
        enable_auto_commit=False,
        consumer_timeout_ms=120_000,
    )
    with closing(consumer):
        return {next(consumer).value for _ in range(count)}


def test_a_message_goes_through_and_survives_a_stop_and_a_kill(start: Start) -> None:
    broker = start("a")
    topic = make_topic(broker)
    produce(broker, topic, b"one")
    assert consume(broker, topic, 1) == {b"one"}

    assert call("stop", "--data", broker.data).returncode == 0
    again = start("a")
    assert again.bootstrap == broker.bootstrap, "clients must find it again"
    assert again.pid != broker.pid
    produce(again, topic, b"two")

    os.kill(again.pid, signal.SIGKILL)
    until(lambda: not is_alive(again.pid))
    after_kill = start("a")
    assert after_kill.bootstrap == broker.bootstrap
    produce(after_kill, topic, b"three")
    assert consume(after_kill, topic, 3) == {b"one", b"two", b"three"}


def test_two_brokers_know_nothing_of_each_other(start: Start) -> None:
    one, other = start("one"), start("other")
    assert one.port != other.port
    topic = make_topic(one)
    assert topic in topics(one)
    assert topic not in topics(other)
    assert call("stop", "--data", one.data).returncode == 0
    assert running(call("status", "--data", other.data)) == other


def test_starting_twice_is_one_broker_and_stopping_twice_no_error(start: Start) -> None:
    broker = start("a")
    assert start("a") == broker
    assert running(call("status", "--data", broker.data)) == broker
    refused = call("start", "--data", broker.data, "--port", broker.port + 1)
    assert refused.returncode == 1
    assert f"on port {broker.port}. Stop it first" in refused.stderr

    for _ in range(2):
        stopped = call("stop", "--data", broker.data)
        assert (stopped.returncode, stopped.stdout) == (0, f"stopped data={broker.data}\n")
        assert not is_alive(broker.pid)
    status = call("status", "--data", broker.data)
    assert (status.returncode, status.stdout) == (3, f"stopped data={broker.data}\n")


def test_a_taken_port_is_left_alone(start: Start, tmp_path: Path) -> None:
    broker = start("a")
    topic = make_topic(broker)
    call("stop", "--data", broker.data)
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", broker.port))
        other.listen()
        refused = call("start", "--data", tmp_path / "b", "--port", broker.port)
        assert refused.returncode == 1
        assert f"port {broker.port} is taken" in refused.stderr
        moved = start("a")
        assert moved.port != broker.port
        produce(moved, topic, b"moved")


def test_settings_that_the_product_counts_on(start: Start) -> None:
    broker = start("a")
    topic = make_topic(broker)
    with pytest.raises(KafkaError):
        produce(broker, "a-topic-nobody-made", b"x", patience=5_000)
    produce(broker, topic, b"x" * 1_048_576)
    with pytest.raises(KafkaError):
        produce(broker, topic, b"x" * 1_300_000)
    sockets = Path("/proc/net/tcp").read_text() + Path("/proc/net/tcp6").read_text()
    addresses = set(re.findall(rf" (\w+):{broker.port:04X} \w+:0000 0A ", sockets))  # 0A: listens
    assert addresses in ({"0100007F"}, {"0000000000000000FFFF00000100007F"}), "not loopback alone"


def test_stop_ends_only_the_broker_of_that_directory(tmp_path: Path) -> None:
    # As after a restart of the machine: the recorded pid is another's.
    with subprocess.Popen(["sleep", "60"]) as bystander:
        (tmp_path / "pid").write_text(f"{bystander.pid}\n")
        try:
            assert call("status", "--data", tmp_path).returncode == 3
            assert call("stop", "--data", tmp_path).returncode == 0
            assert bystander.poll() is None
        finally:
            bystander.kill()


def test_without_java_or_maven_it_says_what_to_install(tmp_path: Path) -> None:
    nothing = {"PATH": str(tmp_path)}
    answer = call("start", "--data", tmp_path / "a", env=nothing)
    assert answer.returncode == 69
    install = "On Debian: apt-get install openjdk-17-jre-headless maven"
    assert answer.stderr == f"broker: java is not installed. {install}\n"

    java = shutil.which("java")
    assert java, f"the tests need a JDK. {install}"
    (tmp_path / "java").symlink_to(java)
    answer = call("jars", "--libs", tmp_path / "libs", env=nothing)
    assert answer.returncode == 69
    assert answer.stderr == f"broker: mvn is not installed. {install}\n"


def test_a_directory_that_cannot_be_written_is_named() -> None:
    answer = call("start", "--data", "/proc/nowhere")
    assert answer.returncode == 1
    assert "/proc/nowhere" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_a_broker_that_cannot_start_shows_its_own_words(tmp_path: Path) -> None:
    answer = call("start", "--data", tmp_path / "a", "--heap", "1k")
    assert answer.returncode == 1
    assert "heap" in answer.stderr
    assert call("status", "--data", tmp_path / "a").returncode == 3


def test_two_that_fetch_the_jars_at_once_leave_one_whole_set(tmp_path: Path) -> None:
    command = [sys.executable, str(BROKER), "jars", "--libs", str(tmp_path / "libs")]
    both = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    said = [process.communicate(timeout=240)[1] for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    assert sum("fetching" in words for words in said) == 1
    assert (tmp_path / "libs" / "kafka_2.13-4.3.1.jar").stat().st_size > 1_000_000
    assert not (tmp_path / "libs.part").exists()
