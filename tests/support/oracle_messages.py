"""Which messages say the same, and what the warehouse's facts say after their corrections."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

Json = dict[str, Any]
Key = tuple[str, str]

WAREHOUSE_FACTS = {  # by type: required fields, optional fields
    "ReleasedToWarehouse": ("order_id warehouse_id", "items"),
    "CancellationConfirmed": ("order_id cancellation_id confirmed_by", "items"),
    "StopRefused": ("order_id cancellation_id reason", "items"),
    "ShippedFromWarehouse": (
        "order_id shipment_id items",
        "warehouse_id carrier tracking_number",
    ),
    "Delivered": ("order_id shipment_id", ""),
    "DeliveryRejected": ("order_id shipment_id", "items kind"),
    "ReturnedToWarehouse": ("order_id return_id items", "shipment_id"),
    "LostInTransit": ("order_id shipment_id", "items"),
}
KNOWN_FIELDS = {
    "OrderPlaced": (
        "order_id buyer_id seller_id currency lines discount shipping_fee shipping_tax paid"
    ),
    "ItemCancelRequested": "order_id cancellation_id requested_by reason note items",
    "CancellationWithdrawn": "order_id cancellation_id",
    "FactCorrected": "order_id corrects data",
    "RefundIssued": "order_id refund_id amount currency",
    "RefundFailed": "order_id refund_id reason",
    **{name: " ".join(fields) for name, fields in WAREHOUSE_FACTS.items()},
}
EVERY_WAREHOUSE_FIELD = " ".join(" ".join(fields) for fields in WAREHOUSE_FACTS.values())
LINE_FIELDS = "line_id sku title quantity unit_price discount tax coming_soon"
AMOUNTS = {"unit_price", "discount", "tax", "shipping_fee", "shipping_tax", "paid", "amount"}
WRITTEN_DEFAULTS: dict[str, Json] = {
    "OrderPlaced": {"discount": "0", "shipping_fee": "0", "shipping_tax": "0"},
    "line": {"discount": "0", "tax": "0", "coming_soon": False},
    "returned item": {"condition": "good"},
}
NEVER_SENT = "never sent"
UNTOUCHED = "untouched"


@dataclass(frozen=True)
class Heard:
    """A recorded message; `seq` is the order's version that it made."""

    seq: int
    recorded_at: int
    message: Json

    @property
    def key(self) -> Key:
        return key_of(self.message)

    @property
    def type(self) -> str:
        return str(self.message["type"])


@dataclass(frozen=True)
class Fact:
    """A fact as it stands now; `seq` stays that of the first message, corrected or not."""

    seq: int
    key: Key
    type: str
    data: Json


def key_of(message: Json) -> Key:
    return message["source"], message["id"]


def instant(message: Json) -> datetime:
    return datetime.fromisoformat(message["time"].upper())


def content(message: Json) -> Json:
    """Two messages are equal when this is: type, subject, time and known fields."""
    return {
        "type": message["type"],
        "subject": message["subject"],
        "time": instant(message),
        "data": known_data(message["type"], message["data"]),
    }


def known_data(kind: str, data: Json) -> Json:
    """Known fields only, `1.5` like `1.50`, and the defaults that the contract writes."""
    told = _known(KNOWN_FIELDS[kind], data, WRITTEN_DEFAULTS.get(kind, {}))
    if "lines" in told:
        told["lines"] = [
            _known(LINE_FIELDS, line, WRITTEN_DEFAULTS["line"]) for line in told["lines"]
        ]
    if "items" in told:
        told["items"] = [_known_item(kind, item) for item in told["items"]]
    if "corrects" in told:
        told["corrects"] = _known("source id", told["corrects"], {})
    if "data" in told:
        told["data"] = _known(EVERY_WAREHOUSE_FIELD, told["data"], {})
    return told


