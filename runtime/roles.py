"""What `run` can run: each role is a process of its own, and ends when it is told to."""

from __future__ import annotations

from threading import Event as Flag
from typing import NamedTuple, Protocol


class Running(Protocol):
    """What a role is, once it is put together."""

    def run(self, stop: Flag) -> None:
        """Work until `stop` is set."""


class Role(NamedTuple):
    """A role of the service."""

    does: str
    """What it is for, as the help says it."""
    needs_kafka: bool = False


ROLES = {
    "ingest": Role(
        "hears messages on Kafka and records what orders decide; start as many as serve best",
        needs_kafka=True,
    ),
    "process": Role(
        "chases late answers: asks, waits, and fires deadlines; start as many as serve best",
    ),
    "project": Role("keeps the views up to date"),
    "publish": Role(
        "says on Kafka what was recorded, asked and told; one works, others wait to take over",
        needs_kafka=True,
    ),
    "translate": Role(
        "says what warehouses and carriers send in their own formats in the words of the contract",
        needs_kafka=True,
    ),
    "serve": Role("the pages and the API on COUNTERMAND_HTTP_BIND"),
}
"""By name, in the order in which they are started. `wiring.MADE_BY` says how each is made."""
