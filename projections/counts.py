"""How many there are, for people: counted up to a bound, so that it never takes long."""

from __future__ import annotations

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


def cases(conn: Connection[Any], now: int, state: str, seller_id: str | None) -> int:
    """Waits in a state at `now` (microseconds), one more than `MOST` at most."""
    where = f"{_CASES[state]} AND due <= %(never)s"
    upto = {"upto": now, "never": NEVER}
    return _count(conn, "late_cancellations", where, upto, seller_id)


def refunds(conn: Connection[Any], state: str, seller_id: str | None) -> int:
    """Refunds in a state, one more than `MOST` at most."""
    return _count(conn, "refunds", "state = %(state)s", {"state": state}, seller_id)


def _count(
    conn: Connection[Any], table: str, where: str, values: dict[str, Any], seller_id: str | None
) -> int:
    of_seller = "" if seller_id is None else " AND seller_id = %(seller)s"
    # The words are ours; the values are not.
    sql = f"SELECT count(*) FROM (SELECT 1 FROM countermand.{table}"  # noqa: S608
    sql += f" WHERE {where}{of_seller} LIMIT %(most)s) AS counted"
    sought = {**values, "seller": seller_id, "most": MOST + 1}
    row: Any = conn.execute(sql.encode(), sought).fetchone()
    return int(row[0])
