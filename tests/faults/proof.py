"""What must hold after the storm: every message once, as one quiet process would do it."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterable
from typing import Any, NamedTuple

from msgspec.structs import replace

from application.event_store import EventStore, stream_id
from consumers import dead_letters, partitions
from consumers.cloudevents import BadMessage, Heard, Incoming, fingerprint
from consumers.dead_limit import DeadLimit
from consumers.intake import Intake, clock, note_key
from consumers.kafka import KafkaSettings, Member
from consumers.topics import Place
from domain.events import Event, MessageSetAside
from domain.information import order_information
from domain.order import Order, evolve
from domain.process_events import ProcessEvent
from domain.refunds import Policy

Key = tuple[Any, ...]


class Ordered(NamedTuple):
    """A record, and when its order came to hear of it."""

    at: tuple[int, int]
    record: Incoming


def behind(environment: dict[str, str], kafka: KafkaSettings) -> int:
    """How many records of the topics are not recorded yet."""
    with EventStore.open(environment["COUNTERMAND_DATABASE_URL"]) as store:
        return sum(one.lag for one in partitions.look(store, kafka, DeadLimit(1.0, 10**9)))


def read_all(kafka: KafkaSettings) -> list[Incoming]:
    """Read all that the inbound topics hold, partition by partition."""
    listing = Member(kafka, ())
    places = listing.places()
    ends = listing.ends(places)
    listing.close()
    member = Member(kafka, places)
    member.start(dict.fromkeys(places, 0))
    found: dict[Place, list[Incoming]] = {place: [] for place in places}
    deadline = time.monotonic() + 300
    while any(len(found[place]) < ends[place] for place in places):
        assert time.monotonic() < deadline, "the topics could not be read"
        for place, some in member.poll(0.2).items():
            found[place] += some  # type: ignore[arg-type]
    member.close()
    return [record for place in places for record in found[place]]


def check(store: EventStore, quiet: EventStore, kafka: KafkaSettings) -> dict[str, int]:
    """Compare with one process that takes the same records in the same order, order by order.

    Raises AssertionError with what differs. `quiet` is an empty store for that process.
    """
    _every_position_is_the_end(store, kafka)
    _versions_have_no_gap(store)
    records = read_all(kafka)
    events = _events(store)
    for stream, some in events.items():
        _no_message_twice(stream, some)
    _share_note_key(store, quiet)
    _quietly(quiet, records, Effects(store))
    expected = _events(quiet)
    assert events.keys() == expected.keys(), "orders are missing, or made up"
    for stream, some in expected.items():
        assert events[stream] == some, f"order {stream}: {_first_difference(events[stream], some)}"
    assert _parked(store) == _parked(quiet), "parked messages differ"
    assert _letters(store) == _letters(quiet), "dead letters differ"
    return {
        "records": len(records),
        "orders": len(events),
        "events": sum(map(len, events.values())),
        "parked": len(_parked(store)),
        "dead": len(_letters(store)),
    }


def _first_difference(events: list[Event], expected: list[Event]) -> str:
    for version, (one, other) in enumerate(zip(events, expected, strict=False), 1):
        if one != other:
            return f"version {version} is {one}, not {other}"
    last = max(events, expected, key=len)[-1]
    return f"{len(events)} events, not {len(expected)}; the last is {last}"


def figures(store: EventStore) -> dict[str, dict[str, int]]:
    """Return what every order's page shows: units over all lines, money in minor units."""
    return {order.order_id: _figures(order) for order in _orders(store)}


def _orders(store: EventStore) -> Iterable[Order]:
    found: dict[Any, Order] = {}
    for page in store.scan():
        for one in page:
            if not isinstance(one.event, ProcessEvent):
                found[one.stream_id] = evolve(found.get(one.stream_id), one.event)
    return found.values()


def _figures(order: Order) -> dict[str, int]:
    page = order_information(order, clock(), Policy())
    units = ("cancelled", "refuse_delivery", "remaining", "to_ship")
    found = {name: sum(getattr(line, name) for line in page.lines) for name in units}
    for name, held in (("money", False), ("held", True)):
        found[name] = sum(one.amount for one in page.refunds if (one.state == "held") is held)
    return found


def _share_note_key(store: EventStore, quiet: EventStore) -> None:
    """Let both name a note alike."""
    with quiet.connection() as conn:
        conn.execute(
            "UPDATE countermand.secrets SET value = %s WHERE name = 'note-key'", (note_key(store),)
        )


