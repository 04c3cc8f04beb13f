"""The flow of messages: from the topics into the log, on to who follows it, and out again.

One list of steps makes the wide picture, the narrow one and the table, so that all three agree.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import log2
from typing import Any, NamedTuple

from web.pages.showing import length

_FOLLOWERS = {"views": "Views", "process": "Process", "publish": "Relay"}
_MOST = 8
"""Topics of a picture; the table of partitions has them all."""
_MINUTE = 60
Found = Mapping[str, Any]


class Step(NamedTuple):
    """A box: somebody who hands messages on, and how the way to or from there is."""

    kind: str
    """`source`, `follower` or `sink`."""
    name: str
    about: str
    rate: float | None
    """Messages a second; none: nobody can say."""
    waits: int = 0
    behind: str = ""
    """For how long the oldest waits, or why it stands still."""
    state: str = "calm"
    """`calm`, `behind` or `stopped`."""
    has_rate: bool = True

    @property
    def rate_words(self) -> str:
        return rate_words(self.rate) if self.has_rate else ""

    @property
    def waits_words(self) -> str:
        """What waits, in a few words."""
        if self.kind == "sink":
            return ""  # it waits before the relay
        if self.state == "stopped":
            return f"stopped, {self.waits:,} wait" if self.waits else "stopped"
        if not self.waits:
            return "nothing waits"
        return f"{self.waits:,} wait{f', {self.behind}' if self.behind else ''}"

    @property
    def behind_words(self) -> str:
        """For how long the oldest waits."""
        return self.behind or ("not known" if self.waits else "0 s")

    @property
    def tone(self) -> str:
        """Which line is drawn."""
        return {"calm": "", "behind": "wait", "stopped": "fail"}[self.state]

    @property
    def width(self) -> float:
        """How thick the line is: thicker where more flows."""
        return round(1.5 + min(6.0, log2(1 + 10 * (self.rate or 0)) * 0.7), 1)


def rate_words(rate: float | None) -> str:
    """`638/s`, `14/min`; nothing where nobody can say."""
    if rate is None:
        return ""
    return f"{rate:,.0f}/s" if rate >= 1 else f"{rate * _MINUTE:,.0f}/min"


class Flow(NamedTuple):
    """All steps, and what the log is."""

    sources: list[Step]
    followers: list[Step]
    sinks: list[Step]
    position: str
    recorded: Step
    own: Step
    """What process managers lead to, back into the log."""

    @property
    def idle(self) -> list[str]:
        """Who is to follow the log, and is not there."""
        return [one.name.lower() for one in self.followers if one.state == "stopped"]

    def steps(self) -> Iterator[tuple[str, Step]]:
        """Every step with its name in the table."""
        for one in self.sources:
            yield f"{one.name} to ingest", one
        yield "ingest to event log", self.recorded
        for one in self.followers:
            yield f"log to {one.name.lower()}", one
        if any(one.name == "Process" for one in self.followers):
            yield "process to log", self.own
        for one in self.sinks:
            yield f"relay to {one.name}", one


def flow(standing: Found, flowing: Found | None) -> Flow:
    """What is drawn; `flowing` none: without rates, and nobody knows who works."""
    topics = (flowing or {}).get("topics") or {}
    position = f"{int(standing['position']):,}"
    recorded = flowing["recorded"] if flowing else None
    of_process = flowing["of_process"] if flowing else None
    followers = _followers(standing["followers"], flowing)
    stopped = {one.name for one in followers if one.state == "stopped"}
    return Flow(
        sources=_sources(standing["partitions"], topics),
        followers=followers,
        sinks=_sinks(topics, "stopped" if "Relay" in stopped else "calm"),
        position=position,
        recorded=Step("log", "Event log", f"at {position}", recorded),
        own=Step(
            "log",
            "Event log",
            "its own events",
            of_process,
            state="stopped" if "Process" in stopped else "calm",
        ),
    )


def _sources(partitions: list[Found], rates: Found) -> list[Step]:
    topics: dict[str, list[Found]] = {}
    for one in partitions:
        topics.setdefault(one["topic"], []).append(one)
    steps = [_source(topic, found, rates) for topic, found in list(topics.items())[:_MOST]]
    return [*steps, Step("source", "HTTP and files", "no queue", None, has_rate=False)]


def _source(topic: str, found: list[Found], rates: Found) -> Step:
    lag = sum(one["lag"] for one in found)
    stopped = [one["partition"] for one in found if one["stopped"]]
    state = "stopped" if stopped else "behind" if lag else "calm"
    level = sum(not one["lag"] for one in found)
    about = f"{level} of {len(found)} at the end"
    return Step("source", topic.rpartition(".")[2], about, rates.get(topic), waits=lag, state=state)


def _followers(found: list[Found], flowing: Found | None) -> list[Step]:
    order = list(_FOLLOWERS)
    known = sorted(found, key=lambda one: [*order, one["name"]].index(one["name"]))
    return [_follower(one, flowing) for one in known[:_MOST]]


def _follower(one: Found, flowing: Found | None) -> Step:
    name = _FOLLOWERS.get(one["name"], str(one["name"]))
    works, rate = True, None
    if flowing is not None:
        looked = flowing["followers"].get(one["name"], {"works": False, "rate": None})
        works = looked["works"]
        # Who is up to date goes as fast as the log; else two looks at the position tell.
        rate = looked["rate"] if one["behind"] else flowing["recorded"]
    state = "behind" if one["behind"] else "calm"
    delay = length(round(one["delay_seconds"] * 1_000_000)) if one["behind"] else ""
    return Step(
        "follower",
        name,
        f"at {int(one['position']):,}",
        rate,
        waits=one["behind"],
        behind=delay,
        state=state if works else "stopped",
    )


def _sinks(rates: Found, state: str) -> list[Step]:
    said = ("orders", "warehouse-requests", "payment-requests", "buyer-notices", "dead-letters")
    found = {topic.rpartition(".")[2]: rate for topic, rate in rates.items()}
    return [Step("sink", one, "topic", found[one], state=state) for one in said if one in found]
