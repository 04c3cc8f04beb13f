"""CloudEvents as this world reads and writes them: JSON in a record's value, or binary mode."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec

from consumers.times import to_rfc3339

WORLD = "world"
"""The topic of the world's own, without its prefix: parcels on their way, somebody at the door."""

Content = dict[str, Any]
Units = dict[str, int]
"""Units by line; no line has none."""


class Heard(NamedTuple):
    """A message as it was read. `channel` is its topic without the prefix."""

    channel: str
    type: str
    source: str
    id: str
    order_id: str
    data: Content


class Said(NamedTuple):
    """A message as it is to be sent; the same bytes however often."""

    channel: str
    order_id: str
    value: bytes


class Message(NamedTuple):
    """Something to say; `source` and `id` together name it for ever."""

    channel: str
    type: str
    order_id: str
    source: str
    id: str
    data: Content

    def said(self, at: int) -> Said:
        """Write it. `at` is when it happened, in microseconds since 1970."""
        envelope = {
            "specversion": "1.0",
            "id": self.id,
            "source": self.source,
            "type": self.type,
            "subject": self.order_id,
            "time": to_rfc3339(at),
            "datacontenttype": "application/json",
            "data": {"order_id": self.order_id, **self.data},
        }
        return Said(self.channel, self.order_id, msgspec.json.encode(envelope))


def heard(channel: str, value: bytes | None, headers: Sequence[tuple[str, bytes | None]]) -> Heard:
    """Read a record. Raises KeyError or msgspec.DecodeError where it is no message."""
    body = msgspec.json.decode(value or b"")
    told = {name.lower(): text or b"" for name, text in headers}
    if "ce_type" in told:
        about = {name: told[f"ce_{name}"].decode() for name in ("type", "source", "id")}
        data: Content = body
    else:
        about = {name: str(body[name]) for name in ("type", "source", "id")}
        data = body["data"]
    kind, source, message_id = about.values()
    return Heard(channel, kind, source, message_id, str(data["order_id"]), data)


def items(units: Units) -> list[Content]:
    return [{"line_id": line_id, "quantity": n} for line_id, n in units.items() if n > 0]


def units(data: Content) -> Units:
    """Add up the items of a message by line. No items: none."""
    found: Units = {}
    for item in data.get("items") or ():
        found[item["line_id"]] = found.get(item["line_id"], 0) + int(item["quantity"])
    return found


def less(some: Units, others: Units) -> Units:
    """What is left of some units without others."""
    left = {line_id: n - others.get(line_id, 0) for line_id, n in some.items()}
    return {line_id: n for line_id, n in left.items() if n > 0}


def both(some: Units, others: Units) -> Units:
    """The units that are in both."""
    shared = {line_id: min(n, others.get(line_id, 0)) for line_id, n in some.items()}
    return {line_id: n for line_id, n in shared.items() if n > 0}


def plus(some: Units, others: Units) -> Units:
    lines = [*some, *(line_id for line_id in others if line_id not in some)]
    return {line_id: some.get(line_id, 0) + others.get(line_id, 0) for line_id in lines}
