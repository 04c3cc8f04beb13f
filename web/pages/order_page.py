"""Everything that the pages of one order show, worked out once from its events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from consumers import notes
from domain.events import (
    CancellationRefused,
    Event,
    ItemCancelRequested,
    MessageSetAside,
    ShippedFromWarehouse,
)
from domain.information import OrderInformation, information_of
from domain.sentences import sentences
from web import asking
from web.pages import order_goods, order_money, order_parcels, order_waits, taking_back
from web.pages.reader import Reader
from web.pages.showing import heard_late
from web.pages.words import as_datetime
from web.parts import Parts
from web.security.caller import Caller

_MOST_EVENTS = 80
"""Sentences shown: the first and the latest; the order's history over HTTP has them all."""
_READS_NOTES_OF: Mapping[str | None, tuple[str, ...]] = {
    "buyer": ("buyer",),
    "seller": ("buyer", "seller"),
}
"""Notes go to the shop: a buyer reads only what buyers wrote, and staff nothing of it."""
_INNER = (MessageSetAside,)
"""Not told to buyers: nothing happened to their goods or money."""


class Told(NamedTuple):
    """What happened, in a sentence."""

    at: int
    sentence: str
    known: int | None
    """When we heard of it, if that was more than a minute later."""
    is_crossing: bool
    """Whether somebody could not know of it who acted meanwhile, or was told no."""
    note: str | None
    """What who cancelled wrote to the shop, for who may read it, while it is kept."""


class Shown(NamedTuple):
    """An order on a page."""

    info: OrderInformation
    placed_at: int
    groups: list[order_goods.Group]
    backs: list[order_money.Back]
    sums: order_money.Sums
    parcels: list[order_parcels.Shipment]
    waits: list[order_waits.Next]
    to_take_back: list[taking_back.Open]
    told: list[tuple[str, list[Told]]]
    """By day."""
    left_out: int
    """Things that happened and are not told."""

    @property
    def order_id(self) -> str:
        return self.info.order_id

    @property
    def currency(self) -> str:
        return self.info.currency

    @property
    def units(self) -> int:
        return sum(line.ordered for line in self.info.lines)

    @property
    def cancellable(self) -> int:
        return sum(line.cancellable for line in self.info.lines)

    @property
    def how_to_cancel(self) -> str:
        """How those units are cancelled, where some of them have left already."""
        refused = sum(max(0, line.cancellable - line.to_ship) for line in self.info.lines)
        stopped = self.cancellable - refused
        if not refused:
            return ""
        if not stopped:
            return ", by refusing a parcel at the door"
        return f": {stopped} before shipping, {refused} by refusing a parcel at the door"

    @property
    def is_unpaid(self) -> bool:
        """Whether something is cancelled of an order for which nothing was paid."""
        is_cancelled = any(line.cancelled for line in self.info.lines)
        return is_cancelled and Decimal(self.sums.paid) == 0

    @property
    def coming(self) -> list[tuple[str, str, str]]:
        """Shape, word and amount of what still comes, where it comes in more than one way."""
        sums: dict[tuple[str, str], Decimal] = {}
        for one in self.backs:
            if one.shape != "paid":
                key = (one.shape, one.word)
                sums[key] = sums.get(key, Decimal(0)) + Decimal(one.amount)
        found = [(*key, str(amount)) for key, amount in sums.items()]
        return found if len(found) > 1 else []

    @property
    def lapsed(self) -> int:
        return sum(line.lapsed for line in self.info.lines)

    @property
    def to_refuse(self) -> list[order_parcels.Shipment]:
        return [one for one in self.parcels if one.to_refuse]

    @property
    def to_take(self) -> list[order_parcels.Shipment]:
        return [one for one in self.parcels if one.is_out and not one.to_refuse]

    @property
    def refuse_words(self) -> str:
        return order_parcels.ids(self.to_refuse)

    @property
    def marks(self) -> list[tuple[str, int]]:
        """Shape and number of units of each group."""
        return [(group.shape, group.units) for group in self.groups]

    @property
    def unwanted_back(self) -> str | None:
        """What comes back when refused goods are in the warehouse."""
        return next((one.amount for one in self.backs if one.shape == "back"), None)


def shown(parts: Parts, who: Caller, order_id: str) -> Shown:
    """The order as it stands now. Raises the same Problem 404 for unknown and foreign ones."""
    return of_order(parts, who, asking.order_found(parts, who, order_id))


def at_the_door(parts: Parts, who: Caller, order_id: str) -> Shown:
    """Its parcels and its money, without what happened and what is awaited. Raises Problem 404."""
    return of_order(parts, who, asking.order_found(parts, who, order_id), has_story=False)


def of_order(
    parts: Parts, who: Caller, kept: asking.OrderFound, *, has_story: bool = True
) -> Shown:
    """An order that the caller may see; a buyer is spoken to.

    Its story is what happened and what is awaited: not every page of it has one.
    """
    order = kept.order
    now = max(parts.clock(), order.events[-1].recorded_at)
    found = order_money.Found.of(order, now, parts.policy)
    where, reader = found.where, Reader.of(who)
    backs, sums = order_money.backs(found, parts.policy, reader)
    return Shown(
        information_of(order, where, found.money, parts.policy),
        order.placed.occurred_at,
        order_goods.groups(order, where, reader),
        backs,
        sums,
        order_parcels.shipments(order, where, reader),
        order_waits.waits(order, kept.did, parts.clock(), reader) if has_story else [],
        taking_back.can_be_taken_back(order, where, "buyer" if who.role == "buyer" else "seller"),
        *(_story(who, kept) if has_story else ([], 0)),
    )


def _story(who: Caller, kept: asking.OrderFound) -> tuple[list[tuple[str, list[Told]]], int]:
    """What happened, by day, in the order in which it happened."""
    order = kept.order
    events = zip(order.events, sentences(order.events), strict=True)
    cancelled = [one for one in order.events if isinstance(one, ItemCancelRequested)]
    parties = _READS_NOTES_OF.get(who.role, ())
    said = _to_buyer if Reader.of(who).is_buyer else str
    texts = notes.named(
        kept.notes,
        [one.note_ref for one in cancelled if one.note_ref and one.requested_by in parties],
    )
    told = [
        _told(event, said(sentence), cancelled, texts)
        for event, sentence in events
        if type(event) not in _INNER
    ]
    told.sort(key=lambda one: one.at)
    left_out = max(0, len(told) - _MOST_EVENTS)
    days: dict[str, list[Told]] = {}
    for one in told[:1] + told[1 + left_out :]:
        days.setdefault(f"{as_datetime(one.at):%Y-%m-%d}", []).append(one)
    return list(days.items()), left_out


def _told(
    event: Event,
    sentence: str,
    cancelled: Sequence[ItemCancelRequested],
    texts: Mapping[str, str],
) -> Told:
    is_no = isinstance(event, CancellationRefused)
    crossed = isinstance(event, ShippedFromWarehouse) and any(
        event.occurred_at < one.recorded_at < event.recorded_at for one in cancelled
    )
    ref = event.note_ref if isinstance(event, ItemCancelRequested) else None
    note = texts.get(ref) if ref else None
    return Told(event.occurred_at, sentence, heard_late(event), is_no or crossed, note)


def _to_buyer(sentence: str) -> str:
    """The sentence said to the buyer, who bought at a shop."""
    for role, word in (("The buyer ", "You "), ("The seller ", "The shop ")):
        if sentence.startswith(role):
            return word + sentence.removeprefix(role)
    return sentence
