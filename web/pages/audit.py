"""For auditors: one order's story, as a picture and as a list, as of any of its moments."""

from __future__ import annotations

from typing import Annotated, Any, NamedTuple, cast

from fastapi import Depends, Query, Request
from fastapi.responses import RedirectResponse, Response

from application.event_store import process_stream_id, stream_id
from domain.process_events import ProcessEvent
from domain.timeline import Entry, timeline
from projections.shown import moment
from web import asking
from web.api.addresses import Given, OrderId, as_of, moment_of
from web.pages.rendering import render
from web.pages.showing import when
from web.pages.story_figures import Figure, Figures, figures
from web.pages.story_knowing import unknown
from web.pages.story_list import part
from web.pages.story_marks import Mark, marks
from web.pages.story_narrow import COLUMNS, narrow
from web.pages.story_picture import LANES, picture, who
from web.parts import Parts
from web.problems import not_found
from web.reading import reading
from web.security.caller import Caller, need
from web.shapes.base import Id
from web.within import Below

router = Below("/audit", include_in_schema=False)
MayRead = Annotated[Caller, Depends(need("read_audit"))]
AsOf = Annotated[int | None, Depends(as_of)]
Step = Annotated[int | None, Query(ge=1, description="As of this entry.")]
From = Annotated[int | None, Query(ge=1, alias="from", description="The list's first entry.")]
Number = Annotated[str | None, Query(max_length=64, description="Only what made this number.")]


_MOST_STEPS = 24
"""Entries that the slider has numbers for, about."""


class _Visit(NamedTuple):
    """What is looked at: an order as of a moment, and which part of its list."""

    parts: Parts
    order_id: str
    at: int | None
    first: int | None
    figure: str | None


@router.get("/audit")
def which(
    request: Request,
    caller: MayRead,
    order_id: Annotated[Id | None, Query()] = None,
) -> Response:
    """Ask whose story is wanted."""
    if order_id is None:
        return render(request, caller, "audit_which.html")
    return RedirectResponse(f"/audit/{order_id}", 303)


@router.get("/audit/{order_id}")
@reading
def audit(  # noqa: PLR0913, PLR0917  # one parameter for each of its own
    request: Request,
    caller: MayRead,
    parts: Given,
    order_id: OrderId,
    at: AsOf = None,
    step: Step = None,
    first: From = None,
    figure: Number = None,
    day: Annotated[str | None, Query(alias="at", max_length=40)] = None,
) -> Response:
    """The story of an order; with a step or a local time, its address with `as_of` instead."""
    asking.see(parts, caller, order_id)
    entries = _entries(parts, order_id)
    if step is not None:
        at_step = moment(entries[min(step, len(entries)) - 1].event.recorded_at)
        return RedirectResponse(f"/audit/{order_id}?as_of={at_step}", 303)
    if day:
        return RedirectResponse(f"/audit/{order_id}?as_of={_as_utc(day)}", 303)
    visit = _Visit(parts, order_id, at, first, figure)
    return render(request, caller, "audit.html", **_context(visit, marks(entries, at)))


def _entries(parts: Parts, order_id: str) -> list[Entry]:
    ours, its = stream_id(order_id), process_stream_id(order_id)
    recorded = parts.store.load([ours, its])
    events = [event for _, event in recorded[ours]]
    if not events:
        raise not_found(f"order {order_id}")
    did = cast("list[ProcessEvent]", [event for _, event in recorded[its]])
    return timeline(events, did)


def _as_utc(day: str) -> str:
    """What a browser's field of a day and a time says, as UTC. Raises Problem 422."""
    with_seconds = day if day.count(":") == 2 else f"{day}:00"  # noqa: PLR2004  # h:m:s
    text = f"{with_seconds}Z"
    moment_of("at", text)
    return text


def _context(visit: _Visit, told: list[Mark]) -> dict[str, Any]:
    at = visit.at
    known = [mark for mark in told if mark.is_known]
    now = max(visit.parts.clock(), told[-1].recorded) if at is None else at
    numbers = figures(known, now, visit.parts.policy)
    at_param = None if at is None else moment(at)
    return {
        "order_id": visit.order_id,
        "at_param": at_param,
        "at_words": None if at is None else when(at),
        "at_field": moment(at if at is not None else told[-1].recorded)[:19],
        "step": known[-1].number if known else 0,
        "told": told,
        "known": known,
        "steps": _steps(told, known[-1] if known else None),
        "numbered": _numbered(told, known[-1].number if known else 0),
        "picture": picture(told),
        "narrow": narrow(told),
        "columns": [(who(lane), x) for lane, x in COLUMNS.items()],
        "lanes": [(who(lane), y) for lane, y in LANES.items()],
        "part": part(told, visit.first, at_param, _named(numbers, visit.figure)),
        "numbers": numbers,
        "unknown": unknown(known),
    }


def _named(numbers: Figures | None, name: str | None) -> Figure | None:
    """The number of which the list tells. Raises Problem 404 where there is no such number."""
    if name is None:
        return None
    found = numbers.named(name) if numbers is not None else None
    if found is None:
        raise not_found(f"number {name} of this order then")
    return found


def _numbered(told: list[Mark], here: int) -> list[tuple[int, str]]:
    """Entries below the slider, with their moments: each one of few, some of many, and this one."""
    apart = -(-len(told) // _MOST_STEPS)
    return [
        (mark.number, moment(mark.recorded))
        for mark in told
        if (mark.number - 1) % apart == 0 or mark.number in {here, len(told)}
    ]


def _steps(told: list[Mark], latest: Mark | None) -> dict[str, str | None]:
    """The moments before and after the one that is looked at: as of an earlier, a later entry."""
    now = latest.recorded if latest else None
    earlier = [one.recorded for one in told if now is not None and one.recorded < now]
    later = [one.recorded for one in told if not one.is_known]
    return {
        "earlier": moment(max(earlier)) if earlier else None,
        "later": moment(min(later)) if later else None,
    }
