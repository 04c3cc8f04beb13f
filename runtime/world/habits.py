"""What a reacting world is like: how big, how fast, what people do, and what goes wrong.

Every choice is drawn by hashing the seed and the names of what it is about, so that a program that
was killed, or is told the same again, chooses the same.
"""

from __future__ import annotations

from hashlib import blake2b

import msgspec
from msgspec import Struct
from msgspec.structs import fields

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR


class Habits(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Shares, each from 0 to 1. The first are what people do; those in TROUBLES are faults."""

    cancel: float = 0.6  # of orders: something is cancelled
    crossings: float = 0.3  # of cancelled orders: just when the goods leave
    late: float = 0.2  # of cancelled orders: when the parcel is on its way
    again: float = 0.15  # of cancelled orders: cancelled a second time
    whole: float = 0.45  # of cancellations: everything, not a line or some units
    by_seller: float = 0.1  # of cancellations
    withdrawals: float = 0.05  # of cancelled orders: the buyer wants it after all
    released: float = 0.8  # of orders: the warehouse says what it took on
    split: float = 0.15  # of orders: two parcels
    whole_refusals: float = 0.15  # of refused parcels: wanted goods in it are refused, too

    refusals: float = 1.0  # of parcels to refuse: the buyer does
    unclaimed: float = 0.0  # of parcels: nobody ever opens the door
    failed_attempts: float = 0.0  # of attempts to deliver: that is no rejection
    short_returns: float = 0.0  # of returns: a unit is missing
    damaged_returns: float = 0.0  # of returns: a unit is damaged
    lost: float = 0.0  # of journeys, there and back; some parcels turn up again
    silent_warehouse: float = 0.0  # of requests to stop: never answered
    too_late: float = 0.0  # of requests to stop: refused
    failed_payments: float = 0.0  # of refunds: fails once or more, or for ever
    silent_payments: float = 0.0  # of refunds: no answer once or more, paid or not
    double_answers: float = 0.0  # of answers: given again under another id
    wrong_clocks: float = 0.0  # of messages: their time is off by hours
    duplicates: float = 0.0  # of messages: sent again later

    def __post_init__(self) -> None:
        for name in SHARES:
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} is a share from 0 to 1")
        if self.crossings + self.late > 1:
            raise ValueError("crossings and late are shares of the same orders: at most 1 together")


SHARES = tuple(field.name for field in fields(Habits))
TROUBLES = SHARES[SHARES.index("unclaimed") :]


def with_troubles(share: float) -> dict[str, float]:
    """Give every fault that share; as many buyers take what they should refuse."""
    return dict.fromkeys(TROUBLES, share) | {"refusals": 1 - share}


class World(Struct, frozen=True, kw_only=True):
    """A world from a seed. The same one makes the same choices, in this order or another."""

    seed: int
    orders: int
    per_day: float = 150.0  # orders that are placed in a day of the world
    speed: float = 20_000.0  # how many times faster than a clock on the wall its time goes
    habits: Habits = Habits()

    def __post_init__(self) -> None:
        if not 0 <= self.seed < 2**63:
            raise ValueError("seed is a number from 0 to 2^63 - 1")
        if self.orders < 1 or self.per_day <= 0 or self.speed <= 0:
            raise ValueError("orders is at least 1; per_day and speed are more than 0")

    def order_id(self, number: int) -> str:
        return f"{self.prefix}{number:06d}"

    @property
    def prefix(self) -> str:
        """How the ids of its orders begin: other worlds on the same topics are left alone."""
        return f"L{self.seed}-"

    def draw(self, *about: object) -> float:
        """A number from 0 to 1 that belongs to what it is about, for ever."""
        words = "/".join(map(str, (self.seed, *about)))
        return int.from_bytes(blake2b(words.encode(), digest_size=7).digest(), "big") / 2**56

    def chance(self, share: str, *about: object) -> bool:
        return self.draw(share, *about) < float(getattr(self.habits, share))

    def between(self, low: int, high: int, *about: object) -> int:
        """A whole number from `low` to `high`."""
        return low + int(self.draw(*about) * (high - low + 1))

    def takes(self, low: int, high: int, *about: object) -> int:
        """How long something takes on a clock on the wall, given in the world's own time."""
        return round(self.between(low, high, *about) / self.speed)


def written(world: World) -> bytes:
    return msgspec.json.format(msgspec.json.encode(world), indent=2)


def read(text: bytes) -> World:
    return msgspec.json.decode(text, type=World)
