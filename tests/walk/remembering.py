"""Pure functions of the domain, worked out once for each input while the walk goes on.

The walk asks for the goods and the money of the same order thousands of times. What it gets is
what the domain says; it is only not worked out again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import domain.next_steps
import domain.state
from domain.events import Event, OrderPlaced
from domain.order import Order
from domain.picture import Picture
from domain.refunds import Policy
from tests.walk.replacing import replaced

_Key = tuple[int, ...]


class Memo:
    """What functions of an order's events gave, by the very events.

    The events are kept beside it, so that no other ever has one of their ids.
    """

    def __init__(self) -> None:
        self._known: dict[_Key, tuple[Any, tuple[Event, ...]]] = {}

    def __call__(self, what: int, events: tuple[Event, ...], work_out: Callable[[], Any]) -> Any:  # noqa: ANN401  # whatever it is
        key = (what, *map(id, events))
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = (work_out(), events)
        return found[0]


@contextmanager
def remembered() -> Iterator[None]:
    """Remember goods, money and pictures of orders."""
    memo = Memo()
    goods_of: Any = vars(domain.state)["goods"]
    money_of: Any = vars(domain.state)["money"]
    picture_of = Picture.of

    def goods(placed: OrderPlaced, events: tuple[Event, ...]) -> Any:  # noqa: ANN401
        return memo(0, events, lambda: goods_of(placed, events))

    def money(
        placed: OrderPlaced, events: tuple[Event, ...], where: object, now: int, policy: Policy
    ) -> Any:  # noqa: ANN401
        return memo(now, events, lambda: money_of(placed, events, where, now, policy))

    def picture(order: Order, now: int, policy: Policy) -> Picture:
        found: Picture = memo(-now, order.events, lambda: picture_of(order, now, policy))
        return found

    class Remembered(Picture):
        """Pictures that are worked out once."""

        of = staticmethod(picture)

    with (
        replaced(domain.state, goods=goods, money=money),
        replaced(domain.next_steps, Picture=Remembered),
    ):
        yield
