"""How much came to our topics, and went out on them, of late: asked of Kafka, by record times."""

from __future__ import annotations

from consumers.kafka import KafkaSettings, Member
from consumers.topics import Place


def a_second(settings: KafkaSettings, now: int, seconds: float) -> dict[str, float]:
    """Records a second on each of our topics, in and out, by its name with the prefix.

    Raises KafkaUnavailable and KafkaRefused. `now` is in microseconds.
    """
    member = Member(settings, ())
    try:
        topics = [*settings.topics.heard(), *settings.topics.outbound()]
        places = [place for topic in topics for place in member.partitions(topic)]
        ends = member.ends(places)
        starts = member.first_since(places, now // 1_000 - round(seconds * 1_000))
        found: dict[str, float] = {}
        for place in places:
            came = _came(place, starts, ends)
            found[place.topic] = found.get(place.topic, 0.0) + came / seconds
        return found
    finally:
        member.close()


def _came(place: Place, starts: dict[Place, int], ends: dict[Place, int]) -> int:
    return max(0, ends[place] - starts.get(place, ends[place]))
