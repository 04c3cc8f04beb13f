"""The peer: a Kafka Streams program, exactly once, on the topics that the product reads."""

from __future__ import annotations

import json
import subprocess
from itertools import count
from pathlib import Path
from typing import Any

from bench.apart import Failed, end_tree
from bench.figures import Figure
from bench.meter import Meter
from bench.parts import Broker
from bench.told import PREFIX

NAME = "kafka streams"
RUN = Path(__file__).resolve().parent / "peers" / "kafka-streams" / "run"
_NUMBERS = count(1)


def run(kafka: Broker, messages: int, warm_up: int) -> Figure:
    """Let it process all messages; it says itself how long from the first to the last commit."""
    words = {
        "--bootstrap": kafka.bootstrap,
        "--prefix": PREFIX,
        "--messages": str(messages),
        "--warm-up": str(warm_up),
        "--application-id": f"bench-peer-{next(_NUMBERS)}",
    }
    command = [str(RUN), *[word for pair in words.items() for word in pair]]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)
    try:
        return _figure(process, kafka)
    finally:
        end_tree(process.pid)
        process.wait()


def _figure(process: subprocess.Popen[str], kafka: Broker) -> Figure:
    """Count the broker's CPU from the second in which the first record was worked on."""
    meter, before = Meter({"broker": [kafka.pid]}), 0
    started = False
    for line in process.stdout or ():
        told: dict[str, Any] = json.loads(line)
        if told.get("final"):
            return _told(told, meter.lap().cpu["broker"] / (told["messages"] - before))
        if told["processed"] and not started:
            started, before = True, told["processed"]
            meter.start()
    raise Failed(f"{RUN} ended with {process.wait()}")


def _told(told: dict[str, Any], broker: float) -> Figure:
    messages = told["messages"]
    client = told["cpu_seconds_from_first_record"] / messages
    return Figure(
        NAME,
        messages,
        told["seconds"],
        {"client": client * 1e6, "broker": broker * 1e6},
        told["messages_per_second_after_warm_up"],
    )
