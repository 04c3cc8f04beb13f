"""What goes wrong in the small world goes wrong in the given shares, and never more than that."""

from collections import defaultdict
from dataclasses import replace
from itertools import islice
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runtime.simulate import BENCH, FAULTS, PLAUSIBLE, Outgoing, World, messages

CALM = replace(PLAUSIBLE, duplicates=0.0, out_of_order=0.0, broken=0.0, orphans=0.0)
MANY = 15_000


def event(message: Outgoing) -> dict[str, Any]:
    decoded: dict[str, Any] = msgspec.json.decode(message.value)
    return decoded


def share(world: World, trouble: str) -> float:
    told = list(islice(messages(world), MANY))
    if trouble == "broken":
        return sum(message.broken for message in told) / MANY
    return sum(message.trouble == trouble for message in told) / MANY


@pytest.mark.parametrize(
    ("field", "trouble"),
    [("broken", "broken"), ("duplicates", "duplicate"), ("out_of_order", "late")],
)
@pytest.mark.parametrize("wanted", [0.02, 0.2])
def test_a_share_of_trouble_is_met(field: str, trouble: str, wanted: float) -> None:
    share_wanted: dict[str, Any] = {field: wanted}

    assert share(replace(CALM, **share_wanted), trouble) == pytest.approx(wanted, rel=0.2)


def test_shares_of_trouble_are_met_together() -> None:
    assert share(FAULTS, "broken") == pytest.approx(0.02, rel=0.2)
    assert share(FAULTS, "duplicate") == pytest.approx(0.05, rel=0.15)
    assert share(FAULTS, "late") == pytest.approx(0.05, rel=0.15)


def test_orphans_are_orders_that_are_never_placed() -> None:
    told: defaultdict[bytes, set[str]] = defaultdict(set)
    for message in messages(replace(CALM, orphans=0.1, orders=4_000)):
        told[message.key].add(message.type)
    orphans = [types for types in told.values() if "OrderPlaced" not in types]

    assert len(orphans) / len(told) == pytest.approx(0.1, rel=0.2)
    assert all(orphans)


@given(seed=st.integers(0, 2**32))
@settings(max_examples=20)
def test_without_trouble_nothing_is_broken_repeated_or_late(seed: int) -> None:
    told = list(messages(replace(CALM, seed=seed, orders=60)))
    times: defaultdict[bytes, list[str]] = defaultdict(list)
    for message in told:
        times[message.key].append(event(message)["time"])

    assert not any(message.broken or message.trouble for message in told)
    assert len({event(message)["id"] for message in told}) == len(told)
    assert all(heard == sorted(heard, key=_without_fraction) for heard in times.values())


def _without_fraction(time: str) -> tuple[str, str]:
    seconds, _, fraction = time.rstrip("Z").partition(".")
    return seconds, fraction


@given(seed=st.integers(0, 2**32))
@settings(max_examples=20)
def test_trouble_adds_to_a_world_and_delays_it_but_changes_nothing(seed: int) -> None:
    world = replace(FAULTS, seed=seed, orders=40, orphans=0.0)
    told = [m for m in messages(world) if not m.broken and m.trouble != "duplicate"]
    calm = messages(replace(world, duplicates=0.0, out_of_order=0.0, broken=0.0))

    assert sorted(m.value for m in told) == sorted(m.value for m in calm)


def test_a_duplicate_says_again_what_was_said_before() -> None:
    said: dict[str, dict[str, Any]] = {}
    repeated = rewritten = 0
    for message in messages(replace(CALM, duplicates=0.2, orders=1_000)):
        heard = event(message)
        if message.trouble == "duplicate":
            repeated += 1
            rewritten += list(heard) != list(said[heard["id"]])
        assert said.setdefault(heard["id"], heard) == heard

    assert 0 < rewritten < repeated


def test_a_late_message_is_overtaken_by_later_ones_of_its_order() -> None:
    newest: dict[bytes, str] = {}
    late = overtaken = 0
    for message in messages(replace(CALM, out_of_order=0.1, orders=1_000)):
        time = event(message)["time"]
        if message.trouble == "late":
            late += 1
            overtaken += _without_fraction(time) < _without_fraction(newest.get(message.key, ""))
        newest[message.key] = max(newest.get(message.key, ""), time, key=_without_fraction)

    assert overtaken > 0.95 * late > 400


def test_messages_are_overtaken_within_a_topic_and_across_topics() -> None:
    within = across = 0
    last: dict[bytes, Outgoing] = {}
    for message in messages(replace(CALM, out_of_order=0.1, orders=1_000)):
        before = last.get(message.key)
        if before is not None and message.trouble == "late":
            within += before.topic == message.topic
            across += before.topic != message.topic
        last[message.key] = message

    assert within > 100
    assert across > 100


def test_other_content_comes_after_the_message_that_it_contradicts() -> None:
    said: dict[str, dict[str, Any]] = {}
    contradictions = 0
    world = replace(FAULTS, orders=500, damages=("other_content",), orphans=0.0)
    for message in messages(world):
        heard = event(message)
        if message.broken:
            contradictions += 1
            assert said[heard["id"]] != heard
        said.setdefault(heard["id"], heard)

    assert contradictions > 20


def test_bench_has_no_trouble_at_all() -> None:
    assert not any(message.trouble for message in messages(replace(BENCH, orders=1_000)))
