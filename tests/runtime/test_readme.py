"""The README's commands, as they stand there, from top to bottom."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from consumers.kafka import Producer
from runtime import simulate
from tests.support.command import ROOT, SECONDS, Command
from tests.support.kafka import with_topics
from tests.support.processes import until_nothing_uses

README = (ROOT / "README.md").read_text()
EXPECTED = {
    ".venv/bin/countermand ingest tests/data/online-retail/messages.jsonl.gz": {3},
    ".venv/bin/countermand ingest .countermand/world.jsonl": {0, 3},
    ".venv/bin/countermand status": {0, 1},
}
"""Exit codes other than 0, which the text around the command explains."""


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def commands(block: str) -> list[str]:
    return [line.partition("  #")[0].strip() for line in block.splitlines() if line.strip()]


@pytest.fixture
def checkout(tmp_path: Path) -> Iterator[Path]:
    """What a reader has in front of them: the project with its `.venv`, and no data yet."""
    (tmp_path / "tests").symlink_to(ROOT / "tests")
    (tmp_path / ".venv").symlink_to(sys.prefix)
    yield tmp_path
    until_nothing_uses(tmp_path)


@pytest.mark.timeout(600)
def test_the_first_ten_minutes(checkout: Path) -> None:
    """One after the other on an embedded PostgreSQL; each does what the text says."""
    environment = Command(checkout).environment
    codes = []
    for block in blocks("sh"):
        for command in commands(block):
            if command.startswith("make "):
                continue
            done = subprocess.run(  # noqa: S602  # as a reader types it
                command,
                shell=True,
                cwd=checkout,
                env=environment,
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode in EXPECTED.get(command, {0}), f"{command}\n{done.stderr}"
            assert done.stdout, command
            codes.append((command.split()[1], done.returncode))

    assert [code for name, code in codes if name == "status"] == [1, 0], "before and after the drop"
    assert len(codes) > 12


@pytest.mark.timeout(600)
def test_your_own_postgresql_and_kafka(
    postgres_url: str, kafka_bootstrap: str, tmp_path: Path
) -> None:
    """Topics are made, roles are started as processes, and what is produced is in the views."""
    (block,) = [b for b in blocks("bash") if "topics create" in b]
    create, *roles = [words.split()[1:] for words in commands(block)]
    countermand = Command(
        tmp_path,
        database_url=postgres_url,
        kafka_bootstrap_servers=kafka_bootstrap,
        topic_prefix=f"readme{os.getpid()}.",
    )
    assert countermand(*create).code == 0
    running = [countermand.start(*role) for role in roles]
    told = countermand("simulate", "--orders", "30", "--to", "kafka", "--json").json()

    said = countermand("status", "--wait", "--timeout", "90", "--json").json()

    ends = [(one["end"], one["lag"]) for one in said["partitions"]]
    assert sum(end for end, _ in ends) == told["sent"]
    assert {lag for _, lag in ends} == {0}
    assert len(countermand("order", "--all", "--json").json_lines()) >= 29
    for process in running:
        process.send_signal(signal.SIGTERM)
    assert {process.wait(SECONDS) for process in running} == {0}
    for process in running:
        process.communicate()


@pytest.mark.timeout(600)
def test_no_role_named_runs_them_all_and_sigterm_ends_them(
    postgres_url: str, kafka_bootstrap: str, tmp_path: Path
) -> None:
    kafka = with_topics(kafka_bootstrap, partitions=4)
    countermand = Command(
        tmp_path,
        database_url=postgres_url,
        kafka_bootstrap_servers=kafka_bootstrap,
        topic_prefix=kafka.topics.prefix,
        kafka_group=kafka.group,
        http_bind="127.0.0.1:0",
    )
    with Producer(kafka) as producer:
        for message in simulate.messages(simulate.World(seed=1, orders=10)):
            producer.send(message.topic, message.key, message.value)
        producer.flush()

    with countermand.start("run") as service:
        assert countermand("status", "--wait", "--timeout", "90").code == 0
        service.terminate()
        _, log = service.communicate(timeout=SECONDS)

    assert service.returncode == 0
    assert b"started ingest" in log
    assert len(countermand("order", "--all", "--json").json_lines()) == 10
