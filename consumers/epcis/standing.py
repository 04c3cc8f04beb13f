"""What stands of a shipment: what was said first, less what was voided or taken back since."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from consumers.epcis.units import Item
from consumers.outside.memory import Told

Data = dict[str, Any]
_RANK = {"shipped": 0, "declared": 1, "spoken_for": 2, "voided": 3}


class Standing(NamedTuple):
    """One shipping message, as it stands."""

    root: str
    """The message that was said first: corrections name it."""
    order_id: str
    since: int
    data: Data | None
    """What counts. None: it should not have been said."""
    corrected_at: int | None
    """The time of its newest correction."""


def standing(told: Sequence[Told]) -> dict[str, Standing]:
    """Fold what is remembered of a shipment into what stands, by first message."""
    undone = {one.undoes for one in told if one.does == "declared" and one.undoes != one.root}
    found: dict[str, Standing] = {}
    for one in sorted(told, key=_in_order):
        before = found.get(one.root) or Standing(one.root, one.order_id, one.at, None, None)
        found[one.root] = before._replace(
            data=before.data if one.message_id in undone else _after(before.data, one),
            corrected_at=before.corrected_at if one.does == "shipped" else one.at,
        )
    return found


def _in_order(one: Told) -> tuple[int, int, str]:
    return one.at, _RANK.get(one.does, 0), one.message_id


def _after(data: Data | None, one: Told) -> Data | None:
    if one.does == "voided":
        return None if data is None or one.data is None else without(data, one.data["items"])
    if one.does == "declared" and one.undoes != one.root:
        return data  # a voiding was taken back, which is left out above
    return one.data


def without(data: Data, voided: Sequence[Item]) -> Data | None:
    """Take units out of a shipment's data; None: nothing is left."""
    gone = {item["line_id"]: item["quantity"] for item in voided}
    items = [
        {**item, "quantity": item["quantity"] - gone.get(item["line_id"], 0)}
        for item in data["items"]
    ]
    left = [item for item in items if item["quantity"] > 0]
    return {**data, "items": left} if left else None


def holds_all(data: Data, voided: Sequence[Item]) -> bool:
    """Whether a shipment holds all of these units."""
    held = {item["line_id"]: item["quantity"] for item in data["items"]}
    return all(item["quantity"] <= held.get(item["line_id"], 0) for item in voided)
