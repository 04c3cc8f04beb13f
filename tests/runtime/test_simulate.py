"""The small world is an open stream: the same seed, the same bytes, in bounded memory."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runtime.simulate import (
    BENCH,
    FAULTS,
    PLAUSIBLE,
    OrdersInFlight,
    Outgoing,
    World,
    messages,
    send_all,
    write_file,
)

FIVE_MESSAGES = [
    "OrderPlaced",
    "ItemCancelRequested",
    "ShippedFromWarehouse",
    "DeliveryRejected",
    "ReturnedToWarehouse",
]


def told_by(world: World) -> bytes:
    lines = BytesIO()
    write_file(messages(world), lines)
    return lines.getvalue()


@given(seed=st.integers(0, 2**63 - 1), in_flight=st.integers(1, 50))
@settings(max_examples=25)
def test_the_same_seed_tells_the_same_bytes(seed: int, in_flight: int) -> None:
    world = replace(FAULTS, seed=seed, orders=20, in_flight=in_flight)

    assert list(messages(world)) == list(messages(world))


@given(seed=st.integers(0, 2**32), other=st.integers(0, 2**32))
@settings(max_examples=25)
def test_another_seed_tells_another_world(seed: int, other: int) -> None:
    first, second = (told_by(replace(PLAUSIBLE, seed=n, orders=5)) for n in (seed, other))

    assert (first == second) == (seed == other)


@pytest.mark.parametrize(
    ("world", "digest"),
    [
        (BENCH, "39ef98a7daba7a9e"),
        (FAULTS, "e4cd92f350484266"),
    ],
    ids=["BENCH", "FAULTS"],
)
def test_a_seed_tells_the_same_for_ever(world: World, digest: str) -> None:
    """Whoever changes these digests changes every figure that was measured with a seed."""
    told = told_by(replace(world, seed=2026, orders=200))

    assert sha256(told).hexdigest()[:16] == digest


def test_an_endless_stream_keeps_only_the_orders_in_flight() -> None:
    orders = OrdersInFlight(replace(FAULTS, in_flight=64))
    kept = [len(orders) for _ in islice(orders, 50_000)]

    assert (min(kept), max(kept)) == (64, 64)


def test_the_orders_of_a_world_are_counted() -> None:
    orders = OrdersInFlight(replace(BENCH, orders=37, in_flight=10))
    placed = Counter(message.key for message in orders)

    assert len(placed) == 37
    assert len(orders) == 0


def test_a_world_without_orders_says_nothing() -> None:
    assert list(messages(World(1, orders=0))) == []


def test_the_time_of_sending_never_goes_back() -> None:
    sent_at = [message.at for message in islice(messages(FAULTS), 5_000)]

    assert sent_at == sorted(sent_at)


def test_orders_overlap() -> None:
    first_hundred = list(islice(messages(replace(BENCH, in_flight=20)), 100))

    assert len({message.key for message in first_hundred}) >= 20


def test_a_start_in_another_zone_is_told_in_utc() -> None:
    start = datetime(2025, 6, 1, 2, tzinfo=timezone(timedelta(hours=2)))
    message = next(messages(World(1, start=start)))

    assert message.at == start
    assert msgspec.json.decode(message.value)["time"] == "2025-06-01T00:00:00Z"


def test_bench_tells_five_messages_an_order() -> None:
    told: dict[bytes, list[str]] = {}
    for message in messages(replace(BENCH, orders=500)):
        told.setdefault(message.key, []).append(message.type)

    assert {len(types) for types in told.values()} == {5}
    assert all(sorted(types) == sorted(FIVE_MESSAGES) for types in told.values())


def test_bench_messages_have_about_360_bytes() -> None:
    sizes = [len(message.value) for message in messages(replace(BENCH, orders=2_000))]

    assert 340 < sum(sizes) / len(sizes) < 380


def test_the_counts_of_a_file_are_what_is_in_it(tmp_path: Path) -> None:
    world = replace(FAULTS, orders=300)
    counts = write_file(messages(world), tmp_path / "world.jsonl")
    lines = (tmp_path / "world.jsonl").read_bytes().splitlines()
    told = [message for message in messages(world) if message.trouble != "wrong_topic"]

    assert lines == [message.value for message in told]
    assert counts.sent == len(told) == sum(counts.by_type.values())
    assert counts.by_type == Counter(message.type for message in told)
    assert counts.broken == sum(message.broken for message in told)
    assert counts.duplicates == sum(message.trouble == "duplicate" for message in told)
    assert counts.late == sum(message.trouble == "late" for message in told)


def test_sending_hands_over_topic_key_and_value() -> None:
    world = replace(PLAUSIBLE, orders=20)
    sent: list[tuple[str, bytes, bytes]] = []
    counts = send_all(messages(world), lambda *record: sent.append(record))

    assert sent == [(message.topic, message.key, message.value) for message in messages(world)]
    assert counts.sent == len(sent)


def test_sending_flushes_every_so_many_and_at_the_end() -> None:
    sent: list[bytes] = []
    flushed_at: list[int] = []
    send_all(
        messages(replace(BENCH, orders=5)),
        lambda _topic, _key, value: sent.append(value),
        flush=lambda: flushed_at.append(len(sent)),
        flush_every=10,
    )

    assert flushed_at == [10, 20, 25]


@pytest.mark.parametrize(
    "wrong",
    [
        {"seed": -1},
        {"cancel": 1.5},
        {"broken": 0.3, "duplicates": 0.3},
        {"start": datetime(2025, 1, 1)},  # noqa: DTZ001 - that is what is wrong with it
        {"lines_per_order": (3, 2)},
        {"units_per_line": (0, 1)},
        {"in_flight": 0},
        {"orders": -1},
        {"currencies": ()},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_an_impossible_world_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))[:5]):
        replace(BENCH, **wrong)


def test_damage_of_an_unknown_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="gremlins"):
        messages(replace(BENCH, damages=("gremlins",)))


def test_a_stream_may_be_left_at_any_time() -> None:
    stream: Iterator[Outgoing] = messages(PLAUSIBLE)

    assert next(stream).at == datetime(2025, 1, 6, 8, tzinfo=UTC)
