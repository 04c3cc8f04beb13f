"""Stored names are ours, with a version: known ones are decoded, others are refused."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from application.event_store import Append, EventStore, UnknownStoredName, stream_id
from application.stored_events import NAMES, SHAPES, UPCASTS, Decoders, encode
from domain.events import STORED_NAMES, Delivered, Event
from domain.process_events import PROCESS_NAMES, ProcessEvent
from tests.support.stored_examples import EXAMPLES

GOLDEN = Path(__file__).parents[1] / "golden"
FACT = Delivered(occurred_at=1, recorded_at=2, source="w", message_id="m", shipment_id="S")
A = stream_id("A")


def _insert(store: EventStore, name: str, state: bytes) -> None:
    with store.connection() as conn:
        conn.execute(
            "INSERT INTO countermand.orders_events"
            " (originator_id, originator_version, topic, state) VALUES (%s, 1, %s, %s)",
            (A, name, state),
        )


def test_an_event_is_stored_under_our_name_as_plain_json(store: EventStore) -> None:
    store.append([Append(A, 1, [FACT])])

    with store.connection() as conn:
        row = conn.execute("SELECT * FROM countermand.orders_events").fetchone()

    state = b'{"occurred_at":1,"recorded_at":2,"source":"w","message_id":"m","shipment_id":"S"}'
    assert row == (A, 1, "Delivered.v1", state, 1)


@pytest.mark.parametrize("name", ["Delivered.v2", "Evaporated.v1", "antigravity:fly", "this"])
def test_an_unknown_or_newer_name_is_refused_and_never_imported(
    store: EventStore, name: str
) -> None:
    _insert(store, name, encode(FACT))

    for read in (lambda: store.read(0, 9), lambda: store.load([A]), lambda: list(store.scan())):
        with pytest.raises(UnknownStoredName, match=name):
            read()

    assert not {"this", "antigravity"} & set(sys.modules)


def test_an_old_name_is_raised_step_by_step_to_the_newest() -> None:
    """As if Delivered.v1 had said `parcel`, and v2 were what we store now."""

    def from_v0(state: bytes) -> tuple[str, bytes]:
        return "Delivered.v1", state.replace(b'"parcel"', b'"shipment"')

    def from_v1(state: bytes) -> tuple[str, bytes]:
        return "Delivered.v2", state.replace(b'"shipment"', b'"shipment_id"')

    decoders = Decoders(
        {"Delivered.v2": Delivered}, {"Delivered.v0": from_v0, "Delivered.v1": from_v1}
    )

    stored = encode(FACT)
    v0 = stored.replace(b'"shipment_id"', b'"parcel"')
    v1 = stored.replace(b'"shipment_id"', b'"shipment"')
    assert decoders["Delivered.v0"](v0) == FACT
    assert decoders["Delivered.v1"](v1) == FACT
    assert decoders["Delivered.v2"](stored) == FACT


def test_every_upcast_ends_at_a_name_that_is_known() -> None:
    for name in UPCASTS:
        assert name not in SHAPES
        assert isinstance(Decoders()[name], Callable)  # type: ignore[arg-type]


def test_every_event_has_a_name_with_its_version() -> None:
    rooms = ("domain.events", "domain.process_events")
    known = {shape for shape in _subclasses(Event) if shape.__module__ in rooms}

    assert set(NAMES) == known - {ProcessEvent}
    assert all(name.rpartition(".v")[0] == shape.__name__ for shape, name in NAMES.items())


def test_no_event_of_an_order_is_called_as_one_of_a_process() -> None:
    """A topic and a log name an event by this alone."""
    assert not set(STORED_NAMES) & set(PROCESS_NAMES)
    assert set(SHAPES) == set(STORED_NAMES) | set(PROCESS_NAMES)


def _subclasses(shape: type) -> set[type]:
    below: set[type] = set(shape.__subclasses__())
    return below.union(*(_subclasses(one) for one in below))


@pytest.mark.parametrize("name", sorted(SHAPES | UPCASTS))
def test_every_stored_version_has_a_golden_file_that_still_decodes(name: str) -> None:
    """Written once and never again: a log written today is read in ten years."""
    stored = (GOLDEN / f"{name}.json").read_bytes().rstrip(b"\n")

    event = Decoders()[name](stored)

    assert event == EXAMPLES[name]


@pytest.mark.parametrize("name", sorted(SHAPES))
def test_every_stored_version_is_still_written_as_in_its_golden_file(name: str) -> None:
    stored = (GOLDEN / f"{name}.json").read_bytes().rstrip(b"\n")

    assert encode(EXAMPLES[name]) == stored


def test_a_golden_example_fills_every_field_of_its_shape() -> None:
    for name, event in EXAMPLES.items():
        stored = msgspec.json.decode((GOLDEN / f"{name}.json").read_bytes())
        assert set(stored) == set(type(event).__struct_fields__), name


def test_every_golden_file_is_of_a_name_that_is_known() -> None:
    assert {path.stem for path in GOLDEN.glob("*.json")} == set(SHAPES | UPCASTS)


def _texts() -> st.SearchStrategy[str]:
    return st.text(st.characters(codec="utf-8"), max_size=20)  # all but lone surrogates


st.register_type_strategy(str, lambda _: _texts())
st.register_type_strategy(int, lambda _: st.integers(-(2**63), 2**63 - 1))


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_every_event_survives_a_round_trip(shape: type[Event]) -> None:
    @given(_values_of(shape))
    def round_trip(event: Event) -> None:
        assert Decoders()[NAMES[shape]](encode(event)) == event

    round_trip()


def _values_of(shape: type[msgspec.Struct]) -> st.SearchStrategy[Any]:
    """Any value of a struct, with all its fields drawn by their types."""
    fields = msgspec.structs.fields(shape)
    return st.builds(shape, **{one.name: _of_type(one.type) for one in fields})


def _of_type(kind: Any) -> st.SearchStrategy[Any]:  # noqa: ANN401  a type hint has no type
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return _values_of(kind)
    if (arguments := get_args(kind)) and arguments[-1] is Ellipsis:
        return st.lists(_of_type(arguments[0]), max_size=3).map(tuple)
    if arguments and not isinstance(arguments[0], str):
        return st.one_of(*map(_of_type, arguments))
    return st.from_type(kind)


def test_a_stream_id_is_a_uuid_of_the_order() -> None:
    assert isinstance(stream_id("A"), UUID)
    assert stream_id("A") != stream_id("B")
