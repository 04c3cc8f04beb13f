"""Where everybody stands, and whether all is well."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, NamedTuple

from runtime import brokers, wiring
from runtime.settings import Settings

if TYPE_CHECKING:
    from application.event_store import EventStore
    from consumers.partitions import Standing as Partition

LOOK_EVERY = 0.2
"""Seconds between looks while waiting."""

UNFIRED = 60_000_000
"""Microseconds behind a deadline from which on somebody should have fired it."""


class Found(NamedTuple):
    """Everything that was looked at. `wrong` has one sentence for each thing that is not well."""

    position: int
    followers: list[dict[str, Any]]
    partitions: list[dict[str, Any]]
    cases: dict[str, int]
    parked: int
    dead_letters: dict[str, int]
    other_keys: dict[str, int]
    wrong: list[str]

    def as_json(self) -> dict[str, Any]:
        return {"well": not self.wrong, **self._asdict(), "position": str(self.position)}


def look(settings: Settings, wait: float | None) -> Found:
    """Look once, or (`wait`) until all that there is to read was read, so many seconds at most."""
    with wiring.opened(settings) as (_, store):
        if wait is not None:
            wait_until_read(settings, store, wait)
        return of(settings, store)


def answers(settings: Settings) -> None:
    """Return when the database, and Kafka where there is one, answer; raise as they do not."""
    with wiring.opened(settings) as (_, store):
        store.head()
        _partitions(settings, store)


def wait_until_read(settings: Settings, store: EventStore, seconds: float) -> bool:
    """Return when all that is in the topics and the log was read; False: not in time."""
    until = time.monotonic() + seconds
    while unread(settings, store):
        if time.monotonic() > until:
            return False
        time.sleep(LOOK_EVERY)
    return True


def unread(settings: Settings, store: EventStore) -> int:
    """How many records and events wait to be read; those of a stopped partition wait in vain."""
    records = sum(one.lag for one in _partitions(settings, store) if one.stopped is None)
    return records + sum(int(one["behind"]) for one in _followers(store))


def of(settings: Settings, store: EventStore) -> Found:
    """Look at everything, once."""
    from application import deadlines
    from consumers import dead_letters, other_keys

    partitions = _partitions(settings, store)
    followers = _followers(store)
    letters = dead_letters.counted(store)
    cases = deadlines.counted(store)
    return Found(
        position=store.head(),
        followers=followers,
        partitions=[_shown(one) for one in partitions],
        cases={"open": cases.open, "overdue": cases.overdue},
        parked=_parked(store),
        dead_letters=letters,
        other_keys=other_keys.counted(store),
        wrong=[
            *(_words(one) for one in partitions if one.stopped or one.lag),
            *(_delay(one) for one in followers if one["behind"]),
            *_unfired(cases.due_next),
            *(f"order {one} could not be worked out: {why}" for one, why in cases.failures),
            *_open_letters(letters.get("open", 0)),
        ],
    )


def summary(store: EventStore) -> str:
    """Say in one line how much was recorded, and what could not be."""
    from consumers import dead_letters

    dead = sum(dead_letters.counted(store).values())
    return (
        f"{_count_after(store, 0):,} events recorded; {_parked(store)} messages parked,"
        f" {dead} dead letters (`countermand dead-letters list` says why)."
    )


def _partitions(settings: Settings, store: EventStore) -> list[Partition]:
    if settings.kafka_bootstrap_servers is None:
        return []
    from consumers import partitions

    return partitions.look(store, brokers.kafka_settings(settings), wiring.dead_limit(settings))


def _followers(store: EventStore) -> list[dict[str, Any]]:
    """Where the views are, and every other follower that has ever run."""
    from application.owner import FOLLOWER, position_of
    from projections.views import NAME

    positions = {position_of(NAME): 0, **store.positions(FOLLOWER)}
    return [
        _follower(store, name.removeprefix(FOLLOWER), position)
        for name, position in positions.items()
    ]


def _follower(store: EventStore, name: str, position: int) -> dict[str, Any]:
    """A follower's position, how much it is behind, and since when the oldest event waits."""
    behind = _count_after(store, position)
    delay = 0.0
    if behind:
        (oldest,) = store.read(position, 1)
        delay = round((wiring.now() - oldest.event.recorded_at) / 1e6, 3)
    behind += _letters_behind(store) if name == "publish" else 0
    return {"name": name, "position": str(position), "behind": behind, "delay_seconds": delay}


def _letters_behind(store: EventStore) -> int:
    """Dead letters that are not published yet."""
    from consumers import publish_letters

    with store.connection() as conn:
        return publish_letters.count(conn)


def _count_after(store: EventStore, position: int) -> int:
    with store.connection() as conn:
        row = conn.execute(
            "SELECT count(*) FROM countermand.orders_events WHERE notification_id > %s",
            (position,),
        ).fetchone()
    return int(row[0]) if row else 0


def _parked(store: EventStore) -> int:
    with store.connection() as conn:
        row = conn.execute("SELECT count(*) FROM countermand.parked").fetchone()
    return int(row[0]) if row else 0


def _shown(one: Partition) -> dict[str, Any]:
    return {
        "topic": one.place.topic,
        "partition": one.place.partition,
        "position": one.position,
        "end": one.end,
        "lag": one.lag,
        "stopped": one.stopped,
    }


def _words(one: Partition) -> str:
    where = f"{one.place.topic}/{one.place.partition}"
    return f"{where} is stopped: {one.stopped}" if one.stopped else f"{where}: {one.lag} unread"


def _delay(one: dict[str, Any]) -> str:
    return f"{one['name']}: {one['behind']} events behind, for {one['delay_seconds']} s"


def _unfired(since: int | None) -> list[str]:
    """Say so where deadlines have passed for long, and nobody fired them."""
    if since is None or wiring.now() - since < UNFIRED:
        return []
    return [f"deadlines have passed since {wiring.written(since)}, and no `process` fires them"]


def _open_letters(number: int) -> list[str]:
    if not number:
        return []
    letters = "1 open dead letter" if number == 1 else f"{number} open dead letters"
    return [f"{letters}: `countermand dead-letters list`"]
