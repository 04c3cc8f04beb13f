"""Ways in which a message can be damaged; each breaks one rule of the public contract.

A damaged copy keeps the id of the good message: a message that cannot be understood claims no id.
"""

from collections.abc import Callable
from typing import Any

import msgspec

from runtime.simulated_cancelling import BUYER_REASONS, SELLER_REASONS
from runtime.simulated_world import Outgoing, Topic

Envelope = dict[str, Any]
Draw = Callable[[], float]
AFTER = frozenset({"other_content"})  # contradicts only what was heard before

REQUIRED = {
    "OrderPlaced": ("order_id", "buyer_id", "seller_id", "currency", "lines"),
    "ItemCancelRequested": ("order_id", "cancellation_id", "requested_by", "reason"),
    "CancellationWithdrawn": ("order_id", "cancellation_id"),
    "ReleasedToWarehouse": ("order_id", "warehouse_id"),
    "CancellationConfirmed": ("order_id", "cancellation_id", "confirmed_by"),
    "StopRefused": ("order_id", "cancellation_id", "reason"),
    "ShippedFromWarehouse": ("order_id", "shipment_id", "items"),
    "Delivered": ("order_id", "shipment_id"),
    "DeliveryRejected": ("order_id", "shipment_id"),
    "ReturnedToWarehouse": ("order_id", "return_id", "items"),
    "LostInTransit": ("order_id", "shipment_id"),
    "FactCorrected": ("order_id", "corrects"),
    "RefundIssued": ("order_id", "refund_id", "amount", "currency"),
    "RefundFailed": ("order_id", "refund_id", "reason"),
}
_OTHER_TOPIC: dict[Topic, Topic] = {
    "storefront": "payments",
    "warehouse": "storefront",
    "payments": "warehouse",
}


def damaged(message: Outgoing, draw: Draw, only: tuple[str, ...] = ()) -> Outgoing | None:
    """A broken copy, damaged in a way that its type allows; None where none of `only` fits."""
    for kind in sorted(only or DAMAGES, key=lambda _: draw()):
        envelope: Envelope = msgspec.json.decode(message.value)
        value = DAMAGES[kind](envelope, draw)
        if value is None:
            continue
        topic = _OTHER_TOPIC[message.topic] if kind == "wrong_topic" else message.topic
        return message._replace(topic=topic, value=value, broken=True, trouble=kind)
    return None


Damage = Callable[[Envelope, Draw], bytes | None]


def _pick(draw: Draw, choices: tuple[str, ...]) -> str:
    return choices[int(draw() * len(choices))]


def _counted(envelope: Envelope) -> list[dict[str, Any]]:
    data = envelope["data"]
    found: list[dict[str, Any]] = data.get("items") or data.get("lines") or []
    return found


def _quantity(wrong: object) -> Damage:
    def damage(envelope: Envelope, draw: Draw) -> bytes | None:
        counted = _counted(envelope)
        if not counted:
            return None
        counted[int(draw() * len(counted))]["quantity"] = wrong
        return msgspec.json.encode(envelope)

    return damage


def _amount(spoil: Callable[[str], object]) -> Damage:
    def damage(envelope: Envelope, _: Draw) -> bytes | None:
        data = envelope["data"]
        if "amount" in data:
            data["amount"] = spoil(data["amount"])
        elif "lines" in data:
            line = data["lines"][0]
            line["unit_price"] = spoil(line["unit_price"])
        else:
            return None
        return msgspec.json.encode(envelope)

    return damage


def _order_id(spoil: Callable[[str], str]) -> Damage:
    def damage(envelope: Envelope, _: Draw) -> bytes | None:
        envelope["subject"] = envelope["data"]["order_id"] = spoil(envelope["subject"])
        return msgspec.json.encode(envelope)

    return damage


def _attribute(name: str, wrong: object) -> Damage:
    def damage(envelope: Envelope, _: Draw) -> bytes | None:
        envelope[name] = wrong
        return msgspec.json.encode(envelope)

    return damage


def _field(name: str, wrong: object) -> Damage:
    """Where the message has such a field."""

    def damage(envelope: Envelope, _: Draw) -> bytes | None:
        if name not in envelope["data"]:
            return None
        envelope["data"][name] = wrong
        return msgspec.json.encode(envelope)

    return damage


def _first_of(name: str, inner: str, wrong: object) -> Damage:
    """In the first entry of a list, where the message has such a list."""

    def damage(envelope: Envelope, _: Draw) -> bytes | None:
        entries = envelope["data"].get(name)
        if not entries or (name == "items" and envelope["type"] != "ReturnedToWarehouse"):
            return None
        entries[0][inner] = wrong
        return msgspec.json.encode(envelope)

    return damage


