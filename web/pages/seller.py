"""For sellers: today's cases, what is out, and refunds with why they wait."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any, Literal, NamedTuple

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from projections import counts
from web import asking
from web.api.addresses import Given, OneSeller, ThisPage
from web.asking import Page
from web.live.listening import waits
from web.pages import seller_refunds
from web.pages.rendering import render
from web.pages.seller_cases import TODAY, element_id, grouped
from web.pages.seller_done import Done, decided_words
from web.parts import Parts, placed_of
from web.security.caller import Caller, need
from web.shapes.base import Id

router = APIRouter(include_in_schema=False)
MayDecide = Annotated[Caller, Depends(need("decide"))]
State = Literal["open", "overdue", "closed"]
PER_PAGE = 12
"""Cases, and orders that are out, on one page."""


class Wrong(NamedTuple):
    """A decision that was not taken: why, and what was said."""

    status: int
    order_id: str
    wait: str
    title: str
    errors: list[str]
    said: dict[str, Any]

    @property
    def case(self) -> str:
        """The case's id on the page."""
        return element_id(self.order_id, self.wait)


@router.get("/seller")
def cases(  # noqa: PLR0913, PLR0917  # one parameter for each of its own
    request: Request,
    caller: MayDecide,
    parts: Given,
    part: ThisPage,
    state: State = "open",
    seller_id: OneSeller = None,
    decided: Annotated[Id | None, Query()] = None,
    by: Annotated[str, Query(max_length=64)] = "",
) -> Response:
    """What waits today, the overdue first."""
    done = None if decided is None else decided_words(parts, caller, decided, by)
    which = Which(state, seller_id, part.cursor, done)
    return page(request, caller, parts, which, None)


class Which(NamedTuple):
    """Which cases are looked at, and what was decided just now."""

    state: State = "open"
    seller_id: str | None = None
    cursor: str | None = None
    decided: Done | None = None


def page(
    request: Request, caller: Caller, parts: Parts, which: Which, wrong: Wrong | None
) -> Response:
    """The cases; `wrong`: with a decision that was not taken."""
    # A page that answers a form is not to be had by its address.
    live = waits(request, "cases", which.seller_id) if wrong is None else None
    found = asking.cases(parts, caller, which.state, which.seller_id, Page(PER_PAGE, which.cursor))
    seller = caller.id if caller.role == "seller" else which.seller_id
    return render(
        request,
        caller,
        "seller.html",
        status=HTTPStatus.OK if wrong is None else wrong.status,
        live=live,
        state=which.state,
        counted=_counts(parts, seller),
        groups=grouped(parts, placed_of(request.app), found["cases"]),
        following=found["next"],
        exposed=asking.exposed(parts, caller, which.seller_id, Page(PER_PAGE)),
        seller=which.seller_id,
        decided=which.decided,
        wrong=wrong,
    )


def _counts(parts: Parts, seller: str | None) -> dict[str, str]:
    """How many there are in each state, and how many of the open ones end within a day."""
    now = parts.clock()
    with parts.store.connection() as conn:
        found = counts.cases(conn, now, now + TODAY, seller)
    return {state: counts.as_text(number) for state, number in found.items()}


@router.get("/seller/refunds")
def listed_refunds(  # noqa: PLR0913, PLR0917  # one parameter for each of its own
    request: Request,
    caller: MayDecide,
    parts: Given,
    part: ThisPage,
    state: Literal["failed", "due", "requested", "held", "issued"] | None = None,
    seller_id: OneSeller = None,
    refunded: Annotated[Id | None, Query()] = None,
    by: Annotated[str, Query(max_length=64)] = "",
    unknown: Annotated[str, Query(max_length=200)] = "",
) -> Response:
    """Refunds by their state, and why they wait."""
    live = waits(request, "cases", seller_id)
    seller = caller.id if caller.role == "seller" else seller_id
    return render(
        request,
        caller,
        "seller_refunds.html",
        live=live,
        state=state,
        seller=seller_id,
        sections=seller_refunds.sections(
            parts, placed_of(request.app), seller_refunds.Which(state, seller, part.cursor)
        ),
        done=None if refunded is None else decided_words(parts, caller, refunded, by),
        unknown=unknown,
        by_hand="refund_by_hand" in caller.rights,
        tabs=seller_refunds.tabs(parts, seller),
    )
