"""A shop's three weeks, told on a clock that is turned by hand: every state that a page can show.

It is Tuesday, 17 November 2026, 16:40 when all is told. The buyer mira has an order of each kind
at the shop fjell; `busy` and `crowded` are full lists, `nobody-yet` and `idle` empty ones.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from application.late_cancellations import Rules
from application.owner import Owner
from application.processing import processes
from domain.late_cancellation import HOUR, Terms
from domain.refunds import Policy
from tests.support.saying import Said, cancel, delivered, say, shipped
from tests.support.web import Api

TERMS = Terms(stop=8 * HOUR)
MANY = 400
"""Entries of the longest story, about."""
FULL = 120
"""Orders of a full list: more than fit on one page."""

Goods = tuple[str, int, str]
BASE: Goods = ("Merino base layer, size M, slate", 2, "64.50")
MUG: Goods = ("Enamel mug, 0.35 l, white", 4, "11.90")
TORCH: Goods = ("Head torch, 400 lumens", 1, "39.90")
STOVE: Goods = ("Camp stove, folding", 1, "89.00")
BOOTS: Goods = ("Insulated boots, size 42", 1, "139.00")
TEA: Goods = ("شاي أخضر بالنعناع، 500 غ", 2, "12.40")
CUP: Goods = ("ספל אמייל לבן", 3, "9.80")
MAT: Goods = ("Sleeping mat, inflatable", 3, "42.25")


class Clock:
    """Says when it is, as it was set: day of the month and time, such as `17 16:40`."""

    def __init__(self) -> None:
        self.at = 0

    def set(self, when: str) -> None:
        day, _, time = when.partition(" ")
        moment = datetime.fromisoformat(f"2026-11-{int(day):02}T{time}:00+00:00").astimezone(UTC)
        self.at = int(moment.timestamp()) * 1_000_000

    def __call__(self) -> int:
        return self.at


class Days:
    """Tells a shop's days, one message at its time."""

    def __init__(self, api: Api, clock: Clock) -> None:
        self._api = api
        self._clock = clock
        self._chasing: Owner = processes(api.url, api.store, Rules(Policy(), TERMS), clock)

    def tell(self, when: str, *messages: Said, happened: str | None = None) -> None:
        """Hear messages at a time, and do what they lead to; `happened` is earlier than heard."""
        for message in messages:
            self._clock.set(happened or when)
            message["time"] = datetime.fromtimestamp(self._clock.at / 1e6, UTC).isoformat()
        self._clock.set(when)
        self._api.given(*messages)
        self._chasing.catch_up()

    def pay(self, when: str, order_id: str, kind: str = "RefundIssued") -> None:
        """The payment provider answers whatever it was asked for."""
        told = self._api.until_seen().get(f"/orders/{order_id}").json()
        self.tell(when, *(
            say(kind, order_id, refund_id=one["refund_id"], **(
                {"amount": one["amount"], "currency": told["currency"]}
                if kind == "RefundIssued" else {"reason": "the card is closed"}))
            for one in told["refunds"] if one["state"] == "requested"
        ))  # fmt: skip

    def end(self, when: str) -> None:
        """Let it be then, with all that is due by then."""
        self.tell(when)
        self._api.until_seen()


def ordered(order_id: str, *goods: Goods, soon: int = 0, **more: Any) -> Said:  # noqa: ANN401
    """An order by mira at fjell; line `soon` is coming soon."""
    lines = [
        {"line_id": f"L{n}", "sku": f"SKU-{n}", "title": title, "quantity": quantity,
         "unit_price": price, "coming_soon": n == soon}
        for n, (title, quantity, price) in enumerate(goods, 1)
    ]  # fmt: skip
    told = {"buyer_id": "mira", "seller_id": "fjell", "currency": "EUR", "lines": lines}
    return say("OrderPlaced", order_id, **(told | more))


def released(order_id: str, **units: int) -> Said:
    more: dict[str, Any] = {"items": _items(units)} if units else {}
    return say("ReleasedToWarehouse", order_id, warehouse_id="W1", **more)


def wish(order_id: str, cancellation_id: str = "C1", **units: int) -> Said:
    """Cancel so many units of lines; all of the order when none is named."""
    more = {"items": _items(units)} if units else {}
    return cancel(order_id, cancellation_id, **more)


def sent(order_id: str, parcel: str, **units: int) -> Said:
    number = f"KN 5520 {parcel[-4:-2]}84 {parcel[-2:]}"
    more = {"carrier": "Kurier Nord", "tracking_number": number}
    items = _items(units)
    return say("ShippedFromWarehouse", order_id, shipment_id=parcel, items=items, **more)


