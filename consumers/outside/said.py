"""What a document from outside came to: messages of the contract, and what could not be said."""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec

from consumers.bad_message import NOTHING_LEFT, Left, Malformed
from consumers.cloudevents import BadMessage, Incoming, hear
from consumers.times import to_rfc3339

ANY_KEY = b"only to see whether it can be heard"


class Message(NamedTuple):
    """A message of the contract, as it goes to the topic `warehouse`, keyed by its order."""

    order_id: str
    type: str
    source: str
    message_id: str
    value: bytes
    """A structured CloudEvent."""


class Bad(NamedTuple):
    """A part of a document, or all of it, that cannot be said, and why."""

    value: bytes | None
    """Its own bytes: those of one event, where the others could be read."""
    field: str
    rule: str
    detail: str
    left: Left = NOTHING_LEFT

    @classmethod
    def of(cls, wrong: Malformed, value: bytes | None, left: Left = NOTHING_LEFT) -> Bad:
        """Say that `value` breaks a rule."""
        return cls(value, wrong.field, wrong.rule, wrong.detail, left)

    def as_bad_message(self) -> BadMessage:
        return BadMessage(self.field, self.rule, self.detail, self.left)


class Translated(NamedTuple):
    """One document in other words, in the order in which it speaks."""

    messages: list[Message]
    bad: list[Bad]
    ignored: int = 0
    """Events and statuses that say nothing about an order's goods."""


def message(  # noqa: PLR0913 - the attributes of a CloudEvent
    kind: str,
    *,
    order_id: str,
    source: str,
    message_id: str,
    occurred_at: int,
    data: dict[str, Any],
) -> Message:
    """Make a message; the same arguments always make the same bytes.

    Raises Malformed when it could not be heard, for whatever reason: it is heard here, once.
    """
    value = msgspec.json.encode(
        {
            "specversion": "1.0",
            "id": message_id,
            "source": source,
            "type": kind,
            "subject": order_id,
            "time": to_rfc3339(occurred_at),
            "data": {"order_id": order_id, **data},
        }
    )
    hear(Incoming(value, channel="warehouse"), occurred_at, ANY_KEY)
    return Message(order_id, kind, source, message_id, value)
