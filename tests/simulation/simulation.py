"""One seed, one story: a small town, the service's processes, trouble, and then a calm end."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from application.event_store import process_stream_id
from application.late_cancellations import Rules
from domain import late_cancellation
from domain.late_cancellation import Process, Terms
from domain.process_events import ProcessEvent
from domain.refunds import Policy
from tests.simulation.actors import Actor, Ingest, Relay, Runner
from tests.simulation.agenda import DAY, HOUR, Agenda
from tests.simulation.broker import Broker
from tests.simulation.deadlines import MemoryDeadlines
from tests.simulation.habits import Habits
from tests.simulation.proof import Proof, Unproved
from tests.simulation.seller import Seller
from tests.simulation.stage import Stage
from tests.simulation.store import MemoryStore
from tests.simulation.town import Town
from tests.support.shop import NOW

TROUBLED_TURNS = 120
MOST_TURNS, MOST_DAYS = 3_000, 400
"""More than a calm world can need."""

TERMS = Terms(
    stop=DAY,
    refusal=5 * DAY,
    back=7 * DAY,
    rest=3 * DAY,
    case=3 * DAY,
    payment=3 * DAY,
    retry_first=HOUR,
    retry_longest=4 * DAY,
)
RULES = Rules(Policy(maximum_hold=12 * DAY), TERMS)


class Simulation:
    """Everything that a seed makes. `run` raises `Unproved` where a law does not hold."""

    def __init__(self, seed: int, rules: Rules = RULES) -> None:
        self.rules = rules
        random = self._random = Random(seed)
        habits = Habits.draw(random)
        self.agenda, self.broker, self.store = Agenda(), Broker(), MemoryStore()
        self.deadlines = MemoryDeadlines(self.store)
        self.stage = Stage(random, habits, self._processes())
        self.town = Town(random, self.agenda, self.broker, habits)
        self._seller = Seller(random, self.store, self.agenda.clock, rules.policy)
        self.proof = Proof(self.store, self.broker, self.town.provider, rules)
        self.store.trouble, self.broker.fails = self.stage.trouble, self.stage.fails
        self.store.written = self.proof.written

    def _processes(self) -> dict[str, Callable[[], Actor]]:
        store, clock, rules = self.store, self.agenda.clock, self.rules

        def ingest() -> Actor:
            return Ingest(store, self.broker, clock, rules)

        def runner() -> Actor:
            return Runner(store, self.deadlines, clock, rules)

        return {
            "ingest": ingest,
            "other ingest": ingest,
            "runner": runner,
            "other runner": runner,
            "relay": lambda: Relay(store, self.broker),
        }

    def run(self) -> None:
        """Trouble first, then calm until everything is done."""
        for _ in range(TROUBLED_TURNS):
            self._troubled()
        self.town.calm_down()
        self.stage.calm_down()
        for _ in range(MOST_TURNS):
            if not self._calm():
                break
        else:
            raise Unproved("it never comes to rest")
        self.proof.at_the_end(self._open_processes())

    def _troubled(self) -> None:
        """Let something happen outside, a process do a step, or people hear what is said."""
        chance = self._random.random()
        if chance < 0.25:
            self.agenda.happen()
        elif chance < 0.35:
            self.town.listen()
        elif chance < 0.38:
            self._seller.decide(self._random.choice(list(self.town.lives)))
        else:
            self.stage.turn()

    def _calm(self) -> bool:
        """Let all who can go on; false: everything is done."""
        busy = [self.stage.let(name) for name in self._processes()]
        if any(busy) or self.town.listen():
            return True
        rows = self.deadlines.rows.values()
        waiting = [max(row.due_at, row.leased_until) for row in rows if row.due_at is not None]
        planned = self.agenda.next_at()
        if planned is not None and planned <= min(waiting, default=planned):
            return self.agenda.happen()
        if any(self._seller.decide(order_id) for order_id in self.town.lives):
            return True
        if not waiting:
            return False
        self.agenda.move_to(min(waiting))
        if self.agenda.now > NOW + MOST_DAYS * DAY:
            raise Unproved(f"something waits for more than {MOST_DAYS} days")
        return True

    def _open_processes(self) -> dict[str, Process]:
        found: dict[str, Process] = {}
        for order_id in self.town.lives:
            events = self.store.streams.get(process_stream_id(order_id), ())
            process = late_cancellation.fold(e for e in events if isinstance(e, ProcessEvent))
            if process is not None and not process.is_done:
                found[order_id] = process
        return found

    def story(self) -> list[str]:
        """What was said, what broke, and what was recorded, a line each."""
        return [
            *(f"said: {one}" for one in self.town.outside.told),
            *(f"trouble: {one}" for one in self.stage.told),
            *(
                f"{one.position} {one.stream_id} {one.version} {one.event}"
                for one in self.store.log
            ),
            *(f"row: {row}" for row in self.deadlines.rows.values()),
        ]
