"""One order of the small world: its lines, what it costs, and what has been told of it so far."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random

from runtime.simulated_world import Topic, World, decimals_of

MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR

Units = list[int]  # one number a line, in the order of the lines
Content = dict[str, object]

STOREFRONT = "/storefront"
PAYMENTS = "/payments/provider"
_GOODS = (
    ("RETRO-CLOCK", "Retro alarm clock"),
    ("TEAPOT-BLUE", "Teapot, blue enamel"),
    ("OAK-STOOL", "Three-legged oak stool"),
    ("LAMP-BRASS", "Reading lamp in brass"),
    ("WOOL-RUG-2M", "Wool rug, two metres"),
    ("GARDEN-SHEARS", "Garden shears"),
    ("KITE-RED", "Red stunt kite"),
    ("CHESS-SET", "Travelling chess set"),
    ("COFFEE-MILL", "Hand coffee mill"),
    ("RAIN-BARREL", "Rain barrel, 200 litres"),
    ("FOLD-BIKE", "Folding bicycle"),
    ("CERAMIC-OWL", "Ceramic owl"),
)


@dataclass(slots=True)
class Told:
    """One message of an order: when it happened, who says so, and what."""

    at: int
    topic: Topic
    type: str
    source: str
    id: str
    data: Content


@dataclass(slots=True)
class Line:
    line_id: str
    ordered: int
    amount: int  # minor units for all its units, after discounts, with tax
    coming_soon: bool


@dataclass(slots=True)
class Parcel:
    shipment_id: str
    units: Units
    cancelled: Units  # those of its units that nobody wants any more
    at: int


@dataclass(slots=True)
class Due:
    """A refund that the world can name: what was stopped or came back, and by which cause."""

    at: int
    kind: str
    cause: str
    units: Units


@dataclass(slots=True)
class Order:
    world: World
    order_id: str
    random: Callable[[], float]
    placed_at: int
    source: str = ""
    warehouse_id: str = ""
    currency: str = ""
    decimals: int = 2
    lines: list[Line] = field(default_factory=list)
    fee: int = 0
    ships_at: int = 0
    released_at: int | None = None
    stopped: Units = field(default_factory=list)
    unreleased: Units = field(default_factory=list)  # stopped before the warehouse took them on
    cancelled: Units = field(default_factory=list)  # will leave, though cancelled
    cancellations: int = 0
    parcels: list[Parcel] = field(default_factory=list)
    returns: int = 0
    dues: list[Due] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)
    money_known: bool = True  # false as soon as a refund depends on what the world cannot see
    orphan: bool = False

    def chance(self, share: float) -> bool:
        return share > 0 and self.random() < share

    def between(self, low: int, high: int) -> int:
        return low + int(self.random() * (high - low + 1))

    def tell(self, at: int, topic: Topic, kind: str, source: str, data: Content) -> Told:
        told = Told(
            at,
            topic,
            kind,
            source,
            f"{self.order_id}.{len(self.told) + 1}",
            {"order_id": self.order_id, **data},
        )
        self.told.append(told)
        return told

    def tell_from_warehouse(self, at: int, kind: str, data: Content) -> Told:
        return self.tell(at, "warehouse", kind, self.source, data)

    def items(self, units: Sequence[int]) -> list[Content]:
        return [
            {"line_id": line.line_id, "quantity": count}
            for line, count in zip(self.lines, units, strict=True)
            if count
        ]

    def money(self, minor: int) -> str:
        if self.decimals == 0:
            return str(minor)
        digits = str(minor).rjust(self.decimals + 1, "0")
        return f"{digits[: -self.decimals]}.{digits[-self.decimals :]}"


def placed_order(world: World, number: int, placed_at: int) -> Order:
    # Only Random.random() is promised to give the same numbers in every version of Python;
    # and an order draws from its own seed, so that its story depends on no other order.
    random = Random(f"{world.seed}/{number}").random
    order = Order(world, f"S{world.seed}-{number:07d}", random, placed_at)
    order.currency = world.currencies[order.between(0, len(world.currencies) - 1)]
    order.decimals = decimals_of(order.currency)
    order.warehouse_id = f"W{order.between(1, world.warehouses)}"
    order.source = f"/warehouse/{order.warehouse_id}"
    _tell_placed(order)
    order.stopped = [0] * len(order.lines)
    order.unreleased = order.stopped.copy()
    order.cancelled = order.stopped.copy()
    return order


def _tell_placed(order: Order) -> None:
    world = order.world
    count = order.between(*world.lines_per_order)
    soon = order.chance(world.coming_soon)
    lines = [
        _draw_line(order, place, coming_soon=soon and place == count)
        for place in range(1, count + 1)
    ]
    data: Content = {
        "buyer_id": f"B{order.between(1, world.buyers)}",
        "seller_id": f"V{order.between(1, world.sellers)}",
        "currency": order.currency,
        "lines": lines,
    }
    _add_what_concerns_all_lines(order, data)
    for line, content in zip(order.lines, lines, strict=True):
        _add_tax(order, line, content)
    order.tell(order.placed_at, "storefront", "OrderPlaced", STOREFRONT, data)


def _add_what_concerns_all_lines(order: Order, data: Content) -> None:
    if order.chance(order.world.discounts):
        discount = sum(line.amount for line in order.lines) // 20
        data["discount"] = order.money(discount)
        spread_discount(order.lines, discount)
    if order.random() < 0.6:
        order.fee = order.between(190, 990)
        data["shipping_fee"] = order.money(order.fee)
    if order.chance(order.world.unpaid):
        data["paid"] = "0"
        order.money_known = False


def _draw_line(order: Order, place: int, *, coming_soon: bool) -> Content:
    sku, title = _GOODS[order.between(0, len(_GOODS) - 1)]
    quantity = order.between(*order.world.units_per_line)
    price = 50 + int(order.random() ** 2 * 12_000)
    content: Content = {
        "line_id": str(place),
        "sku": sku,
        "title": title,
        "quantity": quantity,
        "unit_price": order.money(price),
    }
    discount = 0
    if order.random() < 0.1:
        discount = price * quantity // 10
        content["discount"] = order.money(discount)
    if coming_soon:
        content["coming_soon"] = True
    order.lines.append(Line(str(place), quantity, price * quantity - discount, coming_soon))
    return content


def _add_tax(order: Order, line: Line, content: Content) -> None:
    tax = (line.amount * 19 + 50) // 100
    content["tax"] = order.money(tax)
    line.amount += tax


def spread_discount(lines: list[Line], discount: int) -> None:
    """In proportion, by largest remainder, ties by the place of the line."""
    whole = sum(line.amount for line in lines)
    shares = [divmod(discount * line.amount, whole) for line in lines]
    missing = discount - sum(share for share, _ in shares)
    by_remainder = sorted(range(len(lines)), key=lambda place: -shares[place][1])
    for place, line in enumerate(lines):
        line.amount -= shares[place][0]
    for place in by_remainder[:missing]:
        lines[place].amount -= 1