def back(order_id: str, parcel: str, condition: str = "good", **units: int) -> Said:
    items = [one | {"condition": condition} for one in _items(units)]
    return_id = f"RT-{parcel}"
    return say(
        "ReturnedToWarehouse", order_id, return_id=return_id, shipment_id=parcel, items=items
    )


def refused(order_id: str, parcel: str) -> Said:
    return say("DeliveryRejected", order_id, shipment_id=parcel, kind="refused")


def too_late(order_id: str, **units: int) -> Said:
    more: dict[str, Any] = {"items": _items(units), "reason": "it had left already"}
    return say("StopRefused", order_id, cancellation_id="C1", **more)


def _items(units: dict[str, int]) -> list[dict[str, Any]]:
    return [{"line_id": line_id, "quantity": quantity} for line_id, quantity in units.items()]


def play(api: Api, clock: Clock) -> None:
    """Tell everything; the clock stands at 17 16:40 then."""
    days = Days(api, clock)
    _a_crossing_that_ended_well(days)
    _cases(days)
    _returns_and_losses(days)
    _quiet_orders(days)
    _orders_of_today(days)
    _full_lists(days)
    _todays_crossing(days)
    days.end("17 16:40")


def _a_crossing_that_ended_well(days: Days) -> None:
    """A-20317: the same story as A-20417, two weeks before."""
    order = "A-20317"
    _crossed(days, order, "S-8712", 1)
    days.tell("4 10:26", delivered(order, "S-87122"), happened="4 10:12")
    days.tell("4 10:26", refused(order, "S-87121"), happened="4 10:17")
    days.tell("6 09:32", back(order, "S-87121", L3=1), happened="6 09:31")
    days.pay("6 09:45", order)
    days.tell("13 10:21", sent(order, "S-87341", L2=2, L4=1), happened="13 10:20")
    days.pay("13 10:33", order)
    days.tell("14 11:06", delivered(order, "S-87341"), happened="14 11:05")


def _cases(days: Days) -> None:
    """What a seller has to wait for, or has missed."""
    days.tell("2 09:00", ordered("A-20331", ("Down jacket, size L, moss", 1, "189.00")))
    days.tell("2 12:00", ordered("A-20305", ("Compass with mirror", 1, "31.00")))
    silent = ordered("A-20301", ("Tarp, 3 x 3 m, sand", 2, "49.00"))
    days.tell("2 13:00", silent, released("A-20301"))
    days.tell("2 14:05", wish("A-20301"))
    days.tell("3 09:00", ordered("A-20299", ("Lantern, rechargeable", 1, "34.90")))
    days.tell("3 10:00", sent("A-20331", "S-87410", L1=1), wish("A-20331"))
    days.tell("3 10:05", wish("A-20299"))
    days.pay("3 10:20", "A-20299")
    days.tell("4 11:20", refused("A-20331", "S-87410"))
    days.tell("5 09:00", sent("A-20305", "S-87500", L1=1), wish("A-20305"))


def _returns_and_losses(days: Days) -> None:
    """What came back damaged or short, got lost, or could not be paid."""
    days.tell("9 09:00", ordered("A-20355", ("Rain jacket, size S, rust", 2, "64.50")))
    days.tell("9 09:30", ordered("A-20344", MAT))
    days.tell("9 10:00", sent("A-20355", "S-87801", L1=2), wish("A-20355"))
    days.tell("9 11:00", sent("A-20344", "S-87802", L1=3), wish("A-20344"))
    days.tell("10 19:00", refused("A-20355", "S-87801"), refused("A-20344", "S-87802"))
    days.tell("10 20:00", back("A-20355", "S-87801", "damaged", L1=1))
    days.tell("12 08:15", sent("A-20299", "S-87930", L1=1))
    days.tell("13 09:40", back("A-20344", "S-87802", L1=2))
    days.tell("15 16:00", say("LostInTransit", "A-20305", shipment_id="S-87500"))
    days.tell("16 09:00", ordered("A-20360", ("Gaiters, pair", 1, "45.00")))
    days.tell("16 09:30", wish("A-20360"))
    days.pay("16 10:02", "A-20360", "RefundFailed")
    days.tell("17 05:00", ordered("A-20418", ("Bivvy bag, olive", 2, "49.00")), released("A-20418"))
    days.tell("17 06:05", wish("A-20418"))


def _quiet_orders(days: Days) -> None:
    """Orders without trouble, and those that were taken at the door or fit nothing."""
    poles = ordered("A-20255", ("Hiking poles, pair", 1, "59.90"), shipping_fee="3.00")
    days.tell("5 08:00", poles)
    days.tell("5 08:20", wish("A-20255"))
    days.pay("5 09:00", "A-20255")
    days.tell("7 08:00", ordered("A-20288", BASE), sent("A-20288", "S-87600", L1=2))
    days.tell("8 11:00", delivered("A-20288", "S-87600"))
    days.tell("10 08:00", ordered("A-20310", TORCH, MUG), sent("A-20310", "S-87700", L1=1, L2=4))
    days.tell("10 09:00", wish("A-20310", L1=1))
    days.tell("11 09:00", delivered("A-20310", "S-87700"))
    days.tell("11 10:00", ordered("A-20311", BASE), sent("A-20311", "S-87701", L1=3))


