"""Everybody outside together: orders with their lives, the provider, and who hears what."""

from __future__ import annotations

from random import Random

from tests.simulation.agenda import Agenda
from tests.simulation.broker import Broker
from tests.simulation.habits import Habits
from tests.simulation.life import Life
from tests.simulation.outside import Data, Ear, Outside
from tests.simulation.provider import Provider

HEARD = ("orders", "warehouse-requests", "buyer-notices", "payment-requests")


class Town:
    """A few orders, and everybody who has to do with them."""

    def __init__(self, random: Random, agenda: Agenda, broker: Broker, habits: Habits) -> None:
        self.outside = Outside(random, agenda, broker, habits)
        self.provider = Provider(self.outside)
        self.lives = {
            name: Life(self.outside, name) for name in ("A", "B")[: random.choice([1, 1, 2])]
        }
        self._ear = Ear(self.outside, HEARD)
        for life in self.lives.values():
            life.begin()

    def listen(self) -> int:
        """Hear what the service says, and plan what follows from it."""
        return self._ear.listen(self._hear)

    def _hear(self, topic: str, message: Data) -> None:
        if topic == "payment-requests":
            self.provider.asked_to_pay(message["data"])
        else:
            self.lives[message["subject"]].heard(message["type"], message["id"], message["data"])

    def calm_down(self) -> None:
        """From now on everybody answers, truly and once."""
        self.outside.habits = self.outside.habits.calm()
