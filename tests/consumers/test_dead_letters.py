"""Records that nobody could take: their bytes, their reason, and that they stop nobody."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest

from application.event_store import EventStore
from consumers import dead_letters
from consumers.cloudevents import Incoming
from consumers.envelope import Cut
from consumers.intake import Intake
from domain.events import MessageSetAside
from domain.information import order_information
from domain.order import evolve
from domain.refunds import Policy
from tests.support.saying import cancel, delivered, encoded, placed, record, say, shipped
from tests.support.streams import emptied, events_of, kinds

NOW = 1_800_000_000_000_000


@pytest.fixture
def store(module_postgres_url: str) -> Iterator[EventStore]:
    with emptied(module_postgres_url) as opened:
        yield opened


@pytest.fixture
def intake(store: EventStore) -> Intake:
    return Intake(store, now=lambda: NOW)


def test_a_dead_letter_keeps_bytes_headers_place_and_reason(
    store: EventStore, intake: Intake
) -> None:
    headers = (("content-type", b"text/plain"), ("ce_id", b"\xff\x00"), ("empty", None))
    bad = Incoming(b"\x00{", headers, b"k\x00", "storefront", "countermand.storefront", 2, 41, 7)
    intake.take([bad])
    (letter,) = dead_letters.listed(store)
    assert letter.record("storefront") == bad._replace(timestamp=None, headers=list(headers))
    assert (letter.received_at, letter.state, letter.attempts) == (NOW, "open", 0)
    assert letter.rule


def test_a_topic_made_anew_loses_no_dead_letter(store: EventStore, intake: Intake) -> None:
    """Its offsets begin again, so another record stands where an older letter came from."""
    older, newer = (Incoming(value, (), None, None, "t", 0, 5) for value in (b"old", b"new"))
    for record_again in (older, newer, newer):
        intake.take([record_again])
    assert [letter.value for letter in dead_letters.listed(store)] == [b"old", b"new"]


def test_a_tombstone_is_a_dead_letter(store: EventStore, intake: Intake) -> None:
    intake.take([Incoming(None, (), b"A", "storefront", "t", 0, 0)])
    (letter,) = dead_letters.listed(store)
    assert (letter.value, letter.rule) == (None, "tombstone")


def test_the_same_id_with_other_content_is_set_aside_and_shown(
    store: EventStore, intake: Intake
) -> None:
    first = shipped("A", 1)
    other = shipped("A", 2) | {"id": first["id"]}
    taken = intake.take([record(placed("A")), record(first), record(other), record(delivered("A"))])
    assert taken.outcomes == ["recorded", "recorded", "dead", "recorded"]
    assert kinds(store, "A") == [
        "OrderPlaced",
        "ShippedFromWarehouse",
        "MessageSetAside",
        "Delivered",
    ]
    order = None
    for event in events_of(store, "A"):
        order = evolve(order, event)
    assert order is not None
    (shown,) = order_information(order, NOW, Policy()).discrepancies
    assert (shown.message_id, shown.source) == (first["id"], "/warehouse")
    assert order_information(order, NOW, Policy()).lines[0].delivered == 1


def test_an_unreadable_message_of_a_known_order_is_shown_by_it(
    store: EventStore, intake: Intake
) -> None:
    bad = shipped("A", -1)
    intake.take([record(placed("A")), record(bad)])
    shown = events_of(store, "A")[1]
    assert isinstance(shown, MessageSetAside)
    (letter,) = dead_letters.listed(store)
    assert (shown.rule, shown.message_id) == (letter.rule, bad["id"])
    assert shown.detail == f"{letter.field}: {letter.rule}"
    assert (letter.order_id, letter.field) == ("A", "data.items[0].quantity")


def test_an_order_that_comes_later_shows_its_dead_letters(
    store: EventStore, intake: Intake
) -> None:
    intake.take([record(shipped("A", -1))])
    intake.take([record(shipped("A", 0)), record(placed("A"))])
    assert kinds(store, "A") == ["OrderPlaced", "MessageSetAside", "MessageSetAside"]


def test_a_letter_is_dropped_once_and_says_why(store: EventStore, intake: Intake) -> None:
    intake.take([record(shipped("A", -1))])
    (letter,) = dead_letters.listed(store)

    dropped = [
        dead_letters.drop(store, letter.dead_letter_id, NOW, reason)
        for reason in ("sent again", "another reason")
    ]

    kept = dead_letters.shown(store, letter.dead_letter_id)
    assert dropped == [True, False]
    assert kept == letter._replace(state="dropped", state_at=NOW, drop_reason="sent again")


def test_a_dropped_letter_is_not_shown_by_an_order_that_comes_later(
    store: EventStore, intake: Intake
) -> None:
    intake.take([record(shipped("A", -1))])
    (letter,) = dead_letters.listed(store)
    assert dead_letters.drop(store, letter.dead_letter_id, NOW)
    intake.take([record(placed("A"))])
    assert kinds(store, "A") == ["OrderPlaced"]


def test_the_same_bad_line_of_a_file_is_one_letter(store: EventStore, intake: Intake) -> None:
    bad = record(shipped("A", -1))
    intake.take([record(placed("A")), bad])
    assert intake.take([bad, bad]).outcomes == ["dead", "dead"]
    assert len(dead_letters.listed(store)) == 1
    assert kinds(store, "A") == ["OrderPlaced", "MessageSetAside"]


def test_the_same_bad_bytes_at_two_offsets_are_two_letters(
    store: EventStore, intake: Intake
) -> None:
    bad = [Incoming(b"{", (), None, "storefront", "t", 0, offset) for offset in (3, 4, 4)]
    intake.take(bad)
    assert [letter.offset for letter in dead_letters.listed(store)] == [3, 4]


def test_a_corrected_letter_is_resolved(store: EventStore, intake: Intake) -> None:
    bad = shipped("A", -1)
    right = {"order_id": "A", "shipment_id": "S1", "items": [{"line_id": "L1", "quantity": 1}]}
    corrects = {"source": "/warehouse", "id": bad["id"]}
    correction = say("FactCorrected", "A", corrects=corrects, data=right)
    intake.take([record(placed("A")), record(bad)])
    assert dead_letters.counted(store) == {"open": 1}
    intake.take([record(correction)])
    assert dead_letters.counted(store) == {"resolved": 1}


def test_a_letter_that_comes_after_its_correction_is_resolved(
    store: EventStore, intake: Intake
) -> None:
    bad = shipped("A", -1)
    right = {"order_id": "A", "shipment_id": "S1", "items": [{"line_id": "L1", "quantity": 1}]}
    corrects = {"source": "/warehouse", "id": bad["id"]}
    correction = say("FactCorrected", "A", corrects=corrects, data=right)
    intake.take([record(placed("A")), record(correction), record(bad)])
    assert dead_letters.counted(store) == {"resolved": 1}


def test_a_dead_letter_does_not_claim_its_id(intake: Intake) -> None:
    bad, good = shipped("A", -1), shipped("A", 1)
    taken = intake.take([record(placed("A")), record(bad), record(good | {"id": bad["id"]})])
    assert taken.outcomes == ["recorded", "dead", "recorded"]


def test_letters_are_listed_in_pages_by_state(store: EventStore, intake: Intake) -> None:
    intake.take([record(b"{%d" % number) for number in range(5)])
    first = dead_letters.listed(store, limit=2)
    rest = dead_letters.listed(store, after=first[-1].dead_letter_id)
    assert [one.value for one in first + rest] == [b"{%d" % number for number in range(5)]
    assert dead_letters.drop(store, first[0].dead_letter_id, NOW)
    assert not dead_letters.drop(store, first[0].dead_letter_id, NOW)
    assert [one.state for one in dead_letters.listed(store, state="dropped")] == ["dropped"]
    assert dead_letters.counted(store) == {"open": 4, "dropped": 1}


def test_a_letter_that_is_heard_again_is_not_kept_twice(store: EventStore, intake: Intake) -> None:
    intake.take([Incoming(b"{", (), None, "storefront", "t", 0, 1)])
    (letter,) = dead_letters.listed(store)
    again = dead_letters.heard_again(letter, "storefront")
    assert intake.take(again).outcomes == ["dead"]
    assert len(dead_letters.listed(store, state=None)) == 1


def test_what_cannot_stand_in_a_column_is_replaced(store: EventStore, intake: Intake) -> None:
    assert dead_letters.clean("a\0b\ud800c") == "a\ufffdb?c"
    assert len(dead_letters.clean("x" * 9_999)) == dead_letters.LONGEST
    headers = (("na\0me", b"v"),)
    intake.take([Incoming(b"{", headers, None, "storefront", "t", 0, 1)])
    assert dead_letters.listed(store)[0].headers == [("na\ufffdme", b"v")]


def test_a_letter_shows_the_refusal_to_cancel_twice_under_one_message(
    store: EventStore, intake: Intake
) -> None:
    first = cancel("A")
    other = cancel("A", reason="other") | {"id": first["id"]}
    taken = intake.take([record(placed("A")), record(first), record(other)])
    assert taken.outcomes == ["recorded", "recorded", "dead"]
    assert encoded(other) == dead_letters.listed(store)[0].value


def test_an_order_is_told_of_a_letter_in_the_contracts_words_only(store: EventStore) -> None:
    named = encoded(shipped("A", 1))[:-1] + b', "Mira Berg": 1, "Mira Berg": 2}'
    unknown = encoded(shipped("A", 1) | {"type": "Mira Berg", "id": "unknown-type"})
    intake = Intake(store)
    intake.take([record(placed("A")), record(named), record(unknown)])

    states = b"".join(msgspec.json.encode(event) for event in events_of(store, "A"))

    assert b"duplicate_key" in states
    assert b"unknown_type" in states
    assert b"Mira Berg" not in states


def test_a_cut_value_says_how_much_of_it_is_kept(store: EventStore) -> None:
    Intake(store).take([record(Cut.of(b"[" * 1_000_001, 2_345_678))])

    (letter,) = dead_letters.listed(store)

    assert letter.is_cut
    assert "2345678 bytes; only the first 1000001 are kept" in (letter.detail or "")