def _orders_of_today(days: Days) -> None:
    """Orders that have hardly begun: to come, taken back, cancelled by the shop, in any script."""
    days.tell("16 21:00", ordered("A-20420", STOVE, soon=1))
    days.tell("17 06:20", ordered("A-20424", TEA, CUP, MUG), released("A-20424", L1=2))
    days.tell("17 06:40", sent("A-20424", "S-90101", L1=2, L3=1))
    days.tell("17 06:50", wish("A-20424", L1=1, L2=3, L3=2))
    days.tell("17 06:55", ordered("A-20425", BOOTS), released("A-20425"))
    days.tell("17 07:05", wish("A-20425"))
    days.tell("17 07:30", say("CancellationWithdrawn", "A-20425", cancellation_id="C1"))
    days.tell("17 07:40", ordered("A-20426", STOVE, MAT))
    days.tell("17 07:50", cancel("A-20426", items=_items({"L2": 2}), **_OUT_OF_STOCK))
    days.tell("17 07:00", ordered("A-20421", BOOTS, MUG), released("A-20421"))
    days.tell("17 15:10", ordered("A-20422", ("テント, two persons", 1, "48000"), currency="JPY"))
    long = "Very long name of a thing that is sold in many sizes, with a drawstring, number"
    days.tell(
        "17 12:00", ordered("A-20423", *((f"{long} {n}", n, "1234.56") for n in range(1, 31)))
    )
    days.tell("17 12:05", sent("A-20423", "S-90001", L1=1, L2=2))
    days.tell("17 12:06", sent("A-20423", "S-90002", L30=30))
    days.tell("17 12:10", wish("A-20423"))


_OUT_OF_STOCK = {
    "requested_by": "seller",
    "reason": "out_of_stock",
    "note": "The last ones fell off the shelf.",
}


def _full_lists(days: Days) -> None:
    """More orders, cases, dead letters and parked messages than one page has; a long story."""
    busy = [ordered(f"B-{n}", MUG, BASE, TORCH, buyer_id="busy") for n in range(FULL)]
    days.tell("17 08:00", *busy)
    days.tell("17 08:30", *(wish(f"B-{n}", L1=1) for n in range(FULL)))
    crowd = [ordered(f"D-{n}", MUG, buyer_id="other", seller_id="crowded") for n in range(30)]
    days.tell("17 08:40", *crowd, *(sent(f"D-{n}", "S1", L1=4) for n in range(30)))
    days.tell("17 08:50", *(wish(f"D-{n}") for n in range(30)))
    days.tell("17 09:20", *(back(f"D-{n}", "S1", "damaged", L1=4) for n in range(30)))
    days.tell("17 09:30", *(delivered(f"none-{n}") for n in range(30)))
    days.tell("17 09:40", *({"specversion": "1.0", "id": f"odd{n}", "source": "/warehouse",
                             "type": "Delivered", "subject": f"B-{n}", "data": {}}
                            for n in range(30)))  # fmt: skip
    parcels = range(MANY // 2)
    long = ordered("A-400", ("Tent peg", len(parcels), "1.00"), buyer_id="camp")
    days.tell("2 07:00", long)
    days.tell("3 07:00", *(shipped("A-400", 1, shipment_id=f"S{n}") for n in parcels))
    days.tell("4 07:00", *(delivered("A-400", f"S{n}") for n in parcels))


def _todays_crossing(days: Days) -> None:
    """A-20417, the story of the sketches, as it stands on the 17th."""
    _crossed(days, "A-20417", "S-8812", 15)


def _crossed(days: Days, order: str, parcel: str, day: int) -> None:
    """Ordered on that day; two days later two parcels leave, one of them behind our back."""
    left = day + 2
    goods = (BASE, MUG, TORCH, STOVE)
    days.tell(f"{day} 20:14", ordered(order, *goods, soon=4, shipping_fee="4.90"))
    days.tell(f"{day + 1} 06:30", released(order, L1=2, L3=1))
    days.tell(f"{left} 11:21", sent(order, f"{parcel}2", L1=2), happened=f"{left} 11:20")
    days.tell(f"{left} 14:02", wish(order, L2=2, L3=1))
    days.tell(f"{left} 14:22", sent(order, f"{parcel}1", L3=1), happened=f"{left} 13:58")
    days.tell(f"{left} 14:31", too_late(order, L3=1))
