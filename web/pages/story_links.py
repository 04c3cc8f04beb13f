"""What was asked for and what was answered, as lines of a story: there two sides cross."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from domain import events as ev
from domain import process_events as pr
from web.pages.story_marks import Lane, Mark


class Line(NamedTuple):
    """From where something was asked for to where it was answered."""

    x1: float
    y1: int
    x2: float
    y2: int
    tone: str


def lines(
    shown: Sequence[Mark], spots: Mapping[int, float], lanes: Mapping[Lane, int]
) -> tuple[Line, ...]:
    """Stops to the warehouse's answer, payments to the provider's, refusals to the buyer."""
    return tuple(
        Line(
            round(spots[asked.number], 1),
            lanes[asked.lane],
            round(spots[answer.number] if answer else spots[asked.number], 1),
            lanes[answer.lane] if answer else lanes["buyer"],
            asked.tone if answer is None or answer.is_known else "gh",
        )
        for asked, answer in _pairs(shown)
    )


class Crossing(NamedTuple):
    """Where the news of a parcel met the stop that came too late for it; along time, and across."""

    along: float
    across: float
    stop: tuple[float, float]
    """From when the stop was asked for to when it was answered, along time."""
    news: tuple[float, float]
    """From when the parcel left to when that was known, along time."""


_MOST_CROSSINGS = 6


def crossings(
    shown: Sequence[Mark],
    spots: Mapping[int, float],
    ticks: Mapping[int, float],
    lanes: Mapping[Lane, int],
) -> tuple[Crossing, ...]:
    """Stops and parcels that were on their way to each other's side at the same time."""
    stops = [(spots[asked.number], spots[answer.number]) for asked, answer in answered_stops(shown)]
    news = [
        (spots[mark.number], ticks[mark.number])
        for mark in shown
        if mark.is_known and isinstance(mark.entry.event, ev.ShippedFromWarehouse)
    ]
    found = [_crossing(stop, new, lanes) for stop in stops for new in news if _cross(stop, new)]
    return tuple(found[:_MOST_CROSSINGS])


def _cross(stop: tuple[float, float], news: tuple[float, float]) -> bool:
    asked, answered = stop
    left, known = news
    return left < answered and known > asked and left < known


def _crossing(
    stop: tuple[float, float], news: tuple[float, float], lanes: Mapping[Lane, int]
) -> Crossing:
    asked, answered = stop
    left, known = news
    part = (known - asked) / ((answered - asked) + (known - left))
    across = lanes["shop"] + (lanes["warehouse"] - lanes["shop"]) * part
    along = asked + (answered - asked) * part
    return Crossing(round(along, 1), round(across, 1), stop, news)


def answered_stops(shown: Sequence[Mark]) -> Iterator[tuple[Mark, Mark]]:
    """What the warehouse was asked to stop, and the answers, as far as both are known."""
    for asked, answer in _pairs(shown):
        if (
            answer is not None
            and answer.is_known
            and isinstance(asked.entry.event, pr.StopRequested)
        ):
            yield asked, answer


def _pairs(shown: Sequence[Mark]) -> Iterable[tuple[Mark, Mark | None]]:
    for place, mark in enumerate(shown):
        event = mark.entry.event
        if not mark.is_known:
            continue
        if isinstance(event, pr.RefusalRequested):
            yield mark, None
        if not isinstance(event, pr.StopRequested | ev.RefundRequested):
            continue
        answer = next((one for one in shown[place:] if _answers(one.entry.event, event)), None)
        if answer is not None:
            yield mark, answer


def _answers(answer: ev.Event, asked: ev.Event) -> bool:
    match asked, answer:
        case pr.StopRequested(), ev.StopRefused() | ev.CancellationConfirmed():
            return asked.cancellation_id == answer.cancellation_id
        case ev.RefundRequested(), ev.RefundIssued() | ev.RefundFailed():
            return asked.refund_id == answer.refund_id
    return False
