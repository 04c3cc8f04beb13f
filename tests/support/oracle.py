"""A second reading of the rules of cancelling, made to be simple and to be compared with.

It imports nothing of the product. It keeps the messages of each order and answers every question
by working everything out again from them.
"""

from __future__ import annotations

from dataclasses import replace

from tests.support.oracle_cases import decided, has_case, settle, stop
from tests.support.oracle_discrepancies import discrepancies_of
from tests.support.oracle_ledger import Cancellation, Ledger
from tests.support.oracle_messages import Heard, Json, add_up, content, key_of, known_data
from tests.support.oracle_money import Cause, list_unasked, refund_id_of, terms_of, to_text
from tests.support.oracle_order import (
    Order,
    active,
    issued_amounts,
    ledgers_of,
    parts_of,
    purse_of,
    refunds_of,
)
from tests.support.oracle_page import line_of, status_of

THIRTY_DAYS = 30 * 24 * 3600
MICROSECONDS = 1_000_000


class Oracle:
    """Hears messages, is asked for refunds, and tells what must be true of an order."""

    def __init__(self, max_hold_seconds: int = THIRTY_DAYS) -> None:
        self._max_hold = max_hold_seconds * MICROSECONDS
        self._orders: dict[str, Order] = {}
        self._parked: dict[str, list[Json]] = {}

    def hear(self, message: Json, recorded_at: int) -> str:
        """Take in one message; answer recorded, repeated, refused, parked or dead."""
        if message["type"] == "OrderPlaced" and terms_of(message["data"]) is None:
            return "dead"
        order = self._orders.get(message["data"]["order_id"])
        if order is None:
            return self._place_or_park(message, recorded_at)
        outcome = _hear_of(order, message, recorded_at)
        self._ask_for_what_was_issued(order, recorded_at)
        return outcome

    def ask(self, order_id: str, refund_id: str, recorded_at: int) -> bool:
        """Freeze a due refund as asked for; False where it is not listed as due."""
        order = self._orders.get(order_id)
        if order is None:
            return False
        for refund in refunds_of(order, recorded_at, self._max_hold):
            if refund.refund_id == refund_id and refund.state == "due":
                order.version += 1
                order.asked.append(replace(refund, state="requested", seq=order.version))
                self._ask_for_what_was_issued(order, recorded_at)
                return True
        return False

    def decide(self, order_id: str, said: Json, recorded_at: int) -> str:
        """Hear what a seller decides; answer recorded, repeated, or the rule that refuses it."""
        order = self._orders[order_id]
        answered = order.answers.setdefault(said["decision_id"], [])
        if said in answered:
            return "repeated"
        answered.append(said)
        settles: dict[str, int] = {}
        confirms: dict[str, int] = {}
        rule: str | None = None
        if len(answered) > 1:
            rule = "decision_id_in_use"
        elif said["line_id"] not in order.lines:
            rule = "unknown_line"
        elif said["outcome"] in ("refund", "no_refund"):
            rule, settles = settle(order, said, recorded_at, self._max_hold)
        else:
            rule, confirms = stop(order, said)
        if not rule:
            order.decisions.append(decided(order, said, settles, confirms, recorded_at))
        order.version += 1
        self._ask_for_what_was_issued(order, recorded_at)
        return rule or "recorded"

    def order(self, order_id: str, now: int) -> Json:
        """The figures of the Order Information page."""
        order = self._orders[order_id]
        refunds = refunds_of(order, now, self._max_hold)
        discrepancies = discrepancies_of(order, now, self._max_hold)
        currency = order.placed["currency"]
        return {
            "order_id": order_id,
            "status": status_of(order, refunds, lambda: has_case(order, now, self._max_hold)),
            "version": order.version,
            "currency": currency,
            "lines": [line_of(line_id, ledger) for line_id, ledger in ledgers_of(order).items()],
            "refunds": [
                {
                    "refund_id": refund.refund_id,
                    "amount": to_text(refund.amount, currency),
                    "state": refund.state,
                    "held_until": refund.held_until,
                }
                for refund in refunds
            ],
            "refunded": to_text(sum(issued_amounts(order).values()), currency),
            "discrepancies": discrepancies,
        }

    def last_refusal(self, order_id: str) -> str | None:
        """The rule of the newest refusal of this order."""
        order = self._orders.get(order_id)
        return order.refusals[-1] if order and order.refusals else None

    def parked(self) -> list[Json]:
        """Messages that still wait for their order, in arrival order within each order."""
        return [message for waiting in self._parked.values() for message in waiting]

    def _place_or_park(self, message: Json, recorded_at: int) -> str:
        order_id, data = message["data"]["order_id"], message["data"]
        terms = terms_of(data) if message["type"] == "OrderPlaced" else None
        if terms is None:
            return self._park(self._parked.setdefault(order_id, []), message)
        order = self._orders[order_id] = Order(data, terms)
        _record(order, message, recorded_at)
        for waiting in self._parked.pop(order_id, []):
            self.hear(waiting, recorded_at)
        return "recorded"

    @staticmethod
    def _park(waiting: list[Json], message: Json) -> str:
        """The same content under the same id waits once; other content waits for its verdict."""
        said = [content(each) for each in waiting if key_of(each) == key_of(message)]
        if content(message) in said:
            return "repeated"
        waiting.append(message)
        return "parked"

    def _ask_for_what_was_issued(self, order: Order, now: int) -> None:
        """Being issued counts as asked for, from when at least that much is listed."""
        issued = issued_amounts(order)
        while True:
            unasked = list_unasked(purse_of(order, now, self._max_hold)) if issued else []
            paid = [r for r in unasked if r.amount >= issued.get(r.refund_id, r.amount + 1)]
            if not paid:
                return
            first = replace(paid[0], state="requested", held_until=None, seq=order.version)
            order.asked.append(first)


