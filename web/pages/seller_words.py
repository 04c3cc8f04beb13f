"""What a seller reads about a case: what is the matter, whom it waits for, what can be decided."""

from __future__ import annotations

from typing import NamedTuple

from domain.process_events import WaitsFor

MATTERS = {
    "warehouse_to_stop": "The warehouse has to stop {goods}",
    "warehouse_too_late": "The warehouse says that it is too late to stop {goods}",
    "warehouse_silent": "The warehouse has not said whether it stopped {goods}",
    "buyer_to_refuse": "{goods} must be refused at the door",
    "parcel_unaccounted": "Nobody says what became of {goods} on the way",
    "goods_on_their_way_back": "{goods} have to come back",
    "rest_on_its_way_back": "The rest has to come back: {goods}",
    "return_missing": "{goods} have not come back: short",
    "payment_pending": "The payment provider has to pay",
    "payment_failing": "The payment provider could not pay, and is asked again",
    "payment_unsettled": "The payment provider has not paid",
    "returned_damaged": "{goods} came back damaged",
    "lost_on_the_way": "{goods} got lost on the way",
    "refunded_goods_at_large": "{goods} are out although they are paid back",
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
    "stopped": "Yes, it is in the warehouse",
    "not_stopped": "No, it will ship",
}

KINDS: dict[str, tuple[str, ...]] = {
    "stop": ("requested",),
    "refuse": ("unrefused", "missing"),
    "return": ("missing", "unrefused"),
    "damaged": ("damaged",),
    "lost": ("lost", "wanted_lost"),
    "large": ("at_large",),
    "returned": ("returned",),
    "unaccounted": ("unrefused", "missing"),
}
"""What can be decided in a wait, by the first word of its key."""

STATES = {
    "failed": ("Failed", "fail"),
    "due": ("Due", "due"),
    "requested": ("Requested", "sent"),
    "held": ("Held", "held"),
    "issued": ("Issued", "paid"),
}
"""Of refunds, in the contract's words: those that need somebody first."""

HELD = {
    "goods_still_to_ship": "Other goods of the order are still to ship.",
    "exceeds_paid": "It would be more than was paid; it stays whole until you decide.",
    "unknown_refund": "Money was paid back that nobody can place.",
}
"""Why a refund is held."""
