"""For operators: the flow as a picture and in figures, what is parked, and dead letters."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any, Literal, NamedTuple

from fastapi import Depends, Query, Request
from fastapi.responses import Response

from consumers.times import to_microseconds
from web import operating
from web.api.addresses import Given, ThisPage
from web.asking import Page
from web.live.listening import waits
from web.pages.operator_drawn import narrow, wide
from web.pages.operator_flow import flow
from web.pages.operator_shown import BECAME, letter, parked, whole
from web.pages.rendering import render
from web.pages.showing import length
from web.parts import Parts
from web.problems import Problem
from web.security.caller import Caller, need
from web.within import Below

router = Below("/operator", include_in_schema=False)
MayOperate = Annotated[Caller, Depends(need("operate"))]
State = Literal["open", "retried", "dropped", "resolved"]
PER_PAGE = 20
"""Dead letters, and parked messages, on one page."""


class Asked(NamedTuple):
    """What of the page is asked for, and what was done just now."""

    state: State = "open"
    cursor: str | None = None
    parked: str | None = None
    """The page of parked messages."""
    letter: int | None = None
    """The letter whose bytes are shown."""
    told: str | None = None
    wrong: str | None = None
    said: tuple[int, str] = (0, "")
    """A letter, and the reason that was said for it."""


@router.get("/operator")
def operator(  # noqa: PLR0913, PLR0917  # one parameter for each of its own
    request: Request,
    caller: MayOperate,
    parts: Given,
    part: ThisPage,
    state: State = "open",
    parked: Annotated[str | None, Query(max_length=1_000)] = None,
    letter: Annotated[int | None, Query(ge=1, le=2**63 - 1)] = None,
    done: Annotated[int | None, Query(ge=1)] = None,
    became: Annotated[Literal[tuple(BECAME)] | None, Query()] = None,  # type: ignore[valid-type]
) -> Response:
    """Where everybody stands, and what waits for an operator."""
    told = None if done is None or became is None else f"Dead letter {done} {BECAME[became]}."
    return page(request, caller, parts, Asked(state, part.cursor, parked, letter, told))


def page(
    request: Request, caller: Caller, parts: Parts, asked: Asked, status: int = HTTPStatus.OK
) -> Response:
    """The whole page."""
    live = waits(request, "flow") if asked.wrong is None else None
    standing = _standing(parts)
    found = operating.letters(parts, asked.state, Page(PER_PAGE, asked.cursor))
    return render(
        request,
        caller,
        "operator.html",
        status=status,
        live=live,
        standing=standing,
        dead=0 if standing is None else standing["dead_letters"].get("open", 0),
        **_pictures(parts, standing),
        **_parked(parts, asked.parked),
        letters=[letter(one) for one in found["dead_letters"]],
        following=found["next"],
        whole=None if asked.letter is None else whole(operating.letter(parts, asked.letter)),
        asked=asked,
    )


def _standing(parts: Parts) -> dict[str, Any] | None:
    """Where everybody stands; none: nobody can say."""
    try:
        return operating.standing(parts)
    except Problem:
        return None


def _pictures(parts: Parts, standing: dict[str, Any] | None) -> dict[str, Any]:
    if standing is None:
        return {"flow": None}
    found = flow(standing, None if parts.flowing is None else parts.flowing())
    return {"flow": found, "wide": wide(found), "narrow": narrow(found)}


def _parked(parts: Parts, cursor: str | None) -> dict[str, Any]:
    """The orders that are waited for, and for how long the oldest message waits."""
    found = operating.parked(parts, Page(PER_PAGE, cursor))
    first = found["parked"] if cursor is None else operating.parked(parts, Page(1))["parked"]
    now = parts.clock()
    oldest = length(now - to_microseconds(first[0]["received_at"])) if first else ""
    return {
        "parked": parked(found["parked"], now),
        "parked_next": found["next"],
        "oldest": oldest,
    }