def _bad_json(envelope: Envelope, draw: Draw) -> bytes:
    value = msgspec.json.encode(envelope)
    return value[: 1 + int(draw() * (len(value) - 1))]


def _not_utf8(envelope: Envelope, _: Draw) -> bytes:
    return msgspec.json.encode(envelope).replace(b'"data"', b'"note":"caf\xe9","data"', 1)


def _not_a_number_in_json(envelope: Envelope, _: Draw) -> bytes:
    return msgspec.json.encode(envelope).replace(b'"data":{', b'"data":{"weight":NaN,', 1)


def _not_an_object(envelope: Envelope, _: Draw) -> bytes:
    return msgspec.json.encode(f"{envelope['type']} {envelope['subject']}")


def _missing_attribute(envelope: Envelope, draw: Draw) -> bytes:
    del envelope[_pick(draw, ("id", "source", "type", "time"))]
    return msgspec.json.encode(envelope)


def _missing_field(envelope: Envelope, draw: Draw) -> bytes:
    del envelope["data"][_pick(draw, REQUIRED[envelope["type"]])]
    return msgspec.json.encode(envelope)


def _wrong_kind(envelope: Envelope, draw: Draw) -> bytes:
    name = _pick(draw, REQUIRED[envelope["type"]])
    envelope["data"][name] = {"value": envelope["data"][name]}
    return msgspec.json.encode(envelope)


def _foreign_subject(envelope: Envelope, _: Draw) -> bytes:
    envelope["subject"] += "-other"
    return msgspec.json.encode(envelope)


def _reason_of_the_other_party(envelope: Envelope, draw: Draw) -> bytes | None:
    data = envelope["data"]
    if "requested_by" not in data:
        return None
    # "other", the last of each, belongs to both.
    reasons = SELLER_REASONS if data["requested_by"] == "buyer" else BUYER_REASONS
    data["reason"] = _pick(draw, reasons[:-1])
    return msgspec.json.encode(envelope)


def _empty_list(envelope: Envelope, _: Draw) -> bytes | None:
    data = envelope["data"]
    if "lines" in data:
        data["lines"] = []
    elif "requested_by" in data:
        data["items"] = []
    else:
        return None
    return msgspec.json.encode(envelope)


def _line_twice(envelope: Envelope, _: Draw) -> bytes | None:
    lines = envelope["data"].get("lines")
    if lines is None:
        return None
    lines.append(lines[0])
    return msgspec.json.encode(envelope)


def _other_content(envelope: Envelope, _: Draw) -> bytes:
    counted = _counted(envelope)
    if counted:
        counted[0]["quantity"] += 1
    else:
        envelope["time"] = "2001-02-03T04:05:06.000Z"
    return msgspec.json.encode(envelope)


def _wrong_topic(envelope: Envelope, _: Draw) -> bytes:
    return msgspec.json.encode(envelope)


DAMAGES: dict[str, Damage] = {
    "bad_json": _bad_json,
    "not_utf8": _not_utf8,
    "nan_in_json": _not_a_number_in_json,
    "not_an_object": _not_an_object,
    "missing_attribute": _missing_attribute,
    "missing_field": _missing_field,
    "wrong_kind": _wrong_kind,
    "data_is_text": _attribute("data", "see attachment"),
    "unknown_type": _attribute("type", "OrderMislaid"),
    "bad_time": _attribute("time", "yesterday"),
    "zero_quantity": _quantity(0),
    "negative_quantity": _quantity(-1),
    "half_a_unit": _quantity(1.5),
    "quantity_as_text": _quantity("2"),
    "quantity_as_truth": _quantity(True),
    "huge_quantity": _quantity(10**30),
    "nul_in_id": _order_id(lambda order_id: order_id + "\0"),
    "space_in_id": _order_id(lambda order_id: order_id.replace("-", " ")),
    "long_id": _order_id(lambda order_id: order_id.ljust(65, "x")),
    "foreign_subject": _foreign_subject,
    "too_many_decimals": _amount(lambda text: text + ("01" if "." in text else ".01")),
    "float_amount": _amount(float),
    "negative_amount": _amount(lambda text: "-" + text),
    "huge_amount": _amount(lambda _: "1" + "0" * 12),
    "amount_is_no_number": _amount(lambda _: "NaN"),
    "no_such_currency": _field("currency", "EURO"),
    "no_such_kind": _field("kind", "eaten_by_the_dog"),
    "no_such_condition": _first_of("items", "condition", "soggy"),
    "endless_title": _first_of("lines", "title", "very " * 80 + "long"),
    "discount_too_great": _first_of("lines", "discount", "99999999999"),
    "line_twice": _line_twice,
    "empty_list": _empty_list,
    "reason_of_the_other_party": _reason_of_the_other_party,
    "wrong_topic": _wrong_topic,
    "other_content": _other_content,
}
