"""How a world stands: read from the books of its programs, while they run or afterwards."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from runtime.world.book import Reader
from runtime.world.habits import World

FAULT, TOLD = "fault:", "told:"


class Standing(NamedTuple):
    """Orders of a world: placed, and of these settled. At rest: no goods are on their way."""

    orders: int
    placed: int
    settled: int
    at_rest: bool

    @property
    def is_over(self) -> bool:
        """Whether every order's life has ended."""
        return self.at_rest and self.settled == self.orders


def look(world: World, folder: Path) -> Standing:
    rows = _book(folder, "buyers").rows("SELECT count(*) FROM kept")
    placed = sum(int(str(number)) for (number,) in rows)
    at_rest = placed == world.orders and not any(
        _has_work(_book(folder, name)) for name in ("buyers", "warehouse", "carrier")
    )
    return Standing(world.orders, placed, placed - len(unsettled(folder)), at_rest)


def _has_work(book: Reader) -> bool:
    return bool(book.rows("SELECT 1 FROM notes UNION ALL SELECT 1 FROM outbox LIMIT 1"))


def unsettled(folder: Path) -> list[str]:
    """The orders whose lives have not ended: a buyer is not at peace, or money was not paid."""
    buyers, payments = _book(folder, "buyers"), _book(folder, "payments")
    unpaid = {str(order_id) for (order_id,) in payments.rows(_UNPAID)}
    return sorted(unpaid | set(buyers.open()))


def summary(world: World, folder: Path) -> dict[str, Any]:
    """Everything that is worth knowing of a world, as JSON."""
    standing = look(world, folder)
    counts: Counter[str] = Counter()
    for name in ("buyers", "warehouse", "carrier", "payments"):
        counts.update(_book(folder, name).counts())
    return {
        "seed": world.seed,
        "orders": world.orders,
        "placed": standing.placed,
        "settled": standing.settled,
        "waiting": unsettled(folder),
        "told": _part(counts, TOLD),
        "faults": _part(counts, FAULT),
        "refunds": paid(folder),
    }


def _part(counts: Counter[str], prefix: str) -> dict[str, int]:
    return {
        name.removeprefix(prefix): number
        for name, number in sorted(counts.items())
        if name.startswith(prefix)
    }


def paid(folder: Path) -> dict[str, Any]:
    """The payment provider's own books: what was paid, and whether anything twice."""
    book = _book(folder, "payments")
    rows = book.rows("SELECT currency, amount, count(*) FROM paid GROUP BY currency, amount")
    sums: dict[str, Any] = {}
    for currency, amount, number in rows:
        more = Decimal(str(amount)) * int(str(number))
        sums[str(currency)] = sums.get(str(currency), Decimal(0)) + more
    return {
        "paid": sum(int(str(number)) for *_, number in rows),
        "paid_twice": [str(one) for (one,) in book.rows(_TWICE)],
        "asked_differently": [str(one) for (one,) in book.rows(_DIFFERENTLY)],
        "sums": {currency: str(total) for currency, total in sorted(sums.items())},
    }


_UNPAID = """SELECT order_id FROM asked WHERE refund_id NOT IN (SELECT refund_id FROM paid)"""
_TWICE = "SELECT refund_id FROM paid GROUP BY refund_id HAVING count(*) > 1"
_DIFFERENTLY = """SELECT refund_id FROM asked GROUP BY refund_id
    HAVING count(DISTINCT amount || currency || order_id) > 1"""


def _book(folder: Path, name: str) -> Reader:
    return Reader(folder / f"{name}.book")
