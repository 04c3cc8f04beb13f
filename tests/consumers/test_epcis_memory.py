"""The memory in the database says what the one in the process says, and both have bounds."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from application.event_store import EventStore
from consumers.bad_message import Malformed
from consumers.epcis import translate
from consumers.epcis.contents import MAX_LISTED
from consumers.outside.memory import MOST, Memory, Remembered, Told
from consumers.outside.stored import Stored
from tests.support.capturing import (
    LAMP,
    MUG,
    PARCEL,
    PARCEL_ID,
    RULES,
    came,
    declares,
    document,
    packs,
    returns,
    ships,
    single,
    some,
    voids,
)


def test_it_does_not_matter_who_remembers(store: EventStore) -> None:
    """Document by document, the database's memory made anew for each."""
    wrong, right = ships("O1", "S2"), ships("O1", "S2", epcList=single(MUG, 1))
    void = voids(epcList=[PARCEL])
    documents = [
        document(packs(PARCEL, single(MUG, 1), childQuantityList=[some(LAMP, 2, uom="EA")])),
        document(ships(epcList=[PARCEL]), wrong, returns()),
        document(void, declares(wrong, right["eventID"]), right),
        document(declares(void)),
        document(right, wrong, void),
    ]
    process = Remembered()

    for told in documents:
        memory = Stored(store)
        found = translate(told, RULES.epcis, memory)
        memory.flush()
        memory.flush()
        assert found == translate(told, RULES.epcis, process)
        assert not found.bad


def test_of_one_name_the_first_is_kept(store: EventStore) -> None:
    first = Told("m1", "one", "shipped", 1, "shipment/S1", "O1", "m1", data={"items": []})
    other = Told("m1", "two", "shipped", 2, "shipment/S1", "O1", "m1", value=b"\0\xff")
    third = Told("m2", "two", "voided", 2, "shipment/S1", "O1", "m1", value=b"\0\xff")
    process, database = Remembered(), Stored(store)

    for memory in (process, database):
        for told in (first, other, third):
            memory.keep("/epcis", told)
    other_process = Stored(store)
    other_process.keep("/epcis", other)
    assert not database.flush(), "one name was kept twice"
    assert not other_process.flush(), "the first was kept by another one"

    for memory in (process, database, Stored(store)):
        assert memory.about("/epcis", "shipment/S1") == [first, third]
        assert memory.named("/epcis", ["m1", "m3"]) == {"m1": first}
        assert memory.about("/other", "shipment/S1") == []
        assert memory.named("/epcis", []) == memory.named("/other", ["m1"]) == {}


@pytest.mark.parametrize("made", [lambda _: Remembered(), Stored])
def test_what_is_spoken_of_too_often_is_not_worked_out(
    store: EventStore, made: Callable[[EventStore], Memory]
) -> None:
    memory = made(store)
    for number in range(MOST + 1):
        memory.keep("/epcis", Told(f"m{number}", "", "packed", number, "container/1"))
    if isinstance(memory, Stored):
        memory.flush()

    with pytest.raises(Malformed, match="too_many"):
        memory.about("/epcis", "container/1")


def test_a_container_of_too_many_things_is_a_letter() -> None:
    def dead(number: int) -> list[tuple[str, str]]:
        memory = Remembered()
        held = {"epcs": [f"urn:mug:{n}" for n in range(number)], "classes": [], "seen": False}
        memory.keep("/epcis", Told("m1", "", "packed", 1, f"container/{PARCEL_ID}", data=held))
        return came(translate(document(ships(epcList=[PARCEL])), RULES.epcis, memory)).dead

    assert dead(MAX_LISTED) == [("epcisBody.eventList[0].epcList", "no_line_id")]
    assert dead(MAX_LISTED + 1) == [("epcisBody.eventList[0].epcList", "too_many")]


def test_containers_that_hold_each_other_are_opened_once() -> None:
    other = "urn:epc:id:sscc:9521141.0000000024"
    told = [packs(PARCEL, [other, *single(MUG, 1)]), packs(other, [PARCEL, *single(MUG, 2)])]

    found = came(translate(document(*told, ships(epcList=[PARCEL])), RULES.epcis, Remembered()))

    assert [item["quantity"] for item in found.said[0][3]["items"]] == [2]