def _known_item(kind: str, item: Json) -> Json:
    if kind == "ReturnedToWarehouse":
        return _known("line_id quantity condition", item, WRITTEN_DEFAULTS["returned item"])
    return _known("line_id quantity", item, {})


def _known(fields: str, data: Json, defaults: Json) -> Json:
    told = {**defaults, **{name: value for name, value in data.items() if value is not None}}
    return {
        name: Decimal(value) if name in AMOUNTS else value
        for name, value in told.items()
        if name in fields.split()
    }


def standing_facts(heard: list[Heard], letters: list[Heard]) -> list[Fact]:
    """The warehouse's facts with every correction applied, in the order they were recorded."""
    corrections = [each for each in heard if each.type == "FactCorrected"]
    first_facts = {each.key: each for each in heard if each.type in WAREHOUSE_FACTS}
    facts = []
    for each in [*first_facts.values(), *corrected_letters(first_facts, letters)]:
        said = what_corrections_say(each.key, each.type, corrections)
        if said == UNTOUCHED and each.key in first_facts:
            said = each.message["data"]
        if isinstance(said, dict):
            facts.append(Fact(each.seq, each.key, each.type, said))
    return sorted(facts, key=lambda fact: fact.seq)


def corrected_letters(first_facts: dict[Key, Heard], letters: list[Heard]) -> list[Heard]:
    """Dead letters of the warehouse under an id of no recorded fact: only a correction counts."""
    return list(
        {
            letter.key: letter
            for letter in letters
            if letter.type in WAREHOUSE_FACTS and letter.key not in first_facts
        }.values()
    )


def what_corrections_say(key: Key, kind: str, corrections: list[Heard]) -> Json | str:
    """The data that a message should have had, NEVER_SENT, or UNTOUCHED without a correction."""
    standing = standing_corrections(key, kind, corrections)
    if not standing:
        return UNTOUCHED
    _, said = max(standing, key=lambda pair: (instant(pair[0].message), pair[0].key[1]))
    return said


def standing_corrections(
    key: Key, kind: str, corrections: list[Heard]
) -> list[tuple[Heard, Json | str]]:
    """The corrections of one message that count, each with what it says after its own."""
    standing: list[tuple[Heard, Json | str]] = []
    for correction in corrections:
        if target_of(correction) != key or correction.key[0] != key[0]:
            continue
        said = what_corrections_say(correction.key, kind, corrections)
        if said == NEVER_SENT:  # this correction is itself one that should not have been sent
            continue
        if said == UNTOUCHED:
            said = correction.message["data"].get("data") or NEVER_SENT
        if said == NEVER_SENT or fits(kind, said, correction):
            standing.append((correction, said))
    return standing


def target_of(correction: Heard) -> Key:
    corrects = correction.message["data"]["corrects"]
    return corrects["source"], corrects["id"]


def fits(kind: str, said: Json | str, correction: Heard) -> bool:
    """Say whether these data could be those of a message of this kind and order."""
    required = WAREHOUSE_FACTS[kind][0].split()
    known = " ".join(WAREHOUSE_FACTS[kind]).split()
    foreign = {"cancellation_id", "shipment_id", "return_id"} - set(known)
    return (
        isinstance(said, dict)
        and not any(said.get(name) for name in foreign)  # those are another type's data
        and all(said.get(name) is not None for name in required)
        and said["order_id"] == correction.message["data"]["order_id"]
        and all(_is_quantity(item.get("quantity")) for item in said.get("items") or [])
        and said.get("items") != []
    )


def _is_quantity(value: object) -> bool:
    return type(value) is int and value > 0


def add_up(items: list[Json], condition: str | None = None) -> dict[str, int]:
    """Units by line; a line named twice is added up, no condition means good."""
    units: dict[str, int] = {}
    for item in items:
        if condition in (None, item.get("condition") or "good"):
            units[item["line_id"]] = units.get(item["line_id"], 0) + item["quantity"]
    return units
