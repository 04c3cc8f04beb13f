"""Every good message keeps the public contract, and every damaged one breaks it.

The checker below is written from the contract alone and shares nothing with the service.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal, InvalidOperation
from itertools import islice
from typing import Any

import msgspec
import pytest

from runtime.simulate import BENCH, DAMAGES, FAULTS, PLAUSIBLE, Outgoing, World, messages

DECIMALS = {"EUR": 2, "GBP": 2, "JPY": 0, "KWD": 3}
REASONS = {
    "buyer": "changed_mind ordered_by_mistake found_cheaper arrives_too_late wrong_address "
    "wrong_payment_method other",
    "seller": "out_of_stock cannot_deliver price_error suspected_fraud other",
}


WORLDS = ["default", "BENCH", "PLAUSIBLE", "FAULTS"]


class Wrong(Exception):
    """A message that the contract does not allow."""


Check = Callable[[object], None]


def require(allowed: object) -> None:
    if not allowed:
        raise Wrong


def identifier(value: object) -> None:
    require(type(value) is str and re.fullmatch(r"[A-Za-z0-9._:-]{1,64}", value))


def text(most: int) -> Check:
    def check(value: object) -> None:
        require(type(value) is str and 1 <= len(value) <= most and value.isprintable())

    return check


def one_of(*allowed: str) -> Check:
    def check(value: object) -> None:
        require(type(value) is str and value in allowed)

    return check


def quantity(value: object) -> None:
    require(type(value) is int and 1 <= value <= 10**9)


def truth(value: object) -> None:
    require(type(value) is bool)


def amount(value: object) -> None:
    try:
        require(type(value) is str and 0 <= Decimal(value) < 10**12)
    except InvalidOperation:
        raise Wrong from None


def list_of(**fields: Check) -> Check:
    def check(value: object) -> None:
        require(type(value) is list and 1 <= len(value) <= 2_000)
        assert isinstance(value, list)
        for entry in value:
            check_fields(entry, fields)

    return check


def check_fields(value: object, fields: dict[str, Check]) -> None:
    """A field whose name ends in _ may be absent."""
    if not isinstance(value, dict):
        raise Wrong
    for name, check in fields.items():
        if name.endswith("_"):
            if name[:-1] in value:
                check(value[name[:-1]])
        else:
            require(name in value)
            check(value[name])


def corrected(value: object) -> None:
    check_fields(value, {"source": text(256), "id": text(256)})


ITEMS = list_of(line_id=identifier, quantity=quantity)
RETURNED = list_of(line_id=identifier, quantity=quantity, condition_=one_of("good", "damaged"))
LINES = list_of(
    line_id=identifier,
    sku=text(64),
    title=text(300),
    quantity=quantity,
    unit_price=amount,
    discount_=amount,
    tax_=amount,
    coming_soon_=truth,
)
CANCELLATION: dict[str, Check] = {"order_id": identifier, "cancellation_id": identifier}
SHIPMENT: dict[str, Check] = {"order_id": identifier, "shipment_id": identifier}
REFUND: dict[str, Check] = {"order_id": identifier, "refund_id": identifier}

CONTRACT: dict[str, tuple[str, dict[str, Check]]] = {
    "OrderPlaced": (
        "storefront",
        {
            "order_id": identifier,
            "buyer_id": identifier,
            "seller_id": identifier,
            "currency": one_of(*DECIMALS),
            "lines": LINES,
            "discount_": amount,
            "shipping_fee_": amount,
            "shipping_tax_": amount,
            "paid_": amount,
        },
    ),
    "ItemCancelRequested": (
        "storefront",
        CANCELLATION
        | {
            "requested_by": one_of(*REASONS),
            "reason": text(64),
            "note_": text(2_000),
            "items_": ITEMS,
        },
    ),
    "CancellationWithdrawn": ("storefront", CANCELLATION),
    "ReleasedToWarehouse": (
        "warehouse",
        {"order_id": identifier, "warehouse_id": identifier, "items_": ITEMS},
    ),
    "CancellationConfirmed": (
        "warehouse",
        CANCELLATION | {"items_": ITEMS, "confirmed_by": one_of("warehouse", "seller")},
    ),
    "StopRefused": ("warehouse", CANCELLATION | {"items_": ITEMS, "reason": text(300)}),
    "ShippedFromWarehouse": (
        "warehouse",
        SHIPMENT
        | {
            "warehouse_id_": identifier,
            "items": ITEMS,
            "carrier_": text(100),
            "tracking_number_": text(100),
        },
    ),
    "Delivered": ("warehouse", SHIPMENT),
    "DeliveryRejected": (
        "warehouse",
        SHIPMENT | {"items_": ITEMS, "kind_": one_of("refused", "unclaimed", "undeliverable")},
    ),
    "ReturnedToWarehouse": (
        "warehouse",
        {
            "order_id": identifier,
            "return_id": identifier,
            "shipment_id_": identifier,
            "items": RETURNED,
        },
    ),
    "LostInTransit": ("warehouse", SHIPMENT | {"items_": ITEMS}),
    "FactCorrected": ("warehouse", {"order_id": identifier, "corrects": corrected}),
    "RefundIssued": ("payments", REFUND | {"amount": amount, "currency": one_of(*DECIMALS)}),
    "RefundFailed": ("payments", REFUND | {"reason": text(300)}),
}


def check(topic: str, value: bytes) -> None:
    """Raises Wrong."""
    try:
        event = msgspec.json.decode(value)
    except ValueError:
        raise Wrong from None
    names: dict[str, Check] = dict.fromkeys(("id", "source", "type", "subject", "time"), text(256))
    check_fields(event, names | {"specversion": one_of("1.0"), "data": lambda _: None})
    require(event["type"] in CONTRACT)
    own_topic, fields = CONTRACT[event["type"]]
    require(topic == own_topic)
    check_time(event["time"])
    check_fields(event["data"], fields)
    require(event["subject"] == event["data"]["order_id"])
    check_meaning(event["type"], event["data"])


def check_time(value: str) -> None:
    try:
        require(datetime.fromisoformat(value).tzinfo)
    except ValueError:
        raise Wrong from None


def check_meaning(kind: str, data: dict[str, Any]) -> None:
    if kind == "ItemCancelRequested":
        require(data["reason"] in REASONS[data["requested_by"]].split())
    elif kind == "RefundIssued":
        check_decimals([data["amount"]], data["currency"])
    elif kind == "OrderPlaced":
        lines = data["lines"]
        require(len({line["line_id"] for line in lines}) == len(lines))
        names = ("unit_price", "discount", "tax", "shipping_fee", "shipping_tax", "paid")
        amounts = [part[name] for part in [data, *lines] for name in names if name in part]
        check_decimals(amounts, data["currency"])
        check_discounts(data)


def check_decimals(amounts: list[str], currency: str) -> None:
    most = Decimal(1).scaleb(-DECIMALS[currency])
    require(all(Decimal(value) % most == 0 for value in amounts))


def check_discounts(data: dict[str, Any]) -> None:
    left = [
        Decimal(line["unit_price"]) * line["quantity"] - Decimal(line.get("discount", "0"))
        for line in data["lines"]
    ]
    require(min(left) >= 0)
    require(Decimal(data.get("discount", "0")) <= sum(left))


def is_right(message: Outgoing) -> bool:
    try:
        check(message.topic, message.value)
    except Wrong:
        return False
    return True


@pytest.mark.parametrize("world", [World(3), BENCH, PLAUSIBLE, FAULTS], ids=WORLDS)
def test_unbroken_messages_keep_the_contract(world: World) -> None:
    told = [message for message in islice(messages(world), 10_000) if not message.broken]

    assert [message for message in told if not is_right(message)] == []


def test_the_key_is_the_order_of_the_subject() -> None:
    told = [message for message in islice(messages(FAULTS), 5_000) if not message.broken]

    assert all(
        msgspec.json.decode(message.value)["subject"].encode() == message.key for message in told
    )


def test_every_kind_of_message_is_told() -> None:
    told = {message.type for message in islice(messages(PLAUSIBLE), 20_000) if not message.broken}

    assert told == set(CONTRACT)


@pytest.mark.parametrize("kind", sorted(DAMAGES))
def test_a_damaged_message_breaks_the_contract(kind: str) -> None:
    world = replace(FAULTS, orders=150, broken=0.4, duplicates=0, out_of_order=0, damages=(kind,))
    broken = [message for message in messages(world) if message.broken]

    assert broken
    assert {message.trouble for message in broken} == {kind}
    if kind != "other_content":  # good by itself; it contradicts what was said before
        assert [message for message in broken if is_right(message)] == []


def test_all_ways_of_damage_happen() -> None:
    told = messages(replace(FAULTS, orders=2_500, broken=0.3))

    assert {message.trouble for message in told if message.broken} == set(DAMAGES)
