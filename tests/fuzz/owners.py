"""Who owns which order, and what an answer tells somebody about orders of others."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from application.event_store import EventStore

_SHORTEST = 5
"""Shorter names are numbers and the like: they say nothing."""
_WORD = re.compile(r"[A-Za-z0-9._:-]+")
_ALL = b"SELECT order_id, buyer_id, seller_id FROM countermand.order_information"
_IDS = rb"""
SELECT o.order_id, m.found[1] FROM countermand.order_information o,
  regexp_matches(convert_from(o.body, 'UTF8'),
    '"(?:shipment_id|refund_id|cancellation_id|return_id)":"([^"]+)"', 'g') AS m(found)
"""


@dataclass
class Owners:
    """The buyer and the seller of each order, and the order that each name leads to."""

    store: EventStore
    of_order: dict[str, tuple[str, str]] = field(default_factory=dict)
    order_of: dict[str, str] = field(default_factory=dict)
    people: frozenset[str] = frozenset()
    said_of: dict[str, set[str]] = field(default_factory=dict)
    """Words that somebody told an order: whose it is reads them, wherever they come from."""

    def look(self) -> Owners:
        """See what orders there are now."""
        with self.store.connection() as conn:
            for order_id, buyer, seller in conn.execute(_ALL).fetchall():
                self.of_order[order_id] = (buyer, seller)
            self.order_of |= {name: order for order, name in conn.execute(_IDS).fetchall()}
        self.people = frozenset(name for both in self.of_order.values() for name in both)
        return self

    def owns(self, caller: str, order_id: str) -> bool:
        """Whether an order is a buyer's or a seller's own; nobody knows of one not seen yet."""
        role, _, name = caller.partition(":")
        if order_id not in self.of_order:
            self.look()
        both = self.of_order.get(order_id)
        return both is None or (role != "warehouse" and both[role == "seller"] == name)

    def hear(self, told: str) -> None:
        """Remember what was told to the orders that are named in it."""
        words = _words(told)
        for order_id in words & self.of_order.keys():
            self.said_of.setdefault(order_id, set()).update(words)

    def leaked(self, caller: str, told: str, asked: str) -> list[str]:
        """Words of an answer that lead to orders or people of others, and were not in the question.

        Not for staff; `told` and `asked` are whole texts.
        """
        words = _words(told) - _words(asked)
        foreign = [word for word in words if self._is_foreign(caller, word)]
        return sorted(word for word in foreign if not self._was_told(caller, word))

    def _was_told(self, caller: str, word: str) -> bool:
        return any(
            word in words and self.owns(caller, order_id)
            for order_id, words in self.said_of.items()
        )

    def _is_foreign(self, caller: str, word: str) -> bool:
        order_id = word if word in self.of_order else self.order_of.get(word)
        if order_id is not None:
            return not self.owns(caller, order_id)
        return word in self.people and word not in self._partners(caller)

    def _partners(self, caller: str) -> set[str]:
        """Whom a caller deals with: they may see each other's names."""
        role, _, name = caller.partition(":")
        mine = role == "seller"
        return {name, *(both[not mine] for both in self.of_order.values() if both[mine] == name)}


def _words(text: str) -> set[str]:
    """Names may hold dots and colons; a sentence ends with one, and a list begins with one."""
    found = set(_WORD.findall(text))
    parts = {part for word in found for part in word.split(":")}
    whole = {one.strip("._:-") for one in found | parts}
    return {one for one in found | parts | whole if len(one) >= _SHORTEST}


def strangers(owners: Owners, caller: str, body: object) -> list[str]:
    """Ids of orders and of the caller's own kind in an answer that are not the caller's."""
    role, _, name = caller.partition(":")
    own = f"{role}_id"
    return [
        f"{key} {value}"
        for key, value in named(body)
        if (key == own and value != name)
        or (key == "order_id" and value is not None and not owners.owns(caller, value))
    ]


def named(body: object) -> Iterator[tuple[str, Any]]:
    """Every name and value in a body, however deep."""
    if isinstance(body, dict):
        for key, value in body.items():
            yield key, value
            yield from named(value)
    elif isinstance(body, list):
        for one in body:
            yield from named(one)
