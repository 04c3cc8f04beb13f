"""The journeys of late cancellations: what each order's messages are, and when they are sent.

All orders live through the same days, so that one running service takes them all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from domain.claims import Kind, refund_id
from tests.support.saying import Said, say
from tests.support.told import (
    back,
    cancel,
    confirm,
    correct,
    deliver,
    lose,
    order,
    reject,
    release,
    ship,
    too_late,
    withdraw,
)

START = 1_900_000_000_000_000 - 1_900_000_000_000_000 % 86_400_000_000
"""Midnight of day 0, in microseconds."""
MINUTE = 60_000_000
DAY = 1_440 * MINUTE

Moment = tuple[int, int]
"""A day, and a minute of it."""
Decision = dict[str, Any]
LOOKS: tuple[Moment, ...] = ((2, 0), (8, 0), (23, 0), (31, 0), (40, 0))
"""When nothing is said, and deadlines may have passed."""


@dataclass(frozen=True)
class Journey:
    """One order's way: what is said of it at which moments."""

    order_id: str
    said: dict[Moment, Said | Decision]

    def paid(self, amount: str, cause: str = "c1", kind: Kind = "cancellation", n: int = 1) -> Said:
        """The payment provider says that it paid."""
        return self._of_refund("RefundIssued", cause, kind, n, amount=amount, currency="EUR")

    def failed(self, cause: str = "c1", kind: Kind = "cancellation", n: int = 1) -> Said:
        return self._of_refund("RefundFailed", cause, kind, n, reason="declined")

    def _of_refund(self, said: str, cause: str, kind: Kind, n: int, **data: str) -> Said:
        return say(said, self.order_id, refund_id=refund_id(self.order_id, kind, cause, n), **data)

    def at(self, day: int, *said: Said | Decision, minute: int = 0) -> Journey:
        """Say one thing each minute of a day."""
        for later, one in enumerate(said):
            message = _of_order(one, self.order_id) if "type" in one else one
            self.said[day, minute + later] = message
        return self

    def cause(self, message: Said) -> str:
        return f"{message['source']}\n{message['id']}"


def _of_order(message: Said, order_id: str) -> Said:
    return {**message, "subject": order_id, "data": {**message["data"], "order_id": order_id}}


def decide(outcome: str, quantity: int, **more: str) -> Decision:
    """A seller's decision about units of line 1."""
    decision = {"decision_id": "d1", "line_id": "1", "quantity": quantity, "outcome": outcome}
    return {**decision, "reason": "looked_at", **more}


def journey(order_id: str) -> Journey:
    return Journey(order_id, {})


def by_deadline(order_id: str, wait: str) -> str:
    """The id of a decision that nobody made until a wait's deadline."""
    digest = sha256(f"{order_id}\ndeadline\n{wait}".encode()).hexdigest()
    return f"d-{digest[:32]}"


def crossed(order_id: str, units: int = 2) -> Journey:
    """Cancelled whole while the warehouse was shipping it."""
    told = (order(units), release(), cancel(), ship(units))
    return journey(order_id).at(0, *told)


def stopped_in_time() -> Journey:
    way = journey("stopped")
    placed = order(2, shipping_fee="4.90")
    return way.at(0, placed, release(), cancel(), confirm(), way.paid("24.90"))


def refused_and_refunded() -> Journey:
    way, returned = crossed("crossed"), back(2)
    paid = way.paid("20.00", way.cause(returned), "return")
    return way.at(2, reject()).at(8, returned, paid)


def crossed_and_accepted() -> Journey:
    return crossed("accepted").at(2, deliver())


def refused_in_part() -> Journey:
    way, returned = crossed("in-part", 3), back(1)
    paid = way.paid("10.00", way.cause(returned), "return")
    return way.at(2, reject(1), deliver()).at(8, returned, paid)


def wanted_goods_refused() -> Journey:
    way, returned = journey("wanted"), back(3)
    way.at(0, order(3), ship(3), cancel(1)).at(2, reject())
    return way.at(8, returned, way.paid("30.00", way.cause(returned), "return"))


def returned_short() -> Journey:
    way, returned = crossed("short", 3).at(2, reject()), back(2)
    return way.at(8, returned, way.paid("20.00", way.cause(returned), "return"))


def returned_damaged() -> Journey:
    """Nobody decides: the deadline does, on day 15, and is fired on day 23."""
    way = crossed("damaged").at(2, reject()).at(8, back(0, 2))
    decision = by_deadline(way.order_id, "damaged:1:1")
    return way.at(23, way.paid("20.00", decision, "decision"), minute=1)


def lost_on_the_way_back() -> Journey:
    way = crossed("lost").at(2, reject()).at(8, lose())
    return way.at(31, decide("refund", 2), way.paid("20.00", "d1", "decision"))


def warehouse_silent() -> Journey:
    way = journey("silent").at(0, order(2), release(), cancel())
    return way.at(8, decide("stopped", 2), way.paid("20.00"))


def warehouse_too_late() -> Journey:
    way, returned = journey("too-late"), back(2)
    way.at(0, order(2), release(), cancel(), too_late(), ship(2)).at(2, reject())
    return way.at(8, returned, way.paid("20.00", way.cause(returned), "return"))


def withdrawn_then_confirmed() -> Journey:
    way = journey("withdrawn").at(0, order(2), release(), cancel(), withdraw(), confirm())
    return way.at(2, decide("no_refund", 1)).at(8, ship(2), deliver())


def failed_three_times() -> Journey:
    way = journey("failing").at(0, order(2), cancel())
    way.at(0, way.failed(), minute=2).at(0, way.failed(), minute=9).at(2, way.failed(), minute=1)
    return way.at(8, way.paid("20.00"), minute=1)


def answer_lost() -> Journey:
    way = journey("unanswered").at(0, order(2), cancel())
    return way.at(8, way.paid("20.00"), minute=1)


def refunded_then_shipped() -> Journey:
    way = journey("exposed").at(0, order(2), cancel())
    way.at(0, way.paid("20.00"), minute=2)
    return way.at(2, release(), ship(2), reject()).at(8, back(2))


def rest_never_ships() -> Journey:
    way = journey("held").at(0, order(2, 1), cancel(2))
    return way.at(31, way.paid("20.00"), minute=1)


def shipment_undone() -> Journey:
    way, shipment = journey("undone"), ship(1, line="2")
    way.at(0, order(2, 1), cancel(2), shipment, way.paid("20.00"))
    way.at(2, correct(shipment))
    return way.at(8, ship(1, line="2", parcel="S2"), deliver("S2"))


ALL: tuple[Callable[[], Journey], ...] = (
    stopped_in_time,
    refused_and_refunded,
    crossed_and_accepted,
    refused_in_part,
    wanted_goods_refused,
    returned_short,
    returned_damaged,
    lost_on_the_way_back,
    warehouse_silent,
    warehouse_too_late,
    withdrawn_then_confirmed,
    failed_three_times,
    answer_lost,
    refunded_then_shipped,
    rest_never_ships,
    shipment_undone,
)


def by_moment(journeys: list[Journey]) -> Iterator[tuple[int, list[tuple[str, Said | Decision]]]]:
    """Everything that is said, moment by moment, with the order that it is about."""
    moments = {moment for way in journeys for moment in way.said} | set(LOOKS)
    for day, minute in sorted(moments):
        said = [
            (way.order_id, way.said[day, minute]) for way in journeys if (day, minute) in way.said
        ]
        yield START + day * DAY + minute * MINUTE, said
