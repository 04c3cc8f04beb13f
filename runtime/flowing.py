"""How fast messages flow, and who works: of all processes together, whoever asks.

From what is stored, from Kafka, and from two looks at positions that everybody shares.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from runtime import brokers, wiring
from runtime.settings import Settings

if TYPE_CHECKING:
    from application.event_store import EventStore

_LOG = logging.getLogger(__name__)
_SHORTEST, _LONGEST = 3.0, 60.0
"""Seconds between two looks at a position that say how fast it moves."""
SPAN = 60.0
"""Seconds of Kafka's topics that are looked back."""


Look = dict[str, Any]


class Kept:
    """A look that is good for some seconds, however many ask: it may cost a visit to Kafka."""

    def __init__(self, look: Callable[[], Look], seconds: float) -> None:
        self._look, self._seconds = look, seconds
        self._lock = threading.Lock()
        self._found: Look = {}
        self._until = 0.0

    def __call__(self) -> Look:
        with self._lock:
            if time.monotonic() >= self._until:
                self._found = self._look()
                self._until = time.monotonic() + self._seconds
            return self._found


class Flowing:
    """Looks, and remembers the positions of a minute. Not for several threads at once."""

    def __init__(self, settings: Settings, store: EventStore) -> None:
        self._settings, self._store = settings, store
        self._seen: deque[tuple[float, dict[str, int]]] = deque()

    def look(self) -> Look:
        """Rates a second: what is recorded, of each topic, of each follower; and who works.

        `topics` is none where there is no Kafka, or where it does not answer.
        """
        from application import rates
        from application.owner import FOLLOWER

        recorded = rates.recorded(self._store, wiring.now())
        positions = self._store.positions(FOLLOWER)
        working = rates.owned(self._store, list(positions))
        moved = self._moved(positions)
        followers = {
            name.removeprefix(FOLLOWER): {"works": name in working, "rate": moved.get(name)}
            for name in positions
        }
        return {
            "recorded": recorded.all,
            "of_process": recorded.of_process,
            "topics": self._topics(),
            "followers": followers,
        }

    def _moved(self, positions: dict[str, int]) -> dict[str, float]:
        """How fast positions moved since a look of some seconds ago; nothing at the first look."""
        now = time.monotonic()
        while self._seen and now - self._seen[0][0] > _LONGEST:
            self._seen.popleft()
        self._seen.append((now, dict(positions)))
        then, before = self._seen[0]
        if now - then < _SHORTEST:
            return {}
        return {
            name: max(0, position - before[name]) / (now - then)
            for name, position in positions.items()
            if name in before
        }

    def _topics(self) -> dict[str, float] | None:
        if self._settings.kafka_bootstrap_servers is None:
            return None
        from consumers import rates
        from consumers.kafka import KafkaRefused, KafkaUnavailable

        try:
            return rates.a_second(brokers.kafka_settings(self._settings), wiring.now(), SPAN)
        except (KafkaRefused, KafkaUnavailable) as away:
            _LOG.warning("it cannot be seen how fast Kafka's topics flow: %s", away)
            return None
