"""One plain sentence for each event of a process manager: what it asked, told and awaits.

Read by buyers, sellers and auditors beside those of the order itself (`domain.sentences`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from domain import process_events as asked
from domain.minutes import minute
from domain.process_events import ProcessEvent, WaitsFor
from domain.wording import Units, broken, money, named

_MATTERS = {
    "warehouse_to_stop": "the warehouse has to stop {goods}",
    "warehouse_too_late": "the warehouse says that it is too late to stop {goods}",
    "warehouse_silent": "the warehouse does not say whether it stopped {goods}",
    "buyer_to_refuse": "the buyer has to refuse {goods} at the door",
    "parcel_unaccounted": "nobody says what became of {goods} on their way",
    "goods_on_their_way_back": "{goods} have to come back to the warehouse",
    "rest_on_its_way_back": "the rest has to come back to the warehouse: {goods}",
    "return_missing": "{goods} have not come back to the warehouse",
    "payment_pending": "the payment provider has to pay",
    "payment_failing": "the payment provider could not pay, and is asked again",
    "payment_unsettled": "the payment provider has not paid",
    "returned_damaged": "{goods} came back damaged",
    "lost_on_the_way": "{goods} got lost on the way",
    "refunded_goods_at_large": "{goods} are out although they are refunded",
    "returned_though_wanted": "{goods} came back although the buyer wants them",
    "wanted_goods_lost": "{goods} that the buyer wants got lost on the way",
    "confirmed_after_withdrawal": "goods were stopped although the buyer wants them after all",
    "exceeds_paid": "a refund would be more than was paid",
    "refund_currency_differs": "money was paid back in another currency",
    "unknown_refund": "money was paid back that nobody asked for",
}
"""What is the matter, by the reason of a wait."""

_HELD = {
    "goods_still_to_ship": "other goods of the order are still to ship",
    "exceeds_paid": "it would be more than was paid",
    "unknown_refund": "money was paid back that nobody can place",
}

_ENDED: dict[WaitsFor, str] = {
    "warehouse": "the warehouse is not waited for any more",
    "buyer": "the buyer is not waited for any more",
    "return": "the goods' return is not waited for any more",
    "payment": "the payment provider is not waited for any more",
    "seller": "the seller need not decide any more",
}


class _Awaited(NamedTuple):
    waits_for: WaitsFor
    goods: str


class ProcessTeller:
    """Tells the events of one order's process, from its first on."""

    def __init__(self, titles: Mapping[str, str]) -> None:
        self._titles = titles
        self._awaited: dict[str, _Awaited] = {}

    def tell(self, event: ProcessEvent) -> str:
        """A sentence for the next event."""
        sentence = _TELL[type(event)](self, event)
        return f"{sentence[:1].upper()}{sentence[1:]}."

    def stop(self, event: asked.StopRequested) -> str:
        return f"the warehouse was asked to stop {self._named(event.items)}"

    def go_on(self, event: asked.StopWithdrawn) -> str:
        return f"the warehouse was told that it may ship {self._named(event.items)} after all"

    def refuse(self, event: asked.RefusalRequested) -> str:
        parcels = _parcels(event.shipment_ids)
        goods = self._named(event.items)
        return f"the buyer was told to refuse {parcels}, with {goods} that are cancelled"

    def keep(self, event: asked.RefusalWithdrawn) -> str:
        parcels = _parcels(event.shipment_ids)
        return f"the buyer was told that {parcels} need not be refused any more"

    def retry(self, event: asked.RefundRetried) -> str:
        amount = money(event.amount, event.currency)
        return f"the payment provider was asked again to pay back {amount}: try {event.attempt}"

    def succeeded(self, event: asked.CancellationSucceeded) -> str:
        return f"the buyer was told that {self._named(event.items)} are cancelled for good"

    def lapsed(self, event: asked.CancellationLapsed) -> str:
        goods = self._named(event.items)
        return f"the buyer took {goods} at the door, and was told that they stay bought"

    def held(self, event: asked.RefundHeld) -> str:
        amount = money(event.amount, event.currency)
        why = _HELD.get(event.reason, broken(event.reason))
        until = f", until {minute(event.held_until)} at the latest" if event.held_until else ""
        return f"the buyer was told that {amount} are paid back later, because {why}{until}"

    def exposed(self, event: asked.ExposureChanged) -> str:
        if not event.items:
            return "no goods are out any more that are refunded"
        return f"{self._named(event.items)} are out although they are refunded"

    def waits(self, event: asked.WaitStarted) -> str:
        self._awaited[event.wait] = _Awaited(event.waits_for, self._goods(event.items))
        return self._matter(event.wait, event.reason, event.until)

    def changed(self, event: asked.WaitChanged) -> str:
        before = self._awaited[event.wait]
        self._awaited[event.wait] = before._replace(goods=self._goods(event.items))
        return f"from now on {self._matter(event.wait, event.reason, event.until)}"

    def late(self, event: asked.DeadlinePassed) -> str:
        passed = f"the deadline of {minute(event.deadline)} passed"
        if event.until is None:
            return f"{passed}, and the seller has not decided"
        self._awaited[event.wait] = self._awaited[event.wait]._replace(waits_for="seller")
        return f"{passed}, so {self._matter(event.wait, event.reason, event.until)}"

    def ended(self, event: asked.WaitEnded) -> str:
        return _ENDED[self._awaited[event.wait].waits_for]

    def _matter(self, wait: str, reason: str, until: int | None) -> str:
        waits_for, goods = self._awaited[wait]
        by = "" if until is None else f" by {minute(until)}"
        matter = _MATTERS[reason].format(goods=goods) if reason in _MATTERS else broken(reason)
        return f"the seller has to decide{by}: {matter}" if waits_for == "seller" else matter + by

    def _goods(self, goods: Sequence[Units]) -> str:
        return self._named(goods) if goods else "the goods"

    def _named(self, goods: Sequence[Units]) -> str:
        return named(goods, self._titles)


def _parcels(shipment_ids: Sequence[str]) -> str:
    *most, last = shipment_ids
    return f"parcels {', '.join(most)} and {last}" if most else f"parcel {last}"


_TELL: dict[type[ProcessEvent], Callable[[ProcessTeller, Any], str]] = {
    asked.StopRequested: ProcessTeller.stop,
    asked.StopWithdrawn: ProcessTeller.go_on,
    asked.RefusalRequested: ProcessTeller.refuse,
    asked.RefusalWithdrawn: ProcessTeller.keep,
    asked.RefundRetried: ProcessTeller.retry,
    asked.CancellationSucceeded: ProcessTeller.succeeded,
    asked.CancellationLapsed: ProcessTeller.lapsed,
    asked.RefundHeld: ProcessTeller.held,
    asked.ExposureChanged: ProcessTeller.exposed,
    asked.WaitStarted: ProcessTeller.waits,
    asked.WaitChanged: ProcessTeller.changed,
    asked.DeadlinePassed: ProcessTeller.late,
    asked.WaitEnded: ProcessTeller.ended,
}
