"""What happens next with an order: what is awaited, why, and until when at the latest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from domain.items import Item
from domain.process_events import ProcessEvent
from domain.state import Order
from domain.wording import named
from projections import timeline
from web.pages.reader import Reader

_SOON = {
    "warehouse_to_stop": "The warehouse says whether it stopped {goods}.",
    "warehouse_too_late": (
        "The warehouse says that it is too late to stop {goods}. When the parcel leaves, {you_hear}"
        " which one to refuse."
    ),
    "buyer_to_refuse": "{You_refuse} the parcel with {goods} at the door.",
    "goods_on_their_way_back": "The goods travel back to the warehouse: {goods}.",
    "rest_on_its_way_back": "The rest travels back to the warehouse: {goods}.",
    "payment_pending": "The payment provider pays.",
    "payment_failing": "The payment provider could not pay yet, and is asked again.",
}
_OTHERWISE = {
    "warehouse": "If we hear nothing by then, the shop decides.",
    "buyer": "If we hear nothing by then, the shop looks for the parcel.",
    "return": "If they are not there by then, the shop decides.",
    "payment": "If nothing was paid by then, the shop looks into it.",
    "seller": "",
}
_OF_SHOP = "The shop decides about {goods}."
_ABOUT_NOTHING = "The shop looks at what does not fit."


class Next(NamedTuple):
    """Something that is awaited."""

    until: str | None
    """The latest moment; none: nobody has set one."""
    sentence: str
    otherwise: str
    is_overdue: bool


def waits(order: Order, did: Sequence[ProcessEvent], now: int, reader: Reader) -> list[Next]:
    """What is awaited now, by what its process did, the soonest first."""
    awaited = timeline.awaited_now(order.events, did, now)
    titles = order.placed.titles
    found = [_next(wait, titles, reader) for wait in _together(awaited)]
    return sorted(found, key=lambda one: one.until or "9")


def _together(waits: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Waits of whom nothing but their goods differs, as one."""
    found: dict[tuple[Any, ...], Mapping[str, Any]] = {}
    for wait in waits:
        key = (wait["waits_for"], wait["reason"], wait["until"], wait["overdue"])
        before = found[key]["items"] if key in found else []
        found[key] = {**wait, "items": [*before, *wait["items"]]}
    return list(found.values())


def _next(wait: Mapping[str, Any], titles: Mapping[str, str], reader: Reader) -> Next:
    items = [Item(item["line_id"], item["quantity"]) for item in wait["items"]]
    words = _OF_SHOP if items else _ABOUT_NOTHING
    if wait["waits_for"] != "seller":
        words = _SOON.get(wait["reason"], words)
    sentence = words.format(
        goods=named(items, titles),
        you_hear=reader.hears("we tell you", "the buyer is told"),
        You_refuse=reader.hears("You refuse", "The buyer refuses"),
    )
    return Next(wait["until"], sentence, _OTHERWISE[wait["waits_for"]], wait["overdue"])
