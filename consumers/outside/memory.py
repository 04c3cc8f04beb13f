"""What was said before: so that what is captured again is said again, word for word.

It also knows what a later event speaks of without naming it: the parcel that is voided, the
contents of a container.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Literal, Protocol

from msgspec import Struct

from consumers.bad_message import Malformed

MOST = 1_000
"""Events about one shipment or container that are worked out together."""

Does = Literal["shipped", "returned", "voided", "declared", "spoken_for", "packed", "unpacked"]


class Told(Struct, frozen=True):
    """One event, and what became of it. Its name within a source is `message_id`."""

    message_id: str
    digest: str
    """Of the event's content: the same name with another content is another matter."""
    does: Does
    at: int
    """When, in microseconds; of a correction, the time that its message carries."""
    about: str
    """`shipment/ID` or `container/ID`: what events speak of in common. Empty: nothing."""
    order_id: str = ""
    root: str = ""
    """The message that it is about in the end: the first that was said of these goods."""
    undoes: str = ""
    """The event that a declaration takes back."""
    data: dict[str, Any] | None = None
    """What counts from then on. Nothing: it should not have been said."""
    value: bytes | None = None
    """The message that was said. Nothing: another message says it."""


def too_much(subject: str) -> Malformed:
    """Say that a shipment or a container is spoken of too often to be worked out."""
    detail = f"is one of more than {MOST} events, or of too long ones, about {subject}"
    return Malformed("bizStep", "too_many", detail)


class Memory(Protocol):
    """What a translator remembers of one source."""

    def named(self, source: str, message_ids: Collection[str]) -> dict[str, Told]:
        """Look up events by their names."""

    def about(self, source: str, subject: str) -> list[Told]:
        """Look up everything that was said about a shipment or a container.

        Raises Malformed when it is more than `MOST`.
        """

    def keep(self, source: str, told: Told) -> None:
        """Remember an event. Of one name the first is kept."""


class Remembered:
    """A memory that lasts as long as the process: that of one run over a file."""

    def __init__(self) -> None:
        self._by_name: dict[tuple[str, str], Told] = {}
        self._by_subject: dict[tuple[str, str], list[Told]] = {}

    def named(self, source: str, message_ids: Collection[str]) -> dict[str, Told]:
        known = self._by_name
        return {one: known[source, one] for one in message_ids if (source, one) in known}

    def about(self, source: str, subject: str) -> list[Told]:
        found = self._by_subject.get((source, subject), ())
        if len(found) > MOST:
            raise too_much(subject)
        return list(found)

    def keep(self, source: str, told: Told) -> None:
        if (source, told.message_id) in self._by_name:
            return
        self._by_name[source, told.message_id] = told
        if told.about:
            self._by_subject.setdefault((source, told.about), []).append(told)