def _every_position_is_the_end(store: EventStore, kafka: KafkaSettings) -> None:
    for one in partitions.look(store, kafka, DeadLimit(1.0, 10**9)):
        assert one.next == one.end, f"{one.place} stands at {one.next} of {one.end}"


def _versions_have_no_gap(store: EventStore) -> None:
    with store.connection() as conn:
        rows = conn.execute(
            "SELECT originator_id FROM countermand.orders_events GROUP BY originator_id"
            " HAVING count(*) <> max(originator_version) OR min(originator_version) <> 1"
        ).fetchall()
    assert rows == [], f"versions of {rows} have gaps"


def _events(store: EventStore) -> dict[Any, list[Event]]:
    """Return the events of every stream, in order, without when they were recorded."""
    found: dict[Any, list[Event]] = defaultdict(list)
    for page in store.scan():
        for one in page:
            timeless = replace(one.event, recorded_at=0)
            if isinstance(timeless, MessageSetAside):
                # Its time is our clock's, too; a message that was parked has lost its bytes.
                timeless = replace(timeless, occurred_at=0, digest="")
            found[one.stream_id].append(timeless)
    return found


def _no_message_twice(stream: object, events: Iterable[Event]) -> None:
    causes = [
        (event.source, event.message_id)
        for event in events
        if not isinstance(event, MessageSetAside)
    ]
    assert len(causes) == len(set(causes)), f"order {stream} recorded a message twice"


class Effects:
    """Where in the log each message had its effect: by its identity, or by its bytes if bad."""

    def __init__(self, store: EventStore) -> None:
        self._events: dict[Key, int] = {}
        self._letters: dict[Key, int] = {}
        self._first: dict[Key, bytes] = {}
        for page in store.scan():
            for one in page:
                event, stream = one.event, one.stream_id
                cause = (stream, event.source, event.message_id)
                if isinstance(event, MessageSetAside):
                    self._letters.setdefault((stream, event.digest), one.position)
                    self._letters.setdefault(cause, one.position)
                else:
                    self._events.setdefault(cause, one.position)

    def of(self, record: Incoming, said: Heard | BadMessage) -> int | None:
        """Return the position of what a record led to; None: it led to nothing of its own."""
        stream = stream_id(said.order_id or "")
        digest = (stream, dead_letters.digest(record).hex())
        if isinstance(said, BadMessage):
            return self._letters.get(digest)
        cause = (stream, said.source, said.message_id)
        says = fingerprint(said)
        if self._first.setdefault(cause, says) == says and cause in self._events:
            return self._events[cause]
        return self._letters.get(digest, self._letters.get(cause))


def _quietly(quiet: EventStore, records: list[Incoming], effects: Effects) -> None:
    """Take the records one order after another, each in the order in which it heard of them.

    Between partitions there is no other order: whoever came first in the storm comes first here.
    """
    intake = Intake(quiet)
    by_order: dict[str, list[Ordered]] = defaultdict(list)
    latest: dict[tuple[str, str | None], int] = {}
    for number, (record, said) in enumerate(zip(records, intake.hear(records), strict=True)):
        order_id = said.order_id or ""
        at = effects.of(record, said)
        if at is None:
            at = latest.get((order_id, record.topic), 0)
        latest[order_id, record.topic] = max(at, latest.get((order_id, record.topic), 0))
        by_order[order_id].append(Ordered((at, number), record))
    ordered = [one.record for some in by_order.values() for one in sorted(some, key=_at)]
    for start in range(0, len(ordered), 1_000):
        intake.take(ordered[start : start + 1_000])


def _at(one: Ordered) -> tuple[int, int]:
    return one.at


def _parked(store: EventStore) -> set[tuple[Any, ...]]:
    with store.connection() as conn:
        return set(
            conn.execute(
                "SELECT order_id, source, message_id, fingerprint FROM countermand.parked"
            ).fetchall()
        )


def _letters(store: EventStore) -> set[tuple[Any, ...]]:
    found: set[tuple[Any, ...]] = set()
    after = 0
    while page := dead_letters.listed(store, state=None, after=after):
        after = page[-1].dead_letter_id
        found |= {(*letter[2:5], letter.rule, letter.order_id, letter.state) for letter in page}
    return found
