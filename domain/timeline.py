"""The whole story of an order: what happened to it, and what its process manager did about it.

The two streams are put together by the versions that the process's events were decided at. That
is exact, and needs no clock: a cause always comes before what was done about it.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from domain.events import Event, OrderPlaced
from domain.process_events import ProcessEvent
from domain.process_sentences import ProcessTeller
from domain.sentences import sentences


class Entry(Struct, frozen=True, gc=False):
    """One event of either stream, and its sentence."""

    event: Event
    sentence: str
    version: int
    """In the event's own stream, from 1."""

    @property
    def is_process(self) -> bool:
        """Whether the process manager did it, and not the world."""
        return isinstance(self.event, ProcessEvent)


def timeline(events: Sequence[Event], did: Sequence[ProcessEvent]) -> list[Entry]:
    """Both streams of an order, each whole from its first event on, in one."""
    placed = events[0]
    titles = placed.titles if isinstance(placed, OrderPlaced) else {}
    teller = ProcessTeller(titles)
    merged: list[Entry] = []
    waiting = 0
    for version, (event, sentence) in enumerate(zip(events, sentences(events), strict=True), 1):
        merged.append(Entry(event, sentence, version))
        while waiting < len(did) and (
            did[waiting].order_version <= version or version == len(events)
        ):
            done = did[waiting]
            waiting += 1
            merged.append(Entry(done, teller.tell(done), waiting))
    return merged
