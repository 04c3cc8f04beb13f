"""Everybody outside: what they say to the broker, and what they hear from it."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import count
from random import Random
from typing import Any

from consumers.topics import Place
from tests.simulation.agenda import HOUR, Agenda
from tests.simulation.broker import Broker
from tests.simulation.habits import Habits
from tests.support.saying import channel_of

Data = dict[str, Any]


class Outside:
    """The way in and out for everybody outside; messages may be late, and come twice."""

    def __init__(self, random: Random, agenda: Agenda, broker: Broker, habits: Habits) -> None:
        self.random, self.agenda, self.habits = random, agenda, habits
        self.broker = broker
        self.told: list[str] = []
        """What was said, for a story."""
        self._numbers = count(1)

    def happens(self, rate: float) -> bool:
        """Whether something of this rate happens now. A rate of 0 draws nothing."""
        return rate > 0 and self.random.random() < rate

    def pause(self, hours: float = 24) -> int:
        """Some time of at most so many hours, in microseconds."""
        return int(self.random.random() * hours * HOUR)

    def after(self, hours: float, happen: Callable[[], None]) -> None:
        """Let something happen within so many hours."""
        self.agenda.after(self.pause(hours), happen)

    def say(self, kind: str, order_id: str, /, **data: Any) -> Data:  # noqa: ANN401
        """Send a message, now or late, once or twice; return it."""
        message = {
            "specversion": "1.0",
            "id": f"{kind}-{next(self._numbers)}",
            "source": f"/{channel_of(kind)}",
            "type": kind,
            "subject": order_id,
            "time": "2026-01-31T12:00:00Z",
            "data": {"order_id": order_id, **data},
        }
        value = json.dumps(message).encode()
        self._send(message, value)
        if self.happens(self.habits.sends_twice):
            self.after(100, lambda: self._now(message, value))
        return message

    def _send(self, message: Data, value: bytes) -> None:
        if self.happens(self.habits.late):
            self.after(100, lambda: self._now(message, value))
        else:
            self._now(message, value)

    def _now(self, message: Data, value: bytes) -> None:
        self.told.append(f"{message['type']} {message['data']}")
        self.broker.keep(channel_of(message["type"]), message["subject"].encode(), value)


class Ear:
    """Reads topics from its own offsets, now and then from an earlier one again."""

    def __init__(self, outside: Outside, topics: tuple[str, ...]) -> None:
        self._outside = outside
        places = range(outside.broker.partitions)
        self._offsets = {Place(topic, number): 0 for topic in topics for number in places}

    def listen(self, hear: Callable[[str, Data], None]) -> int:
        """Hear everything new, each with its topic; return how many records that was."""
        heard = 0
        for place, offset in self._offsets.items():
            for at, value in self._outside.broker.fetch(place, offset, 1_000):
                hear(place.topic, json.loads(value))
                self._offsets[place] = at + 1
                heard += 1
            if offset and self._outside.happens(self._outside.habits.heard_again):
                self._offsets[place] = max(0, offset - 2)
        return heard
