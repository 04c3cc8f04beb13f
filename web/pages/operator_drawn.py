"""Where everything of the flow stands in its two pictures: one that is wide, one for a phone."""

from __future__ import annotations

from typing import NamedTuple

from web.pages.operator_flow import Flow, Step

_HIGH = 52
_TOP = 4


class Placed(NamedTuple):
    """A step, and where its box begins."""

    step: Step
    y: int

    @property
    def middle(self) -> int:
        return self.y + _HIGH // 2


class Wide(NamedTuple):
    """The wide picture: topics left, the log in the middle, who follows it and topics right."""

    sources: list[Placed]
    followers: list[Placed]
    sinks: list[Placed]
    middle: int
    aside: int
    """Where what is parked, and dead letters, stand."""
    height: int
    process: Placed | None
    relay: Placed | None
    views: Placed | None


def wide(flow: Flow) -> Wide:
    """Place everything; as high as the side with more boxes."""
    followers = [Placed(one, _TOP + _down(place, flow)) for place, one in enumerate(flow.followers)]
    by_name = {one.step.name: one for one in followers}
    relay = by_name.get("Relay")
    first = max(_TOP + 84, relay.middle - 21 * len(flow.sinks)) if relay else _TOP
    sinks = [Placed(one, first + place * 42) for place, one in enumerate(flow.sinks)]
    right = max([one.y + _HIGH for one in (*followers, *sinks)], default=_HIGH)
    sources = [Placed(one, _TOP + place * 84) for place, one in enumerate(flow.sources)]
    height = max(right, sources[-1].y + _HIGH, 250)
    middle = height // 2 - 30
    aside = max(middle + 118, sources[-1].middle + 20)
    return Wide(
        sources, followers, sinks, middle, aside, max(height, aside + 64) + _TOP,
        by_name.get("Process"), relay, by_name.get("Views"),
    )  # fmt: skip


def _down(place: int, flow: Flow) -> int:
    """How far down a follower is: the third leaves room for what goes back into the log."""
    apart = 120 if flow.sinks else 104
    return place * apart + (60 if place > 1 else 0)


class Stop(NamedTuple):
    """A row of the narrow picture."""

    step: Step
    y: int
    joins: str
    """`in` where it flows into the line, `out` where out of it, `on` on it."""


class Narrow(NamedTuple):
    """The narrow picture: one line from top to bottom, and a row for each box."""

    stops: list[Stop]
    ends: int
    height: int


_ROW = 58


def narrow(flow: Flow) -> Narrow:
    """Place everything from top to bottom."""
    rows = [(one, "in") for one in flow.sources]
    rows += [(flow.recorded, "on")]
    rows += [(one, "out") for one in (*flow.followers, *flow.sinks)]
    stops = [Stop(one, place * _ROW, joins) for place, (one, joins) in enumerate(rows)]
    ends = stops[-1].y + _HIGH // 2
    return Narrow(stops, ends, stops[-1].y + _ROW)
