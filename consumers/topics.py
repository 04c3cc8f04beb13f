"""The topics, and what travels on each. A topic carries the right to speak: see `cloudevents`."""

from __future__ import annotations

from typing import NamedTuple

CHANNELS = ("storefront", "warehouse", "payments")
"""What we hear: keyed by order id, each with the same number of partitions."""
SAID = ("orders", "warehouse-requests", "payment-requests", "buyer-notices", "dead-letters")
"""What we say."""


class Place(NamedTuple):
    """One partition of one topic."""

    topic: str
    partition: int

    @property
    def position(self) -> str:
        """The name of this partition's position; its value is the last processed offset."""
        return f"kafka/{self.topic}/{self.partition}"


class Topics(NamedTuple):
    """The topics of one installation: the prefix is a setting."""

    prefix: str

    def inbound(self) -> list[str]:
        return [self.prefix + name for name in CHANNELS]

    def outbound(self) -> list[str]:
        return [self.prefix + name for name in SAID]

    def all(self) -> list[str]:
        return [self.prefix + name for name in CHANNELS + SAID]

    def channel(self, topic: str) -> str | None:
        """Return which channel a topic is; None for a topic that is not ours to hear."""
        name = topic.removeprefix(self.prefix)
        return name if topic.startswith(self.prefix) and name in CHANNELS else None
