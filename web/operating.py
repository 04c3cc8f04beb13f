"""What operators ask: what waits for its order, what could not be taken, where everybody stands.

Plain functions that block, like those of `asking`; who may ask is decided before.
"""

from __future__ import annotations

from consumers import dead_letters, letters_told, parking
from projections.pages import Moment, key_of, page
from projections.shown import moment
from web.asking import Body, Page
from web.parts import Parts
from web.problems import Problem, not_found


def parked(parts: Parts, part: Page) -> Body:
    """A page of messages whose orders are not known yet."""
    listing = ("parked",)
    (after,) = key_of(listing, part.cursor, tuple[Moment]) or (0,)
    with parts.store.connection() as conn:
        found = parking.listed(conn, after, part.limit + 1)
    shown, following = page(listing, found, part.limit, lambda one: one[:1])
    told = [{**one._asdict(), "received_at": moment(one.received_at)} for one in shown]
    return {"parked": told, "next": following}


def letters(parts: Parts, state: str | None, part: Page) -> Body:
    """A page of dead letters; `state` none: all."""
    return letters_told.listed(parts.store, state=state, **part._asdict())


def letter(parts: Parts, letter_id: int) -> Body:
    """A dead letter with its bytes. Raises Problem 404."""
    found = dead_letters.shown(parts.store, letter_id)
    if found is None:
        raise not_found(f"dead letter {letter_id}")
    return letters_told.told(found, whole=True)


def standing(parts: Parts) -> Body:
    """Where everybody stands. Raises Problem 503 where nobody can say."""
    if parts.standing is None:
        raise Problem("unavailable", "this service does not know where the others stand")
    return dict(parts.standing())
