"""People and warehouses of the small world do what they plausibly do, in the given shares."""

from collections import defaultdict
from dataclasses import replace
from hashlib import sha256
from itertools import pairwise
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runtime.simulate import BENCH, PLAUSIBLE, World, messages
from runtime.simulated_order import Line, spread_discount
from runtime.simulated_refunds import worth

CALM = replace(PLAUSIBLE, duplicates=0.0, out_of_order=0.0, broken=0.0, orphans=0.0)
Events = list[dict[str, Any]]


def told_by_order(world: World) -> list[Events]:
    told: defaultdict[bytes, Events] = defaultdict(list)
    for message in messages(world):
        told[message.key].append(msgspec.json.decode(message.value))
    return list(told.values())


def of_type(events: Events, *types: str) -> list[Any]:
    return [event["data"] for event in events if event["type"] in types]


def counted(facts: list[Any]) -> dict[str, int]:
    units: defaultdict[str, int] = defaultdict(int)
    for fact in facts:
        for item in fact["items"]:
            units[item["line_id"]] += item["quantity"]
    return units


def share_with(world: World, *types: str) -> float:
    orders = told_by_order(replace(world, orders=1_500))
    return sum(bool(of_type(events, *types)) for events in orders) / len(orders)


@pytest.mark.parametrize("wanted", [0.1, 0.7])
@pytest.mark.parametrize(
    ("habit", "types"),
    [
        ("cancel", ["ItemCancelRequested"]),
        ("released", ["ReleasedToWarehouse"]),
        ("corrections", ["FactCorrected"]),
        ("unwanted", ["DeliveryRejected"]),
        ("lost", ["LostInTransit"]),
        ("delivered", ["Delivered"]),
    ],
)
def test_a_share_of_orders_is_met(habit: str, types: list[str], wanted: float) -> None:
    plain = World(5, cancel=0.0, released=0.0, split=0.0, unwanted=0.0)
    changed: dict[str, Any] = {habit: wanted}

    assert share_with(replace(plain, **changed), *types) == pytest.approx(wanted, abs=0.04)


def test_crossings_are_shares_of_the_cancelled_orders() -> None:
    """A cancellation within half an hour of the shipment crossed it; others came hours before."""
    world = replace(BENCH, crossings=0.25, whole=0.0, orders=1_500)
    rejected = sum(bool(of_type(events, "DeliveryRejected")) for events in told_by_order(world))

    assert rejected / 1_500 == pytest.approx(0.25 + 0.75 * BENCH.unwanted, abs=0.04)


def test_refusals_are_shares_of_the_parcels_with_cancelled_goods() -> None:
    world = replace(BENCH, refusals=0.6, delivered=1.0)
    orders = told_by_order(replace(world, orders=1_500))
    refused = sum(bool(of_type(events, "DeliveryRejected")) for events in orders)

    assert refused / len(orders) == pytest.approx(0.6, abs=0.04)


@pytest.mark.parametrize("wanted", [0.2, 0.8])
def test_damaged_returns_are_shares_of_the_rejections(wanted: float) -> None:
    orders = told_by_order(replace(BENCH, returns_damaged=wanted, orders=2_000))
    damaged = sum('"damaged"' in msgspec.json.encode(events).decode() for events in orders)

    assert damaged / len(orders) == pytest.approx(wanted, abs=0.04)


def test_a_short_return_brings_back_a_unit_less_than_was_rejected() -> None:
    world = replace(BENCH, returns_short=1.0, split=0.0, orders=300)
    for events in told_by_order(world):
        [rejected] = of_type(events, "DeliveryRejected")
        back = counted(of_type(events, "ReturnedToWarehouse"))
        whole = rejected if "items" in rejected else of_type(events, "ShippedFromWarehouse")[0]

        assert sum(back.values()) == sum(counted([whole]).values()) - 1


def test_a_pre_order_is_released_only_by_name() -> None:
    world = replace(CALM, coming_soon=1.0, released=1.0, corrections=0.0, orders=300)
    for events in told_by_order(world):
        lines = of_type(events, "OrderPlaced")[0]["lines"]
        assert [line["line_id"] for line in lines if line.get("coming_soon")] == [str(len(lines))]

        shipped = counted(of_type(events, "ShippedFromWarehouse"))
        named = [data for data in of_type(events, "ReleasedToWarehouse") if "items" in data]
        assert str(len(lines)) not in shipped or str(len(lines)) in counted(named)


