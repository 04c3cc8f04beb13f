"""For auditors: one order's story, as a picture and as a list, as of any of its moments."""

from __future__ import annotations

from typing import Annotated, Any, NamedTuple, cast

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import RedirectResponse, Response

from application.event_store import process_stream_id, stream_id
from domain.process_events import ProcessEvent
from domain.timeline import Entry, timeline
from projections.shown import moment
from web import asking
from web.api.addresses import Given, OrderId, as_of, moment_of
from web.pages.rendering import render
from web.pages.showing import clock, date, length, when
from web.pages.story_marks import Mark, marks
from web.pages.story_picture import LANES, SAME, picture, who
from web.parts import Parts
from web.problems import Problem, not_found
from web.security.caller import Caller, need

router = APIRouter(include_in_schema=False)
MayRead = Annotated[Caller, Depends(need("read_audit"))]
AsOf = Annotated[int | None, Depends(as_of)]
Step = Annotated[int | None, Query(ge=1, description="As of this entry.")]
From = Annotated[int | None, Query(ge=1, alias="from", description="The list's first entry.")]
LISTED = 80
"""Entries on one page of the list."""
_ROOM = 20_000
"""Characters of sentences on one page: titles of goods may be long."""
_BEFORE = 50
"""Entries of them before the moment that is looked at, where there are more than fit."""


class Part(NamedTuple):
    """What the list shows: entries from `first` on (from 1)."""

    first: int
    last: int
    total: int
    keep: str
    """What an address within the page begins with: the moment that is looked at."""

    def link(self, number: int) -> str:
        """Where an entry's row is: on this page, or on another."""
        if self.first <= number <= self.last:
            return f"#e{number}"
        return f"?{self.keep}from={max(1, number - _BEFORE)}#e{number}"


@router.get("/audit")
def which(
    request: Request,
    caller: MayRead,
    order_id: Annotated[str | None, Query(pattern=r"^[A-Za-z0-9._:-]{1,64}$")] = None,
) -> Response:
    """Ask whose story is wanted."""
    if order_id is None:
        return render(request, caller, "audit_which.html")
    return RedirectResponse(f"/audit/{order_id}", 303)


@router.get("/audit/{order_id}")
def audit(  # noqa: PLR0913, PLR0917  # one parameter for each of its own
    request: Request,
    caller: MayRead,
    parts: Given,
    order_id: OrderId,
    at: AsOf = None,
    step: Step = None,
    first: From = None,
    day: Annotated[str | None, Query(alias="at", max_length=40)] = None,
) -> Response:
    """The story of an order; with a step or a local time, its address with `as_of` instead."""
    asking.order_state(parts, caller, order_id)
    entries = _entries(parts, order_id)
    if step is not None:
        at_step = moment(entries[min(step, len(entries)) - 1].event.recorded_at)
        return RedirectResponse(f"/audit/{order_id}?as_of={at_step}", 303)
    if day:
        return RedirectResponse(f"/audit/{order_id}?as_of={_as_utc(day)}", 303)
    told = marks(entries, at)
    return render(
        request, caller, "audit.html", **_context(parts, caller, order_id, at, told, first)
    )


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


def _context(  # noqa: PLR0913, PLR0917  # what is asked for, and where it is found
    parts: Parts,
    caller: Caller,
    order_id: str,
    at: int | None,
    told: list[Mark],
    first: int | None,
) -> dict[str, Any]:
    known = [mark for mark in told if mark.is_known]
    keep = "" if at is None else f"as_of={moment(at)}&"
    part = _part(told, known[-1].number if known else 1, first, keep)
    latest = known[-1] if known else None
    return {
        "order_id": order_id,
        "at": at,
        "at_param": None if at is None else moment(at),
        "at_words": None if at is None else when(at),
        "at_field": moment(at if at is not None else told[-1].recorded)[:19],
        "step": latest.number if latest else 0,
        "told": told,
        "known": known,
        "steps": _steps(told, latest),
        "picture": picture(told),
        "lanes": [(who(lane), y) for lane, y in LANES.items()],
        "part": part,
        "rows": [_row(mark) for mark in told[part.first - 1 : part.last]],
        "figures": _figures(parts, caller, order_id, at),
    }


def _part(told: list[Mark], around: int, first: int | None, keep: str) -> Part:
    """The entries that one page has room for, from `first` on, or around the moment."""
    total = len(told)
    start = _back_from(told, around) if first is None else min(first, total)
    last, room = start, _ROOM
    while last < min(total, start + LISTED - 1) and room > 0:
        room -= len(told[last - 1].entry.sentence)
        last += 1
    return Part(start, last, total, keep)


def _back_from(told: list[Mark], around: int) -> int:
    """Where a page begins on which `around` stands, with what came before and some that follow."""
    before = LISTED - min(LISTED - _BEFORE, len(told) - around)
    start, room = around, _ROOM * before // LISTED
    while start > max(1, around - before + 1) and room > 0:
        start -= 1
        room -= len(told[start - 1].entry.sentence)
    return start


def _steps(told: list[Mark], latest: Mark | None) -> dict[str, str | None]:
    """The moments before and after the one that is looked at: as of an earlier, a later entry."""
    now = latest.recorded if latest else None
    earlier = [one.recorded for one in told if now is not None and one.recorded < now]
    later = [one.recorded for one in told if not one.is_known]
    return {
        "earlier": moment(max(earlier)) if earlier else None,
        "later": moment(min(later)) if later else None,
    }


def _row(mark: Mark) -> dict[str, Any]:
    event = mark.entry.event
    lag = mark.recorded - mark.occurred
    return {
        "mark": mark,
        "who": who(mark.lane),
        "occurred": when(mark.occurred),
        "recorded": when(mark.recorded)
        if date(mark.recorded) != date(mark.occurred)
        else clock(mark.recorded),
        "lag": f"{length(lag)} later" if lag >= SAME else "",
        "message": f"{event.source} {event.message_id}",
        "as_of": moment(mark.recorded),
        "kind": type(event).__name__,
    }


_FIGURES = ("ordered", "remaining", "cancelled", "refuse_delivery", "requested", "to_ship")


def _figures(parts: Parts, caller: Caller, order_id: str, at: int | None) -> dict[str, Any] | None:
    """Order Information as of that moment, added up; none: nothing was recorded by then."""
    try:
        found = asking.order_as_of(parts, caller, order_id, parts.clock() if at is None else at)
    except Problem:
        return None
    sums = {name: sum(line[name] for line in found["lines"]) for name in _FIGURES}
    return {**found, "sums": sums}
