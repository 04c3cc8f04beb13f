"""Every point of a relay's way, from the commit to the send: it breaks there, or another runs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from itertools import product
from typing import Literal, NamedTuple

from application.event_store import process_stream_id, stream_id
from application.recording import Append, StoreUnavailable
from domain.late_cancellation import Terms
from domain.next_steps import advance
from domain.order import Order, decide, evolve
from domain.refunds import Policy
from tests.simulation.actors import PUBLISH, Relay
from tests.simulation.broker import Broker
from tests.simulation.said import topics_of
from tests.simulation.store import Died, MemoryStore
from tests.support.shop import NOW
from tests.walk.letters import ALPHABET, placed

Break = Literal["dies", "is not answered", "lets the other run"]
BREAKS: tuple[Break, ...] = ("dies", "is not answered", "lets the other run")
POINTS = 30
"""More than a relay's way through this log has."""


class At(NamedTuple):
    """What happens to a relay at the `point`-th wait of its way."""

    point: int
    what: Break


class Scene:
    """A log, a broker and two relays, of which one may run inside a wait of the other."""

    def __init__(self, first: At, second: At) -> None:
        self.store, self.broker = MemoryStore(), Broker()
        self.store.append(_recorded())
        self.store.trouble, self.broker.fails = self._trouble, self._fails
        self._plans = [first, second]
        self._points = [0, 0]
        self._running: list[int] = []
        self.broke = 0

    def run(self) -> None:
        """Let the first go its way, in which the second may go its own; then both until the end."""
        self._go(0)
        self._plans = [At(-1, "dies")] * 2
        while self._go(0) or self._go(1):
            pass

    def _go(self, number: int) -> bool:
        """A relay begins anew and goes on until nothing is left, or it dies."""
        relay, busy = Relay(self.store, self.broker), False
        self._running.append(number)
        try:
            while relay.step():
                busy = True
        except Died:
            busy = True
        finally:
            self._running.pop()
        return busy

    def _happens(self) -> Break | None:
        if not self._running:
            return None
        number = self._running[-1]
        point, self._points[number] = self._points[number], self._points[number] + 1
        if point != self._plans[number].point:
            return None
        self.broke += 1
        return self._plans[number].what

    def _trouble(self, _: str) -> None:
        match self._happens():
            case "dies":
                raise Died
            case "is not answered":
                raise StoreUnavailable
            case "lets the other run" if self._running == [0]:
                self._go(1)

    def _fails(self, _: str) -> bool:
        match self._happens():
            case "dies":
                raise Died
            case "lets the other run" if self._running == [0]:
                self._go(1)
            case "is not answered":
                return True
        return False

    def wrong(self) -> Iterator[str]:
        """What was not said, said otherwise, or out of order."""
        if self.store.stored_positions[PUBLISH] != self.store.head():
            yield "the position is not at the end"
        events = [one.event for one in self.store.log]
        for topic in ("orders", "warehouse-requests", "payment-requests", "buyer-notices"):
            said: dict[str, bytes] = {}
            for value in self.broker.records(topic):
                if said.setdefault(json.loads(value)["id"], value) != value:
                    yield f"{topic}: the same id with other bytes"
            if len(said) != sum(topic in topics_of(event) for event in events):
                yield f"{topic}: not everything was said"
            told = [json.loads(value).get("sequence", "") for value in said.values()]
            if told != sorted(told):
                yield f"{topic}: out of order"


@cache
def _recorded() -> tuple[Append, Append]:
    """An order that is cancelled while it ships, and what its process made of that."""
    first = decide(None, placed()).events
    order = Order(first[0], first)  # type: ignore[arg-type]
    for name in ("release", "cancel all", "confirm in part", "ship line 1"):
        for event in decide(order, ALPHABET[name].say(order, None, NOW)).events:  # type: ignore[arg-type]
            order = evolve(order, event)
    made = advance(order, None, NOW, Policy(), Terms())
    return (
        Append(stream_id(order.order_id), 1, made.order.events),
        Append(process_stream_id(order.order_id), 1, made.process_events),
    )


def test_whatever_breaks_two_relays_all_is_said_in_order_under_its_id() -> None:
    plans = [At(point, what) for point, what in product(range(POINTS), BREAKS)]
    broke = 0

    for first, second in product(plans, plans):
        lets = first.what == "lets the other run"
        if second.what == "lets the other run" or (second != plans[0] and not lets):
            continue  # there is no third, or the second has no way of its own
        scene = Scene(first, second)
        scene.run()
        broke += scene.broke
        assert list(scene.wrong()) == [], (first, second)

    assert broke > len(plans)
