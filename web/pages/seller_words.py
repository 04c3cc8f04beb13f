"""What a seller reads about a case: what is the matter, whom it waits for, what can be decided."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from domain.process_events import WaitsFor

MATTERS = {
    "warehouse_to_stop": "The warehouse has to stop {goods}",
    "warehouse_too_late": "The warehouse says that it is too late to stop {goods}",
    "warehouse_silent": "The warehouse has not said whether it stopped {goods}",
    "buyer_to_refuse": "{goods} must be refused at the door",
    "parcel_unaccounted": "Nobody says what became of {goods} on the way",
    "goods_on_their_way_back": "On the way back: {goods}",
    "rest_on_its_way_back": "The rest has to come back: {goods}",
    "return_missing": "Short, not back in time: {goods}",
    "payment_pending": "The payment provider has to pay",
    "payment_failing": "The payment provider could not pay, and is asked again",
    "payment_unsettled": "The payment provider has not paid",
    "returned_damaged": "{goods} came back damaged",
    "lost_on_the_way": "{goods} got lost on the way",
    "refunded_goods_at_large": "Out although paid back: {goods}",
    "returned_though_wanted": "{goods} came back although the buyer wants them",
    "wanted_goods_lost": "{goods}, which the buyer wants, got lost on the way",
    "confirmed_after_withdrawal": "Goods were stopped although the buyer wants them after all",
    "exceeds_paid": "A refund would be more than was paid",
    "refund_currency_differs": "Money was paid back in another currency",
    "unknown_refund": "Money was paid back that nobody asked for",
}
"""By the reason of a wait."""


class Waits(NamedTuple):
    """Whom a case waits for, and the shape that goes with it."""

    words: str
    shape: str


WAITS: dict[WaitsFor, Waits] = {
    "warehouse": Waits("waits for the warehouse", "ask"),
    "buyer": Waits("waits for the buyer", "refuse"),
    "return": Waits("waits for the return", "back"),
    "payment": Waits("waits for the payment provider", "sent"),
    "seller": Waits("waits for you", "due"),
}

OUTCOMES = {
    "refund": "Refund it",
    "no_refund": "Do not refund it",
    "stopped": "Yes, they are in the warehouse",
    "not_stopped": "No, they will ship",
    "at_large refund": "Write the goods off",
    "at_large no_refund": "Let it be",
    "odd refund": "It is in order: let refunds go on",
    "odd no_refund": "I have seen it: leave everything as it is",
}
"""What can be chosen, by its outcome, or by what it is about and its outcome."""

DOES = {
    "damaged refund": "",
    "damaged no_refund": "The buyer gets nothing back for it.",
    "lost refund": "",
    "lost no_refund": "The buyer gets nothing back for it.",
    "missing refund": "Should it come back, it is not paid twice.",
    "missing no_refund": (
        "Nothing is paid. Should it come back in good condition, it is refunded by itself."
    ),
    "unrefused refund": "Should it come back, it is not paid twice.",
    "unrefused no_refund": (
        "Nothing is paid. Should it come back in good condition, it is refunded by itself."
    ),
    "at_large refund": "The money stays with the buyer, and the goods count as paid back.",
    "at_large no_refund": "Nothing is paid. The goods still count as out.",
    "returned refund": "",
    "returned no_refund": "The buyer gets nothing back for it.",
    "wanted_lost refund": "",
    "wanted_lost no_refund": "The buyer gets nothing back for it.",
    "odd refund": "",
    "odd no_refund": "No money moves, and what is held stays held.",
    "not_stopped": (
        "No money moves now. When they have shipped the buyer is told to refuse them, and is paid"
        " when they are back."
    ),
}
"""What comes of it, besides the money that is worked out."""

IF_NOTHING = {
    "damaged": "If you do nothing, it is refunded when the time is up.",
    "return": "If you do nothing, it is not refunded when the time is up.",
}
"""What a rule decides when nobody does, by the first word of a wait's key."""

_NOTHING_TO_DO = {
    "buyer": "The buyer has been told. There is nothing to do for you now.",
    "return": "There is nothing to do for you now.",
    "warehouse": "A cancellation to confirm: once the time is up it is yours to answer.",
}


def hint(case: Mapping[str, Any]) -> str:
    """What comes of a case when its seller does nothing."""
    if case["waits_for"] in _NOTHING_TO_DO:
        return _NOTHING_TO_DO[case["waits_for"]]
    name = case["wait"].partition(":")[0]
    if name == "stop":
        return "A cancellation to confirm. No rule decides it for you."
    return IF_NOTHING.get(name, "No rule decides it for you.")


def act(case: Mapping[str, Any], *, confirms: bool) -> str:
    """What opens the form of a case."""
    if case["waits_for"] == "seller":
        return "Answer in the warehouse's stead" if confirms else "Decide"
    return "Confirm in its stead" if confirms else "Decide now all the same"


KINDS: dict[str, tuple[str, ...]] = {
    "refuse": ("unrefused",),
    "return": ("missing",),
    "damaged": ("damaged",),
    "lost": ("lost",),
    "wanted_lost": ("wanted_lost",),
    "large": ("at_large",),
    "returned": ("returned",),
    "unaccounted": ("unrefused",),
}
"""What can be decided in a wait, by the first word of its key. Stops are confirmed."""

STATES = {
    "failed": ("Failed", "fail"),
    "due": ("Due", "due"),
    "requested": ("Requested", "sent"),
    "held": ("Held", "held"),
    "issued": ("Issued", "paid"),
}
"""Of refunds, in the contract's words: those that need somebody first."""

CAUSES = {
    "everything_cancelled": "Everything was cancelled.",
    "nothing_to_ship": "All other goods have left.",
    "maximum_hold_reached": "It was held for as long as it may be.",
    "goods_returned": "The goods are back in good condition.",
    "decided": "It was decided.",
    "by_hand": "A refund by hand.",
    "asked_for": "It was asked for.",
}
"""Why a refund is owed."""

HELD = {
    "goods_still_to_ship": "Other goods of the order are still to ship.",
    "exceeds_paid": "It would be more than was paid; it stays whole until you decide.",
    "unknown_refund": "Money was paid back that nobody can place.",
}
"""Why a refund is held."""
