"""What a small world outside looks like: its size, its habits, and what goes wrong in it.

Every share is a number from 0 to 1. A world is a value: the same one tells the same messages.
"""

from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Literal, NamedTuple

Topic = Literal["storefront", "warehouse", "payments"]
DUPLICATE = "duplicate"
LATE = "late"

_DECIMALS = dict.fromkeys(("CLP", "ISK", "JPY", "KRW", "UGX", "VND", "XAF", "XOF", "XPF"), 0)
_DECIMALS |= dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3)


class Outgoing(NamedTuple):
    """One message as it is sent: a structured CloudEvent in one line.

    `at` is when it is sent and never goes back within a stream; the event's own `time` says when
    it happened. `type` is what was meant, also where the bytes are damaged. `trouble` is empty,
    `duplicate`, `late`, or the name of the damage; never two at once.
    """

    topic: Topic
    key: bytes
    value: bytes
    broken: bool
    at: datetime
    type: str
    trouble: str = ""


@dataclass(frozen=True)
class World:
    """A seed, a size, habits (what people do) and troubles (what goes wrong on the way).

    Trouble only adds to a world or delays it: without the damaged and the repeated messages the
    same messages remain as without trouble.
    """

    seed: int
    orders: int | None = None  # None: endless
    lines_per_order: tuple[int, int] = (1, 4)
    units_per_line: tuple[int, int] = (1, 5)
    warehouses: int = 3
    buyers: int = 1_000
    sellers: int = 20
    # Each entry is as likely as another: most orders are in euros.
    currencies: tuple[str, ...] = ("EUR",) * 7 + ("GBP", "JPY", "KWD")
    start: datetime = datetime(2025, 1, 6, 8, tzinfo=UTC)
    in_flight: int = 200  # orders that overlap, and all that is ever kept in memory

    cancel: float = 0.4  # of orders: something is cancelled
    again: float = 0.15  # of orders cancelled in time: cancelled a second time
    whole: float = 0.35  # of cancellations: everything, not a line or some units
    by_seller: float = 0.15  # of cancellations
    crossings: float = 0.3  # of cancelled orders: heard while the warehouse ships
    withdrawals: float = 0.0  # of cancellations: the buyer wants it after all
    too_late: float = 0.0  # of delivered parcels: somebody still tries to cancel the order
    released: float = 0.5  # of orders: the warehouse says what it took on and what it stopped
    split: float = 0.2  # of orders: two parcels; of returns: two deliveries
    over_ship: float = 0.0  # of orders: one unit too many
    delivered: float = 0.95  # of parcels taken at the door: the carrier says so
    refusals: float = 0.85  # of parcels that hold cancelled goods: refused at the door
    unwanted: float = 0.04  # of other parcels: refused, unclaimed or undeliverable
    lost: float = 0.0  # of parcels
    returns_damaged: float = 0.0  # of rejections
    returns_short: float = 0.0  # of rejections: a unit is missing
    ordinary_returns: float = 0.0  # of delivered parcels: a unit comes back weeks later
    corrections: float = 0.0  # of orders: a warehouse takes back or corrects a fact
    refunds_reported: float = 0.0  # of refunds whose id and amount the world can know
    coming_soon: float = 0.0  # of orders: the last line is a pre-order
    discounts: float = 0.1  # of orders: a discount on the order as a whole
    unpaid: float = 0.0  # of orders: nothing was paid in advance

    duplicates: float = 0.0  # of messages: one that was sent before
    out_of_order: float = 0.0  # of messages: overtaken by later ones of the same order
    broken: float = 0.0  # of messages: a damaged copy beside the good one
    orphans: float = 0.0  # of orders: facts only, the order itself is never placed
    damages: tuple[str, ...] = ()  # only these kinds of damage; empty: all kinds

    def __post_init__(self) -> None:
        for field in fields(self):
            if field.type is float and not 0 <= getattr(self, field.name) <= 1:
                raise ValueError(f"{field.name} is a share from 0 to 1")
        if 2 * (self.broken + self.duplicates) + self.out_of_order > 1:
            raise ValueError("broken, duplicates and out_of_order leave too few good messages")
        if not 0 <= self.seed < 2**63:
            raise ValueError("seed is a number from 0 to 2^63 - 1")
        if self.start.tzinfo is None:
            raise ValueError("start needs a time zone")
        self._check_sizes()

    def _check_sizes(self) -> None:
        for name, most in (("lines_per_order", 2_000), ("units_per_line", 1_000_000)):
            low, high = getattr(self, name)
            if not 1 <= low <= high <= most:
                raise ValueError(f"{name} is a range from 1 to {most}")
        if min(self.warehouses, self.buyers, self.sellers, self.in_flight) < 1:
            raise ValueError("warehouses, buyers, sellers and in_flight are at least 1")
        if self.orders is not None and self.orders < 0:
            raise ValueError("orders is 0 or more, or None for an endless stream")
        if not self.currencies:
            raise ValueError("a world needs a currency")


def decimals_of(currency: str) -> int:
    return _DECIMALS.get(currency, 2)


BENCH = World(
    seed=1,
    lines_per_order=(1, 3),
    units_per_line=(2, 5),
    currencies=("EUR",),
    cancel=1.0,
    again=0.0,
    whole=0.0,
    crossings=1.0,
    refusals=1.0,
    released=0.0,
    split=0.0,
    delivered=0.0,
    discounts=0.0,
)
"""Five messages an order, always: placed, part cancelled, shipped, rejected, returned."""

PLAUSIBLE = World(
    seed=1,
    withdrawals=0.08,
    too_late=0.03,
    over_ship=0.005,
    unwanted=0.06,
    lost=0.02,
    returns_damaged=0.1,
    returns_short=0.08,
    ordinary_returns=0.03,
    corrections=0.03,
    refunds_reported=0.8,
    coming_soon=0.08,
    unpaid=0.03,
    duplicates=0.01,
    out_of_order=0.02,
    broken=0.002,
    orphans=0.002,
)
"""A bit of everything that people, warehouses and networks do."""

FAULTS = World(
    seed=1,
    withdrawals=0.08,
    too_late=0.05,
    over_ship=0.01,
    unwanted=0.08,
    lost=0.03,
    returns_damaged=0.1,
    returns_short=0.1,
    ordinary_returns=0.03,
    corrections=0.05,
    refunds_reported=0.8,
    coming_soon=0.1,
    unpaid=0.03,
    duplicates=0.05,
    out_of_order=0.05,
    broken=0.02,
    orphans=0.01,
)
"""The same people on a bad day: 2 % damaged, 5 % twice, 5 % overtaken."""