def _hear_of(order: Order, message: Json, recorded_at: int) -> str:
    said_before = order.claimed.get(key_of(message))
    if said_before is not None:
        same = said_before == content(message)
        return "repeated" if same else _set_aside(order, message, recorded_at)
    match message["type"]:
        case "OrderPlaced":
            known = known_data("OrderPlaced", order.placed)
            same = known == known_data("OrderPlaced", message["data"])
            return "repeated" if same else _set_aside(order, message, recorded_at)
        case "ItemCancelRequested":
            return _request(order, message, recorded_at)
        case "CancellationWithdrawn":
            return _withdraw(order, message, recorded_at)
        case _:
            return _record(order, message, recorded_at)


def _record(order: Order, message: Json, recorded_at: int) -> str:
    order.version += 1
    order.claimed[key_of(message)] = content(message)
    order.heard.append(Heard(order.version, recorded_at, message))
    return "recorded"


def _refuse(order: Order, message: Json, rule: str) -> str:
    order.version += 1
    order.claimed[key_of(message)] = content(message)
    order.refusals.append(rule)
    return "refused"


def _set_aside(order: Order, message: Json, recorded_at: int) -> str:
    """A dead letter for conflicting content; the same letter again is no event."""
    letters = [(each.key, content(each.message)) for each in order.letters]
    if (key_of(message), content(message)) not in letters:
        order.version += 1
        order.letters.append(Heard(order.version, recorded_at, message))
    return "dead"


def _request(order: Order, message: Json, recorded_at: int) -> str:
    data = message["data"]
    said = known_data("ItemCancelRequested", data)
    if data.get("items"):
        said = {**said, "items": add_up(data["items"])}  # the same line twice is added up first
    answered = order.requests.setdefault(data["cancellation_id"], [])
    if said in answered:
        return "repeated"
    answered.append(said)
    if len(answered) > 1:
        return _refuse(order, message, "cancellation_id_in_use")
    ledgers = ledgers_of(order)
    items = data.get("items")
    wanted = add_up(items) if items else _everything(ledgers)
    rule = _why_not(ledgers, wanted)
    if rule:
        return _refuse(order, message, rule)
    outcome = _record(order, message, recorded_at)
    order.cancellations.append(
        Cancellation(data["cancellation_id"], order.version, recorded_at, wanted)
    )
    return outcome


def _everything(ledgers: dict[str, Ledger]) -> dict[str, int]:
    return {line_id: each.cancellable for line_id, each in ledgers.items() if each.cancellable}


def _why_not(ledgers: dict[str, Ledger], wanted: dict[str, int]) -> str | None:
    """The rule that refuses these units; the whole request or nothing of it."""
    if set(wanted) - set(ledgers):
        return "unknown_line"
    if not wanted:
        delivered = any(each.counts.accepted for each in ledgers.values())
        return "already_delivered" if delivered else "nothing_to_cancel"
    for line_id, units in wanted.items():
        ledger = ledgers[line_id]
        if units > ledger.cancellable:
            all_delivered = ledger.counts.accepted and not ledger.cancellable
            return "already_delivered" if all_delivered else "more_than_cancellable"
    return None


def _money_went_for(order: Order, cancellation_id: str) -> bool:
    """Whether its first refund was asked for or paid: then it had succeeded once."""
    first = refund_id_of(order.order_id, Cause("cancellation", cancellation_id, 0), [])
    return first in issued_amounts(order) or any(one.refund_id == first for one in order.asked)


def _withdraw(order: Order, message: Json, recorded_at: int) -> str:
    cancellation_id = message["data"]["cancellation_id"]
    mine = [each for each in order.cancellations if each.cancellation_id == cancellation_id]
    if not mine:
        return _refuse(order, message, "unknown_cancellation")
    if mine[0] not in active(order):
        return "repeated"
    parts = [by_cancellation[cancellation_id] for by_cancellation in parts_of(order).values()]
    if any(part.succeeded for part in parts) or _money_went_for(order, cancellation_id):
        return _refuse(order, message, "already_succeeded")
    if any(part.crossed for part in parts):
        return _refuse(order, message, "already_crossed")
    outcome = _record(order, message, recorded_at)
    mine[0].withdrawn_seq = order.version
    return outcome
