"""What was asked for and what was answered, as lines of a story: there two sides cross."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
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


def _pairs(shown: Sequence[Mark]) -> Iterable[tuple[Mark, Mark | None]]:
    for place, mark in enumerate(shown):
        event = mark.entry.event
        if not mark.is_known:
            continue
        if isinstance(event, pr.RefusalRequested):
            yield mark, None
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
