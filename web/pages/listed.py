"""An order in a list: its units by what is true of them, and its money in one sentence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from domain.wording import counted
from projections.order_information import MOST_COUNTED
from web.pages.words import ORDER_STATES, REASONS, REFUND_STATES, money

_GROUPS = (
    ("refuse_delivery", "refuse", "to refuse"),
    ("requested", "ask", "asked for"),
    ("remaining", "keep", "remaining"),
    ("cancelled", "cancel", "cancelled"),
)
_NAMED = 3


class Tab(NamedTuple):
    """Orders of one status, or all of them."""

    status: str | None
    word: str
    number: str


def tabs(counts: Mapping[str, int], chosen: str | None) -> list[Tab]:
    """All orders, and each status that some of them are in, what needs the buyer first."""
    total = sum(counts.values())
    found = [Tab(None, "All", f"{total:,}+" if total >= MOST_COUNTED else f"{total:,}")]
    for name, state in ORDER_STATES.items():
        if name in counts or name == chosen:
            found.append(Tab(name, state.word, f"{counts.get(name, 0):,}"))
    return found


def listed(order: Mapping[str, Any]) -> dict[str, Any]:
    """The order of a view with what a row of a list says."""
    lines = order["lines"]
    is_summed = "remaining" in order  # Cancelled Orders: over all lines, of which some are there
    units = {
        name: order[name] if is_summed else sum(line[name] for line in lines)
        for name, *_ in _GROUPS
    }
    marks = [(_shape(order, name, shape), units[name]) for name, shape, _ in _GROUPS]
    if not is_summed:
        marks[2:3] = _remaining(lines)
    return {
        **order,
        "marks": marks,
        "said": _said(order["status"], units, dict(marks)),
        "titles": _titles(lines),
        "money": _money(order["refunds"], order["currency"]),
    }


def cancelled(order: Mapping[str, Any]) -> dict[str, Any]:
    """An order of Cancelled Orders: what is cancelled of it, why, and how that stands."""
    row = listed(order)
    states = [
        (shape, f"{n} {_STATES[shape]}") for shape, n in row["marks"] if n and shape != "keep"
    ]
    return {
        **row,
        "gone": _gone(order["lines"]),
        "why": _why(order["last_cancellation"]),
        "states": states,
        "said": " ".join(_also(order)),
    }


_STATES = {
    "refuse": "to refuse at the door",
    "back": "going back",
    "ask": "asked for",
    "cancel": "cancelled",
}


def _also(order: Mapping[str, Any]) -> Iterator[str]:
    """What more is to be said of how it stands."""
    if order["requested"]:
        yield "Waiting for the warehouse."
    if order["status"] == "returning":
        yield "Expected back in the warehouse."
    if order["remaining"]:
        yield f"{counted(order['remaining'])} remain{'s' if order['remaining'] == 1 else ''}."
    elif order["cancelled"] == order["ordered"]:
        yield "The whole order."


def _shape(order: Mapping[str, Any], name: str, shape: str) -> str:
    return "back" if name == "refuse_delivery" and order["status"] == "returning" else shape


def _remaining(lines: Sequence[Mapping[str, Any]]) -> list[tuple[str, int]]:
    """Remaining units by where they are: taken, on their way, still to ship, coming soon."""
    units = dict.fromkeys(("keep", "ship", "ring", "soon"), 0)
    for line in lines:
        to_ship = min(line["remaining"], line["to_ship"])
        taken = min(line["remaining"] - to_ship, line["delivered"])
        units["keep"] += taken
        units["ship"] += line["remaining"] - to_ship - taken
        units["soon" if line["coming_soon"] else "ring"] += to_ship
    return list(units.items())


def _said(status: str, units: Mapping[str, int], marks: Mapping[str, int]) -> str:
    """`1 to refuse, 5 remaining, 2 cancelled`; where everything remains, where it is."""
    total = sum(units.values())
    if units["remaining"] < total:
        words = {"refuse_delivery": "going back" if status == "returning" else "to refuse"}
        parts = [f"{n} {words.get(name, word)}" for name, _, word in _GROUPS if (n := units[name])]
        return f"{', '.join(parts)}."
    left = marks.get("ship", 0) + marks.get("keep", 0)
    if 0 < left < total:
        return f"{left} of {counted(total)} left the warehouse."
    return f"{counted(total)}."


def _titles(lines: Sequence[Mapping[str, Any]]) -> str:
    names = [line["title"] for line in lines[:_NAMED]]
    more = len(lines) - _NAMED
    return ", ".join(names) + (f" and {more} more" if more > 0 else "")


def _gone(lines: Sequence[Mapping[str, Any]]) -> str:
    """What is cancelled, by title."""
    named = [
        (line["ordered"] - line["remaining"], line["title"])
        for line in lines
        if line["remaining"] != line["ordered"]
    ]
    more = len(named) - _NAMED
    words = ", ".join(f"{units} x {title}" for units, title in named[:_NAMED])
    return words + (f" and {more} more" if more > 0 else "")


def _why(last: Mapping[str, str] | None) -> str:
    """Who cancelled last and why; nothing where nobody did, or nobody wrote it down."""
    if last is None:
        return ""
    reason = REASONS[last["reason"]]
    if last["requested_by"] == "buyer":
        return f"Reason: {reason}"
    said = "" if last["reason"] == "other" else f": {reason[0].lower()}{reason[1:]}"
    return f"Cancelled by the shop{said}"


def _money(refunds: Sequence[Mapping[str, Any]], currency: str) -> list[dict[str, Any]]:
    """How much is in which state, and until when at the latest."""
    found = []
    for name, state in REFUND_STATES.items():
        there = [one for one in refunds if one["state"] == name]
        if there:
            until = max((one["held_until"] or "" for one in there), default="")
            amount = _sum(there, currency)
            found.append({"state": state, "amount": amount, "until": until or None})
    return found


def _sum(refunds: Sequence[Mapping[str, Any]], currency: str) -> str:
    return money(str(sum((Decimal(one["amount"]) for one in refunds), Decimal(0))), currency)
