"""Where each partition stands: our position, what the topic holds, and why we stopped, if we did.

The ingest loop and `countermand status` look here, so that both say the same.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

from application.event_store import EventStore, StalePosition, Step
from consumers.dead_limit import DeadLimit, Window, window
from consumers.kafka import KafkaSettings, Member
from consumers.topics import OUTSIDE, Place


class Standing(NamedTuple):
    """One partition. `position`: the last processed offset, None before the first record."""

    place: Place
    position: int | None
    beginning: int
    end: int
    window: Window
    stopped: str | None
    """Why nothing is read from it, and what to do."""

    @property
    def next(self) -> int:
        """The offset to read next."""
        return self.beginning if self.position is None else self.position + 1

    @property
    def lag(self) -> int:
        """Records that wait, at most: offsets of transaction marks count."""
        return max(0, self.end - max(self.next, self.beginning))


def stand(
    store: EventStore, member: Member, places: Collection[Place], limit: DeadLimit
) -> dict[Place, Standing]:
    """Look at these partitions. Raises StoreUnavailable or KafkaUnavailable."""
    positions = store.positions("kafka/")
    beginnings, ends = member.beginnings(places), member.ends(places)
    replaced = _replaced(store, member, {place.topic for place in places})
    found = {}
    for place in places:
        position = positions.get(place.position)
        dead = window(store, place, position, limit)
        standing = Standing(place, position, beginnings[place], ends[place], dead, None)
        why = replaced.get(place.topic) or _why_stopped(standing)
        found[place] = standing._replace(stopped=why)
    return found


def _why_stopped(at: Standing) -> str | None:
    if not at.beginning <= at.next <= at.end:
        return (
            f"offset {at.next} is to be read next, and the topic holds {at.beginning} to {at.end}:"
            " it was made anew, or it keeps its records for less time than we were away."
            f" To read what it holds: countermand topics restart {at.place.topic}"
        )
    if at.window.over:
        return (
            f"{at.window}: something is wrong with its producer, or with us. To go on, retry or"
            " drop dead letters (countermand dead-letters list), or raise the limit in the settings"
        )
    return None


def _replaced(store: EventStore, member: Member, topics: Collection[str]) -> dict[str, str]:
    """Topics that are not the ones that our positions belong to. A first look is remembered."""
    known, wrong = store.positions("topic/"), {}
    for topic in sorted(topics):
        now = member.topic_id(topic)
        stored = known.get(f"topic/{topic}")
        if now is None or stored == now:
            continue
        if stored is not None:
            wrong[topic] = (
                "the topic was deleted and made anew, our position belongs to the old one."
                f" To read the new one from its beginning: countermand topics restart {topic}"
            )
        else:
            _remember(store, Step(f"topic/{topic}", None, now))
    return wrong


def _remember(store: EventStore, step: Step) -> None:
    try:
        store.append([], [step])
    except StalePosition:
        return  # another process was faster, and saw the same topic


def restart(store: EventStore, topic: str) -> int:
    """Forget our positions in a topic; it is read from its beginning. Returns how many there were.

    Messages that were recorded before are only repeated. Running processes notice by themselves.
    """
    with store.connection() as conn:
        done = conn.execute(
            "DELETE FROM countermand.orders_tracking"
            " WHERE application_name = %s OR starts_with(application_name, %s)",
            (f"topic/{topic}", f"kafka/{topic}/"),
        )
        return done.rowcount


def look(store: EventStore, settings: KafkaSettings, limit: DeadLimit) -> list[Standing]:
    """Look at every inbound partition from outside, for `status`. Joins no group.

    Those of documents that are translated are among them once there was a document.
    """
    member = Member(settings, ())
    try:
        places = member.places()
        found: Mapping[Place, Standing] = stand(store, member, places, limit)
        outside = _outside(member, settings)
        others = _used(stand(store, member, outside, limit)) if outside else []
        return sorted([*found.values(), *others], key=lambda one: one.place)
    finally:
        member.close()


def _outside(member: Member, settings: KafkaSettings) -> list[Place]:
    topics = settings.topics._replace(channels=OUTSIDE).inbound()
    return [place for topic in topics for place in member.partitions(topic)]


def _used(found: Mapping[Place, Standing]) -> list[Standing]:
    return [one for one in found.values() if one.position is not None or one.end > 0]
