"""How a seed's world behaves: the rates of everything that goes wrong, drawn from the seed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random

RATES = (0.0, 0.0, 0.1, 0.3, 0.7)
"""Most worlds have few kinds of trouble, some have much of one kind."""


@dataclass(frozen=True, slots=True)
class Habits:
    """Rates from 0 to 1; all 0 is a world where everybody answers, truly and once."""

    # people and parcels
    withdraws: float = 0.0
    takes_what_it_should_refuse: float = 0.0
    refuses_what_it_wants: float = 0.0
    refuses_in_part: float = 0.0
    loses_parcel: float = 0.0
    loses_return: float = 0.0
    returns_short: float = 0.0
    returns_damaged: float = 0.0
    # the warehouse
    never_releases: float = 0.0
    never_ships_rest: float = 0.0
    silent_stop: float = 0.0
    ignores_stop: float = 0.0
    says_wrong_first: float = 0.0
    # the payment provider
    fails: float = 0.0
    pays_silently: float = 0.0
    forgets_request: float = 0.0
    answers_twice: float = 0.0
    # messages and processes
    sends_twice: float = 0.0
    late: float = 0.0
    heard_again: float = 0.0
    send_unknown: float = 0.0
    interleaved: float = 0.0
    unavailable: float = 0.0
    unknown_commit: float = 0.0
    dies: float = 0.0

    @classmethod
    def draw(cls, random: Random) -> Habits:
        """Draw each rate."""
        return cls(**{name: random.choice(RATES) for name in cls.__slots__})

    def calm(self) -> Habits:
        """Nothing breaks any more, and everybody answers."""
        return Habits()

    def capped(self, **most: float) -> Habits:
        """These rates at most so high."""
        return replace(self, **{name: min(getattr(self, name), top) for name, top in most.items()})
