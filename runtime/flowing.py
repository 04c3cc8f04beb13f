"""How fast messages flow, and who works: of all processes together, whoever asks.

From what is stored, from Kafka, and from two looks at positions that everybody shares.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from typing import TYPE_CHECKING, Any

from runtime import brokers, wiring
from runtime.settings import Settings

if TYPE_CHECKING:
    from application.event_store import EventStore

_LOG = logging.getLogger(__name__)
KEPT = 2.0
"""Seconds for which a look is good, however many ask."""
_SHORTEST, _LONGEST = 3.0, 60.0
"""Seconds between two looks at a position that say how fast it moves."""
SPAN = 60.0
"""Seconds of Kafka's topics that are looked back."""


class Flowing:
    """Looks seldom, and remembers the positions of a minute."""

    def __init__(self, settings: Settings, store: EventStore) -> None:
        self._settings, self._store = settings, store
        self._lock = threading.Lock()
        self._seen: deque[tuple[float, dict[str, int]]] = deque()
        self._found: dict[str, Any] = {}
        self._until = 0.0

    def look(self) -> dict[str, Any]:
        """Rates a second: what is recorded, of each topic, of each follower; and who works.

        `topics` is none where there is no Kafka, or where it does not answer.
        """
        with self._lock:
            if time.monotonic() >= self._until:
                self._found = self._look()
                self._until = time.monotonic() + KEPT
            return self._found

    def _look(self) -> dict[str, Any]:
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
