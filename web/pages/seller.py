"""For sellers: today's cases, what is out, and refunds with why they wait."""

from __future__ import annotations

from functools import lru_cache
from http import HTTPStatus
from typing import Annotated, Any, Literal, NamedTuple

from fastapi import Depends, Query, Request
from fastapi.responses import Response
from markupsafe import Markup

from projections import counts, late_cancellations
from web import asking
from web.api.addresses import Given, OneSeller
from web.asking import Cursor, Page
from web.live.listening import waits
from web.pages import seller_refunds
from web.pages.rendering import macro, render
from web.pages.seller_cases import TODAY, Case, element_id, grouped
from web.pages.seller_done import Done, decided_words
from web.parts import Parts, placed_of
from web.reading import reading
from web.security.caller import Caller, need
from web.shapes.base import Id
from web.within import Below

router = Below("/seller", include_in_schema=False)
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
@reading
def cases(  # noqa: PLR0913, PLR0917  # one parameter for each of its own
    request: Request,
    caller: MayDecide,
    parts: Given,
    cursor: Cursor = None,
    state: State = "open",
    seller_id: OneSeller = None,
    decided: Annotated[Id | None, Query()] = None,
    by: Annotated[str, Query(max_length=64)] = "",
) -> Response:
    """What waits today, the overdue first."""
    done = None if decided is None else decided_words(parts, caller, decided, by)
    which = Which(state, seller_id, cursor, done)
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
    asked = late_cancellations.Which(which.state, which.seller_id)
    today = asking.today(parts, caller, asked, Page(PER_PAGE, which.cursor), TODAY)
    return render(
        request,
        caller,
        "seller.html",
        status=HTTPStatus.OK if wrong is None else wrong.status,
        live=live,
        state=which.state,
        counted={name: counts.as_text(number) for name, number in today.counted.items()},
        groups=grouped(parts, placed_of(request.app), today.cases["cases"]),
        card=card,
        following=today.cases["next"],
        exposed=today.out,
        seller=which.seller_id,
        decided=which.decided,
        wrong=wrong,
    )


def card(case: Case, wrong: Wrong | None, token: Markup) -> Markup:
    """A case as it is drawn. One with nothing to decide says the same for hours: it is kept."""
    if case.todo.choices is None:
        return _kept_card(case)
    return macro("seller_case.html", "card")(case, wrong, token)


@lru_cache(maxsize=1_000)
def _kept_card(case: Case) -> Markup:
    return macro("seller_case.html", "card")(case, None, "")


@router.get("/seller/refunds")
@reading
def listed_refunds(  # noqa: PLR0913, PLR0917  # one parameter for each of its own
    request: Request,
    caller: MayDecide,
    parts: Given,
    cursor: Cursor = None,
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
            parts, placed_of(request.app), seller_refunds.Which(state, seller, cursor)
        ),
        row=kept_row,
        done=None if refunded is None else decided_words(parts, caller, refunded, by),
        unknown=unknown,
        by_hand="refund_by_hand" in caller.rights,
        states=seller_refunds.in_states(parts, seller),
    )


@lru_cache(maxsize=2_000)
def kept_row(one: seller_refunds.Row, when: str, seller: str | None) -> Markup:
    """A refund as it is drawn. It says the same for hours: it is kept."""
    return macro("seller_refund.html", "row")(one, when, seller)
