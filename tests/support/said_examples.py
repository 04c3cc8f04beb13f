"""What is said of each stored example: the examples of docs/messages.md.

`python -m tests.support.said_examples` prints the rows of that page.
"""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from application.event_store import Recorded
from consumers.known_orders import Known
from consumers.outgoing import Outgoing
from consumers.said import CHANNELS
from consumers.saying import said_of
from domain.events import Event
from domain.process_events import RefundRetried
from tests.support.stored_examples import EXAMPLES

KNOWN = Known("order-1", "buyer-1", "EUR")
STREAM = UUID(int=1)


def say(event: Event, version: int = 1, known: Known = KNOWN) -> list[Outgoing]:
    """Every message that an event is told by."""
    return said_of(Recorded(1, STREAM, version, event), known)


SAID: list[tuple[str, Outgoing]] = [
    (name, message)
    for version, (name, event) in enumerate(EXAMPLES.items(), 1)
    for message in say(event, version)
]
"""Stored name, and a message that its example is told by."""


IN_ALL = {
    "orders": ("order_id", "version", "recorded_at", "cause"),
    "buyer-notices": ("order_id", "buyer_id"),
}
"""Fields of all messages of a topic, which the page names once."""


def rows() -> dict[tuple[str, str], str]:
    """A row of the page for each topic and type."""
    found = {}
    for name, message in SAID:
        said = json.loads(message.value or b"")
        key = (message.channel, said["type"])
        if name != f"{RefundRetried.__name__}.v1":  # the first request is the example
            found[key] = _row(*key, said["data"])
    return found


def _row(channel: str, kind: str, data: dict[str, Any]) -> str:
    shown = {name: value for name, value in data.items() if name not in IN_ALL.get(channel, ())}
    model = next(one for one in CHANNELS[channel] if one.__name__ == kind)
    words = " ".join((model.__doc__ or "").split())
    return f"| `{kind}` | {words} | `{json.dumps(shown, ensure_ascii=False)}` |"


if __name__ == "__main__":
    for (channel, _), row in rows().items():
        print(f"{channel:20}{row}")  # noqa: T201
