"""The topics, and what travels on each. A topic carries the right to speak: see `cloudevents`."""

from __future__ import annotations

from typing import NamedTuple

CHANNELS = ("storefront", "warehouse", "payments")
"""What we hear: keyed by order id, each with the same number of partitions."""
OUTSIDE = ("epcis", "carrier")
"""What is translated: documents of warehouses and carriers, in their own formats and words."""
SAID = ("orders", "warehouse-requests", "payment-requests", "buyer-notices", "dead-letters")
"""What we say."""
LARGEST = 2_000_000
"""Bytes of what we say, at most; the topics that we say it on have to take as many."""


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
    channels: tuple[str, ...] = CHANNELS
    """What is heard here, by `channel`: the contract's topics, or those from outside."""

    @property
    def are_by_order(self) -> bool:
        """Whether what is heard is keyed by order: an order's messages meet in one process."""
        return self.channels == CHANNELS

    def inbound(self) -> list[str]:
        return [self.prefix + name for name in self.channels]

    def heard(self) -> list[str]:
        """Return all topics that some role reads."""
        return [self.prefix + name for name in CHANNELS + OUTSIDE]

    def outbound(self) -> list[str]:
        return [self.prefix + name for name in SAID]

    def all(self) -> list[str]:
        return [self.prefix + name for name in CHANNELS + OUTSIDE + SAID]

    def channel(self, topic: str) -> str | None:
        """Return which channel a topic is; None for a topic that is not ours to hear."""
        name = topic.removeprefix(self.prefix)
        return name if topic.startswith(self.prefix) and name in self.channels else None
