"""Replay: fold the whole log again and compare every order with the live views, row by row.

Shares the domain with the views, and nothing else. The service may run meanwhile: each row is
judged at the position and the moment at which it was written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple
from uuid import UUID

from msgspec import Struct
from psycopg import Connection

from application.collecting import no_collection
from application.event_store import EventStore, process_stream_id, stream_id
from application.follow import position_of
from application.streams import NOTHING_DONE, Done, Stream, processes, streams
from audit import found
from audit.expected import View, rows_of
from audit.found import Shown
from domain.events import Event, OrderPlaced
from domain.order import Order, fold
from domain.process_events import PROCESS_NAMES, ProcessEvent
from domain.refunds import Policy

FOLLOWER = position_of("views")
Progress = Callable[[int, int], None]

_AT_ONCE = 500
"""Orders compared at once."""


class Difference(Struct, frozen=True):
    """One value of a view that is not what the log says."""

    order_id: str
    view: str
    field: str
    """The column, and the path inside a body, as in `body.lines[0].remaining`; `row`: all of it."""
    expected: Any
    found: Any
    version: int | None
    """The order's version from which on the expected value holds; none: not in the log at all."""
    event: str | None
    """The event that made that version."""


class Replay:
    """One replay. `orders` and `events` say how much was compared so far."""

    def __init__(
        self, store: EventStore, policy: Policy, progress: Progress = lambda *_: None
    ) -> None:
        self._store = store
        self._policy = policy
        self._progress = progress
        self._missing = 0
        self._done = 0
        self.orders = 0
        self.events = 0

    def differences(self) -> Iterator[Difference]:
        """Everything that differs, order by order. Nothing: the views are what the log says.

        Compares what the follower has applied when this begins; what it is behind, `status` says.
        """
        upto = self._store.positions(FOLLOWER).get(FOLLOWER, 0)
        with self._store.connection() as log, self._store.connection() as views:
            logged = streams(log, upto)
            while chunk := _next(logged):
                yield from self._compare_all(views, chunk, upto)
                self._progress(self.events, max(self.events, upto))
            yield from self._without_order(views, upto)
            yield from self._not_in_log(views, upto)

    def _compare_all(
        self, views: Connection[Any], chunk: Sequence[Stream], upto: int
    ) -> Sequence[Difference]:
        with no_collection():
            return list(self._compare(views, chunk, upto))

    def _compare(
        self, views: Connection[Any], chunk: Sequence[Stream], upto: int
    ) -> Iterator[Difference]:
        sound: dict[str, Stream] = {}
        for stream in chunk:
            self.orders += 1
            self.events += len(stream.events)
            why = _unsound(stream)
            if why is None:
                sound[_order_id(stream)] = stream
            else:
                self._missing += 1  # its row, if it has one, is found by its id below
                yield why
        done = processes(views, sound, upto)
        rows = found.read(views, list(sound))
        for order_id, stream in sound.items():
            did = done.get(order_id, NOTHING_DONE)
            self._done += len(did.events)
            if did.version != len(did.events):
                yield _holes(order_id, did)
            history = _History(stream.events, did, stream.position)
            yield from self._compare_order(views, history, rows[order_id])

    def _compare_order(
        self, views: Connection[Any], history: _History, shown: Shown
    ) -> Iterator[Difference]:
        if shown.position is None or shown.derived_at is None:
            self._missing += 1
            yield history.difference("order_information", "row", "a row", None)
            return
        if shown.position > history.position:
            history = self._later(views, history, shown.position)
        if shown.position != history.position:
            yield history.difference(
                "order_information", "position", history.position, shown.position
            )
        expected = history.rows(history.last, shown.derived_at, self._policy)
        if expected != shown.rows:
            yield from _differences(history, expected, shown, self._policy)

    def _later(self, views: Connection[Any], history: _History, upto: int) -> _History:
        """The follower has gone on since this began: the order up to where its row stands."""
        order_id = history.order_id
        stream = stream_id(order_id)
        recorded = self._store.load([stream], upto)[stream]
        did = processes(views, [order_id], upto).get(order_id, NOTHING_DONE)
        row = views.execute(
            "SELECT max(notification_id) FROM countermand.orders_events"
            " WHERE originator_id = %s AND notification_id <= %s",
            (stream, upto),
        ).fetchone()
        return _History([event for _, event in recorded], did, row[0] if row else 0)

    def _without_order(self, views: Connection[Any], upto: int) -> Iterator[Difference]:
        """Find what processes did about orders that the log does not have."""
        self.events += self._done
        query = (
            "SELECT count(*) FROM countermand.orders_events"
            " WHERE topic = ANY(%s) AND notification_id <= %s"
        )
        row = views.execute(query, (list(PROCESS_NAMES), upto)).fetchone()
        if row is None or row[0] == self._done:
            return
        known: dict[UUID, bool] = {}
        for page in self._store.scan(upto=upto):
            for one in page:
                if isinstance(one.event, ProcessEvent) and one.stream_id not in known:
                    order_id = one.event.order_id
                    known[one.stream_id] = process_stream_id(order_id) == one.stream_id and not (
                        self._unknown([order_id])
                    )
                    if not known[one.stream_id]:
                        yield _not_known(order_id, "log")

    def _not_in_log(self, views: Connection[Any], upto: int) -> Iterator[Difference]:
        known = found.totals(views, FOLLOWER)
        if known.orders + self._missing != self.orders + self._placed(views, upto, known.position):
            for order_ids in found.order_ids(views):
                for order_id in self._unknown(order_ids):
                    yield _not_known(order_id, "order_information")
        for table, order_id in found.without_order(views):
            if self._unknown([order_id]):
                yield _not_known(order_id, table)

    def _placed(self, views: Connection[Any], after: int, upto: int) -> int:
        """How many orders the follower has met since this began."""
        row = views.execute(
            "SELECT count(*) FROM countermand.orders_events WHERE originator_version = 1"
            " AND notification_id > %s AND notification_id <= %s AND topic <> ALL(%s)",
            (after, upto, list(PROCESS_NAMES)),
        ).fetchone()
        return int(row[0]) if row else 0

    def _unknown(self, order_ids: Sequence[str]) -> list[str]:
        recorded = self._store.load([stream_id(order_id) for order_id in order_ids])
        return [order_id for order_id in order_ids if not recorded[stream_id(order_id)]]


