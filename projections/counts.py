"""How many there are, for people: counted up to a bound, so that it never takes long."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from psycopg import Connection

from projections.late_cancellations import NEVER

MOST = 1_000
"""Counted to, and then it is `more than`."""


def as_text(number: int) -> str:
    """A bounded count: `12`, or `1,000+`."""
    return f"{MOST:,}+" if number > MOST else f"{number:,}"


_CASES = {
    "open": "ended_at IS NULL",
    "overdue": "ended_at IS NULL AND due <= %(upto)s",
    "closed": "ended_at IS NOT NULL",
}


def cases(conn: Connection[Any], now: int, soon: int, seller_id: str | None) -> dict[str, int]:
    """Waits in each state at `now` (microseconds), and `soon`: of the open ones, those due by then.

    One more than `MOST` at most, each.
    """
    wanted = {**_CASES, "soon": "ended_at IS NULL AND due > %(upto)s AND due <= %(soon)s"}
    where = {name: f"{condition} AND due <= %(never)s" for name, condition in wanted.items()}
    values = {"upto": now, "soon": soon, "never": NEVER}
    return _counts(conn, "late_cancellations", where, values, seller_id)


def refunds(conn: Connection[Any], states: Iterable[str], seller_id: str | None) -> dict[str, int]:
    """Refunds in each state, one more than `MOST` at most."""
    values = {f"state_{place}": state for place, state in enumerate(states)}
    where = {state: f"state = %({name})s" for name, state in values.items()}
    return _counts(conn, "refunds", where, values, seller_id)


def _counts(
    conn: Connection[Any],
    table: str,
    where: dict[str, str],
    values: dict[str, Any],
    seller_id: str | None,
) -> dict[str, int]:
    """All of them by one statement."""
    of_seller = "" if seller_id is None else " AND seller_id = %(seller)s"
    # The words are ours; the values are not.
    counts = [
        f"(SELECT count(*) FROM (SELECT FROM countermand.{table}"  # noqa: S608
        f" WHERE {condition}{of_seller} LIMIT %(most)s) AS counted)"
        for condition in where.values()
    ]
    sought = {**values, "seller": seller_id, "most": MOST + 1}
    row: Any = conn.execute(f"SELECT {', '.join(counts)}".encode(), sought).fetchone()
    return dict(zip(where, row, strict=True))
