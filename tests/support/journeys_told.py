"""What a journey ended with, as short lines: what was said on each topic, and what is shown."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.claims import Kind, refund_id
from projections import late_cancellations, order_information
from tests.support.journeys import DAY, START, Journey, by_deadline
from tests.support.topics_out import said
from tests.support.whole import Whole

Json = dict[str, Any]
FIGURES = ("cancelled", "requested", "refuse_delivery", "remaining")


@dataclass(frozen=True)
class Told:
    """Everything that others heard of an order, and what they see of it in the end.

    A line of a message is its day, its type, and its data less the order and the buyer.
    """

    warehouse: list[str]
    payments: list[str]
    buyer: list[str]
    events: str
    """Types on `orders`, in their sequence."""
    page: str
    refunds: list[str]
    late: list[str]
    """Each wait: name, of whom, why, and from which day until which, or by when."""


class Library:
    """What is in the topics and the views after all journeys, read once."""

    def __init__(self, service: Whole, journeys: Iterable[Journey]) -> None:
        self._journeys = {way.order_id: way for way in journeys}
        channels = ("warehouse-requests", "payment-requests", "buyer-notices", "orders")
        self._said = {channel: said(service.kafka, channel) for channel in channels}
        with service.store.connection() as conn:
            self._pages = {
                order_id: order_information.one(conn, order_id) for order_id in self._journeys
            }
            self._late = [
                case
                for state in ("open", "closed")
                for case in late_cancellations.listed(
                    conn, service.clock.now, late_cancellations.Which(state), limit=200
                )["cases"]
            ]

    @property
    def orders(self) -> list[str]:
        return list(self._journeys)

    def of(self, order_id: str) -> Told:
        """Everything about one order."""
        names = _names(self._journeys[order_id])
        page = self._pages[order_id]
        assert page is not None
        return Told(
            warehouse=[_line(one, names) for one in self._about("warehouse-requests", order_id)],
            payments=[_line(one, names) for one in self._about("payment-requests", order_id)],
            buyer=[_line(one, names) for one in self._about("buyer-notices", order_id)],
            events=self._events(order_id),
            page=_page(page),
            refunds=[f"{names[one['refund_id']]} {one['amount']} {one['state']}"
                     for one in page["refunds"]],
            late=sorted(_late(one, names) for one in self._late if one["order_id"] == order_id),
        )  # fmt: skip

    def _about(self, channel: str, order_id: str) -> list[Json]:
        found = [one for one in self._said[channel] if one["subject"] == order_id]
        assert len({one["id"] for one in found}) == len(found), "a message was sent twice"
        return found

    def _events(self, order_id: str) -> str:
        found = self._about("orders", order_id)
        assert [int(one["sequence"]) for one in found] == list(range(1, len(found) + 1))
        return " ".join(one["type"] for one in found)


def _names(way: Journey) -> dict[str, str]:
    """Short names of refunds and decisions, by the ids that their causes give them."""
    causes: dict[tuple[Kind, str], str] = {("cancellation", "c1"): "c1", ("decision", "d1"): "d1"}
    for one in way.said.values():
        if one.get("type") == "ReturnedToWarehouse":
            causes["return", way.cause(one)] = "return"
    names = {}
    for wait in ("return:1:1", "damaged:1:1"):
        decision = by_deadline(way.order_id, wait)
        names[decision] = "deadline"
        causes["decision", decision] = "deadline"
    for (kind, cause), name in causes.items():
        names[refund_id(way.order_id, kind, cause, 1)] = name
    return names


def _day(text: str) -> int:
    return int((datetime.fromisoformat(text).timestamp() * 1e6 - START) // DAY)


def _line(message: Json, names: dict[str, str]) -> str:
    data = dict(message["data"])
    assert data.pop("order_id") == message["subject"]
    assert data.pop("buyer_id", "mira") == "mira"
    told = " ".join(f"{name}={_value(value, names)}" for name, value in data.items())
    return f"{_day(message['time'])} {message['type']} {told}"


def _value(value: Any, names: dict[str, str]) -> str:  # noqa: ANN401  # any JSON value
    if isinstance(value, list):
        return "+".join(_value(one, names) for one in value)
    if isinstance(value, dict):
        return f"{value['quantity']}x{value['line_id']}"
    text = str(value)
    return f"day_{_day(text)}" if text.endswith("Z") else names.get(text, text)


def _page(page: Json) -> str:
    lines = ", ".join(
        " ".join(f"{name} {line[name]}" for name in FIGURES if line[name]) for line in page["lines"]
    )
    return f"{page['status']}: {lines}; refunded {page['refunded']}"


def _late(case: Json, names: dict[str, str]) -> str:
    kind, _, about = case["wait"].partition(":")
    wait = f"{kind}:{names.get(about, about)}"
    since, ended, until = _day(case["since"]), case["ended_at"], case["until"]
    state = "overdue" if case["overdue"] else "open"
    end = f"ended {_day(ended)}" if ended else f"{state} {_day(until)}"
    return f"{wait} {case['waits_for']} {case['reason']} {since} {end}"