class _History:
    """An order's events, and what its rows should be after each of them."""

    def __init__(self, events: Sequence[Event], did: Done, position: int) -> None:
        self.events = events
        self.position = max(position, did.position)
        self.last = len(events)
        self.order_id = self._order(1).order_id
        self._did = did.events

    def rows(self, version: int, now: int, policy: Policy) -> View:
        did = [one for one in self._did if version == self.last or one.order_version <= version]
        return rows_of(self._order(version), did, now, policy)

    def difference(
        self, view: str, field: str, expected: object, found: object, version: int | None = None
    ) -> Difference:
        version = version or self.last
        event = type(self.events[version - 1]).__name__
        return Difference(self.order_id, view, field, expected, found, version, event)

    def _order(self, version: int) -> Order:
        order = fold(self.events[:version])
        if order is None:
            raise ValueError("a stream has at least one event")
        return order


def _next(logged: Iterator[Stream]) -> Sequence[Stream]:
    with no_collection():
        return list(islice(logged, _AT_ONCE))


def _unsound(stream: Stream) -> Difference | None:
    """What is wrong with a stream that cannot be told as an order's story; none: it can."""
    first = stream.events[0]
    name = str(UUID(bytes=stream.stream))
    if not isinstance(first, OrderPlaced):
        return Difference(name, "log", "first event", "OrderPlaced", type(first).__name__, 1, None)
    order_id = first.order_id
    if stream_id(order_id).bytes != stream.stream:
        return Difference(order_id, "log", "stream", str(stream_id(order_id)), name, 1, None)
    if stream.version != len(stream.events):
        return Difference(
            order_id, "log", "versions", stream.version, len(stream.events), None, None
        )
    return None


def _order_id(stream: Stream) -> str:
    order_id: str = stream.events[0].order_id  # type: ignore[attr-defined]  # it is sound
    return order_id


def _holes(order_id: str, did: Done) -> Difference:
    """A process's stream whose versions have a gap."""
    field = "versions of the process"
    return Difference(order_id, "log", field, did.version, len(did.events), None, None)


class _Value(NamedTuple):
    view: str
    field: str


def _differences(
    history: _History, expected: View, shown: Shown, policy: Policy
) -> Iterator[Difference]:
    wanted, there = dict(_flat(expected)), dict(_flat(shown.rows))
    before = [
        dict(_flat(history.rows(version, shown.derived_at or 0, policy)))
        for version in range(1, history.last + 1)
    ]
    for value in sorted({*wanted, *there}):
        if wanted.get(value) != there.get(value):
            yield history.difference(
                value.view,
                value.field,
                wanted.get(value),
                there.get(value),
                _since(before, value),
            )


def _since(before: Sequence[dict[_Value, Any]], value: _Value) -> int:
    """The version from which on the value is what it is after the last event."""
    last = before[-1].get(value)
    version = len(before)
    while version > 1 and before[version - 2].get(value) == last:
        version -= 1
    return version


def _flat(rows: View) -> Iterator[tuple[_Value, Any]]:
    for view, row in rows.items():
        for path, value in _leaves(row, ""):
            yield _Value(view, path or "row"), value


def _leaves(value: Any, path: str) -> Iterator[tuple[str, Any]]:  # noqa: ANN401  # JSON has any shape
    if isinstance(value, dict) and value:
        for name, inner in value.items():
            yield from _leaves(inner, f"{path}.{name}" if path else name)
    elif isinstance(value, list) and value:
        for place, inner in enumerate(value):
            yield from _leaves(inner, f"{path}[{place}]")
    else:
        yield path, value


def _not_known(order_id: str, view: str) -> Difference:
    return Difference(order_id, view, "row", None, "a row", None, None)