@given(seed=st.integers(0, 2**32))
@settings(max_examples=15)
def test_no_more_is_shipped_than_ordered_and_no_more_comes_back_than_left(seed: int) -> None:
    world = replace(CALM, seed=seed, over_ship=0.0, corrections=0.0, orders=60)
    for events in told_by_order(world):
        ordered = {
            line["line_id"]: line["quantity"] for line in of_type(events, "OrderPlaced")[0]["lines"]
        }
        shipped = counted(of_type(events, "ShippedFromWarehouse"))
        returned = counted(of_type(events, "ReturnedToWarehouse"))

        assert all(count <= ordered[line_id] for line_id, count in shipped.items())
        assert all(count <= shipped[line_id] for line_id, count in returned.items())


def test_a_small_share_of_orders_is_shipped_a_unit_too_many() -> None:
    over = 0
    orders = told_by_order(World(9, cancel=0.0, over_ship=0.1, orders=2_000))
    for events in orders:
        ordered = sum(line["quantity"] for line in of_type(events, "OrderPlaced")[0]["lines"])
        over += sum(counted(of_type(events, "ShippedFromWarehouse")).values()) == ordered + 1

    assert over / len(orders) == pytest.approx(0.1, abs=0.04)


def test_a_correction_names_a_fact_of_the_same_warehouse_and_order() -> None:
    for events in told_by_order(replace(CALM, corrections=1.0, orders=200)):
        known = {(event["source"], event["id"]): event for event in events}
        [correction] = [event for event in events if event["type"] == "FactCorrected"]
        corrects = correction["data"]["corrects"]

        assert corrects["source"] == correction["source"]
        assert (corrects["source"], corrects["id"]) in known
        assert correction["data"].get("data") != known[tuple(corrects.values())]["data"]


def test_a_refund_is_named_by_its_cause() -> None:
    """`r-` and 32 hex digits of SHA-256 over order, kind, cause and number."""
    reported = 0
    for events in told_by_order(replace(CALM, refunds_reported=1.0, orders=500)):
        refunds = of_type(events, "RefundIssued", "RefundFailed")
        names = [f"{events[0]['subject']}\n{cause}\n1" for cause in causes_of_refunds(events)]
        allowed = {f"r-{sha256(name.encode()).hexdigest()[:32]}" for name in names}
        reported += len(refunds)

        assert {data["refund_id"] for data in refunds} <= allowed

    assert reported > 50


def causes_of_refunds(events: Events) -> list[str]:
    requests = of_type(events, "ItemCancelRequested")
    returns = [event for event in events if event["type"] == "ReturnedToWarehouse"]
    cancellations = [f"cancellation\n{data['cancellation_id']}" for data in requests]
    return cancellations + [f"return\n{event['source']}\n{event['id']}" for event in returns]


def test_an_order_of_which_everything_was_stopped_gets_all_of_its_money_back() -> None:
    world = World(4, cancel=1.0, whole=1.0, crossings=0.0, released=0.0, again=0.0)
    world = replace(world, currencies=("EUR",), refunds_reported=1.0, orders=200)
    refunded = 0
    for events in told_by_order(world):
        placed = of_type(events, "OrderPlaced")[0]
        for issued in of_type(events, "RefundIssued"):
            refunded += 1
            assert cents(issued["amount"]) == total(placed)

    assert refunded > 150


def total(placed: dict[str, Any]) -> int:
    whole = cents(placed.get("shipping_fee", "0")) - cents(placed.get("discount", "0"))
    for line in placed["lines"]:
        whole += cents(line["unit_price"]) * line["quantity"]
        whole += cents(line["tax"]) - cents(line.get("discount", "0"))
    return whole


def cents(amount: str) -> int:
    return int(amount.replace(".", ""))


def test_units_of_a_line_telescope_to_its_amount() -> None:
    steps = [worth(1_000, 3, units) for units in range(4)]

    assert [after - before for before, after in pairwise(steps)] == [333, 334, 333]


@given(
    amounts=st.lists(st.integers(50, 10**6), min_size=1, max_size=6),
    percent=st.integers(0, 100),
)
def test_a_discount_is_spread_without_a_cent_lost(amounts: list[int], percent: int) -> None:
    lines = [Line(str(place), 1, amount, False) for place, amount in enumerate(amounts)]
    discount = sum(amounts) * percent // 100
    spread_discount(lines, discount)

    assert sum(line.amount for line in lines) == sum(amounts) - discount
    assert all(
        abs(before * (1 - discount / sum(amounts)) - line.amount) <= 1
        for before, line in zip(amounts, lines, strict=True)
    )
