"""Dead letters and parked messages as an operator's page shows them: in words, and safely."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from consumers.times import to_microseconds
from web.pages.showing import length, when_text

SHOWN = 4_000
"""Characters of a letter's bytes that are shown; the API has them all."""
BECAME = {
    "recorded": "was recorded",
    "repeated": "had been recorded before",
    "refused": "was taken, and refused",
    "parked": "waits for its order now",
    "dead": "could not be taken again, and stays open",
    "dropped": "was dropped; it is kept",
}


def letter(one: dict[str, Any]) -> dict[str, Any]:
    """A letter with its words."""
    place = f"{one['topic']}/{one['partition']}@{one['offset']}" if one["topic"] else ""
    rule = one["rule"].replace("_", " ")
    return {
        **one,
        "place": place,
        "title": f"{one['field']}: {rule}" if one["field"] else rule.capitalize(),
        "detail": plain(one["detail"] or ""),
        "what": one["type"] or "a message of no known type",
        "received": when_text(one["received_at"]),
        "closed": when_text(one["state_at"]),
        "key": str(uuid4()),
    }


def whole(one: dict[str, Any]) -> dict[str, Any]:
    """A letter's bytes as text that can do nothing to who reads it."""
    value = one["value"] or ""
    return {**one, "value": plain(value[:SHOWN]), "is_cut": len(value) > SHOWN}


def plain(text: str) -> str:
    """Text with what is not seen written out: controls, and marks that turn its direction."""
    if text.isprintable():
        return text
    return "".join(
        one if one.isprintable() or one in "\n\t" else f"\\u{{{ord(one):x}}}" for one in text
    )


def parked(found: Sequence[dict[str, Any]], now: int) -> list[dict[str, Any]]:
    """Parked messages by the order that they wait for, the oldest first."""
    orders: dict[str, dict[str, Any]] = {}
    for one in found:
        age = length(now - to_microseconds(one["received_at"]))
        order = orders.setdefault(
            one["order_id"],
            {"order_id": one["order_id"], "types": {}, "sources": {}, "age": age,
             "since": one["received_at"]},
        )  # fmt: skip
        order["types"][one["type"]] = order["types"].get(one["type"], 0) + 1
        order["sources"][one["source"]] = True
    return [
        {
            **one,
            "what": ", ".join(
                name if number == 1 else f"{number} x {name}"
                for name, number in one["types"].items()
            ),
            "sources": ", ".join(one["sources"]),
        }
        for one in orders.values()
    ]
