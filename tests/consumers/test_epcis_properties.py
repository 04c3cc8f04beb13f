"""Whatever comes from outside: messages that can be heard, or letters, and never an exception."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from consumers.carriers import translate as translate_carrier
from consumers.cloudevents import Incoming, hear
from consumers.epcis import translate as translate_epcis
from consumers.outside.memory import Remembered
from consumers.outside.said import Translated
from tests.support.capturing import (
    LAMP,
    MUG,
    PARCEL,
    RULES,
    declares,
    document,
    packs,
    returns,
    ships,
    single,
    some,
    tracking,
    voids,
)

Json = Any
FULL = ships(
    eventID="urn:uuid:full",
    quantityList=[some(LAMP, 3, uom="EA")],
    bizLocation={"id": "urn:epc:id:sgln:9521141.00002.0"},
    persistentDisposition={"set": ["damaged"]},
    sourceList=[{"type": "location", "source": "urn:epc:id:sgln:9521141.00001.0"}],
    destinationList=[{"type": "owning_party", "destination": "urn:epc:id:pgln:9521141.00007"}],
)
RIGHT = ships(eventID="urn:uuid:right", epcList=single(MUG, 1))
EVENTS = [
    FULL,
    RIGHT,
    returns(eventID="urn:uuid:back"),
    voids(eventID="urn:uuid:void", epcList=single(MUG, 1)),
    packs(PARCEL, single(MUG, 1, 2), childQuantityList=[some(LAMP, 1)], eventID="urn:uuid:pack"),
    ships("O1", "S2", eventID="urn:uuid:parcel", epcList=[PARCEL]),
    declares(FULL, "urn:uuid:right"),
    declares(returns(eventID="urn:uuid:back")),
]

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20)
    | st.sampled_from(
        ["ObjectEvent", "shipping", "returned", "po", PARCEL, *single(MUG, 1), "urn:uuid:full"]
    )
)
values: st.SearchStrategy[Json] = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=12,
)


def places(value: Json, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a JSON value."""
    found = [at] if at else []
    inner = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    return found + [one for key, part in inner for one in places(part, (*at, key))]


def changed(value: Json, at: tuple[Any, ...], to: Json) -> Json:
    twin = deepcopy(value)
    inner = twin
    for key in at[:-1]:
        inner = inner[key]
    if to is None and isinstance(inner, dict):
        del inner[at[-1]]
    else:
        inner[at[-1]] = to
    return twin


def mutations(good: Json) -> st.SearchStrategy[Json]:
    """A good value with one to three of its parts replaced by anything, or taken out."""
    once = st.tuples(st.sampled_from(places(good)), values).map(lambda c: changed(good, *c))
    twice = once.flatmap(
        lambda said: st.tuples(st.sampled_from(places(said) or [()]), values).map(
            lambda c: changed(said, *c) if c[0] else said
        )
    )
    return once | twice


def check(translate: Callable[[bytes], Translated], value: bytes) -> Translated:
    """What the rules of translating say about anything."""
    found = translate(value)
    for message in found.messages:
        heard = hear(Incoming(message.value, channel="warehouse"), 0, b"key")
        assert (heard.order_id, heard.type) == (message.order_id, message.type)
        assert (heard.source, heard.message_id) == (message.source, message.message_id)
    for bad in found.bad:
        assert bad.field
        assert bad.rule
        assert bad.detail
        assert bad.value is not None
        assert bad.value in value
    assert found.messages or found.bad or found.ignored or not _holds_anything(value)
    return found


def _holds_anything(value: bytes) -> bool:
    told: object = json.loads(value)
    body: object = told.get("epcisBody") if isinstance(told, dict) else None
    return told != [] and (not isinstance(body, dict) or body.get("eventList") != [])


def epcis(value: bytes) -> Translated:
    memory = Remembered()
    found = translate_epcis(value, RULES.epcis, memory)
    again = translate_epcis(value, RULES.epcis, memory)
    assert [one.value for one in again.messages] == [one.value for one in found.messages]
    return found


def carrier(value: bytes) -> Translated:
    return translate_carrier(value, RULES.carrier)


@settings(max_examples=100)
@given(values)
def test_any_json_is_translated_or_a_letter(value: Json) -> None:
    said = json.dumps(value).encode()

    check(epcis, said)
    check(carrier, said)


@settings(max_examples=150)
@given(st.lists(st.sampled_from(EVENTS).flatmap(mutations) | st.sampled_from(EVENTS), max_size=5))
def test_events_that_were_changed_at_will_are_translated_or_letters(events: list[Json]) -> None:
    found = check(epcis, document(*events))

    assert len(found.messages) + len(found.bad) + found.ignored <= len(events)


@settings(max_examples=60)
@given(mutations(json.loads(document(*EVENTS))))
def test_documents_that_were_changed_at_will_are_translated_or_letters(told: Json) -> None:
    check(epcis, json.dumps(told).encode())


@settings(max_examples=150)
@given(
    st.lists(
        st.sampled_from(["Exception_003", "Delivered_001", "AttemptFail_001"]).flatmap(
            lambda status: mutations(tracking(status))
        ),
        max_size=3,
    )
)
def test_statuses_that_were_changed_at_will_are_translated_or_letters(told: list[Json]) -> None:
    found = check(carrier, json.dumps(told).encode())

    assert len(found.messages) + len(found.bad) + found.ignored == len(told)


@settings(max_examples=40)
@given(st.permutations(EVENTS))
def test_it_does_not_matter_where_in_a_document_an_event_stands(events: list[Json]) -> None:
    found = {one.message_id: one.value for one in epcis(document(*events)).messages}

    assert found == {one.message_id: one.value for one in epcis(document(*EVENTS)).messages}
    assert len(found) == 6


@settings(max_examples=100)
@given(st.binary(max_size=60))
def test_any_bytes_are_translated_or_a_letter(value: bytes) -> None:
    for translate in (epcis, carrier):
        found = translate(value)
        assert found.messages == []
