"""The flow of messages as a picture: from the topics into the log, and on to who follows it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from web.pages.showing import length

_HEIGHT, _ROW, _TOP = 52, 76, 24
_MOST = 8
"""Boxes of a column; a table has them all."""
_FOLLOWERS = {"views": "Views", "process": "Process", "publish": "Relay"}


class Box(NamedTuple):
    """Somebody who hands messages on, and what waits there."""

    name: str
    about: str
    y: int
    waits: str
    tone: str
    """`wait` behind, `fail` stopped, nothing where all is well."""

    @property
    def middle(self) -> int:
        return self.y + _HEIGHT // 2


class Flow(NamedTuple):
    """All that is drawn."""

    sources: list[Box]
    followers: list[Box]
    middle: int
    height: int
    position: str


def flow(standing: Mapping[str, Any]) -> Flow:
    """The picture of where everybody stands."""
    sources = _sources(standing["partitions"])
    followers = [_follower(one, place) for place, one in enumerate(standing["followers"][:_MOST])]
    rows = max(len(sources), len(followers), 2)
    middle = _TOP + (rows - 1) * _ROW // 2 + _HEIGHT // 2
    height = max(_TOP + rows * _ROW, middle + 150)
    return Flow(sources, followers, middle, height, f"{int(standing['position']):,}")


def _sources(partitions: list[Mapping[str, Any]]) -> list[Box]:
    topics: dict[str, list[Mapping[str, Any]]] = {}
    for one in partitions:
        topics.setdefault(one["topic"], []).append(one)
    boxes = []
    for place, (topic, found) in enumerate(list(topics.items())[: _MOST - 1]):
        lag = sum(one["lag"] for one in found)
        tone = "fail" if any(one["stopped"] for one in found) else "wait" if lag else ""
        waits = f"{lag:,} wait" if lag else "nothing waits"
        count = "1 partition" if len(found) == 1 else f"{len(found)} partitions"
        boxes.append(Box(topic.rpartition(".")[2], count, _TOP + place * _ROW, waits, tone))
    y = _TOP + len(boxes) * _ROW
    boxes.append(Box("HTTP and files", "not from Kafka", y, "nothing waits", ""))
    return boxes


def _follower(one: Mapping[str, Any], place: int) -> Box:
    delay = length(round(one["delay_seconds"] * 1_000_000))
    waits = f"{one['behind']:,} behind, {delay}" if one["behind"] else "nothing waits"
    name = _FOLLOWERS.get(one["name"], str(one["name"]))
    tone = "wait" if one["behind"] else ""
    return Box(name, f"at {int(one['position']):,}", _TOP + place * _ROW, waits, tone)
