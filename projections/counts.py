"""How many there are, for people: counted up to a bound, so that it never takes long."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

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

    One more than `MOST` at most, each; all of them by one statement.
    """
    wanted = {**_CASES, "soon": "ended_at IS NULL AND due > %(upto)s AND due <= %(soon)s"}
    of_seller = "" if seller_id is None else " AND seller_id = %(seller)s"
    # The words are ours; the values are not.
    counts = [
        "(SELECT count(*) FROM (SELECT FROM countermand.late_cancellations"  # noqa: S608
        f" WHERE {condition} AND due <= %(never)s{of_seller} LIMIT %(most)s) AS counted)"
        for condition in wanted.values()
    ]
    values = {"upto": now, "soon": soon, "never": NEVER, "seller": seller_id, "most": MOST + 1}
    row: Any = conn.execute(f"SELECT {', '.join(counts)}".encode(), values).fetchone()
    return dict(zip(wanted, row, strict=True))


class Sum(NamedTuple):
    """Refunds in one state: how many, and what they come to, in minor units by currency."""

    number: int = 0
    amounts: dict[str, int] = {}  # noqa: RUF012  # nobody adds to it


NOTHING = Sum()
_SUMS = """
SELECT asked.state, latest.currency, count(*), sum(latest.amount)
FROM unnest(%(states)s::text[]) AS asked (state)
CROSS JOIN LATERAL (
    SELECT currency, amount FROM countermand.refunds WHERE state = asked.state{of_seller}
    ORDER BY since DESC, order_id DESC, refund_id DESC LIMIT %(most)s
) AS latest
GROUP BY asked.state, latest.currency ORDER BY asked.state, latest.currency
"""


def refunds(conn: Connection[Any], states: Iterable[str], seller_id: str | None) -> dict[str, Sum]:
    """Refunds in each state, of the latest one more than `MOST` at most."""
    of_seller = "" if seller_id is None else " AND seller_id = %(seller)s"
    sought = {"states": [*states], "seller": seller_id, "most": MOST + 1}
    found: dict[str, Sum] = {}
    for state, currency, number, amount in conn.execute(
        _SUMS.format(of_seller=of_seller).encode(), sought, binary=True
    ):
        before = found.get(state, NOTHING)
        amounts = {**before.amounts, currency: int(amount)}
        found[state] = Sum(before.number + number, amounts)
    return found
