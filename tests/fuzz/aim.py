"""Aims a made-up request at something that is there, in the name of somebody: mostly its owner.

Only what was made up well is touched: a request that is wrong on purpose stays wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from random import Random
from typing import Any, NamedTuple

from schemathesis import HookContext

from tests.fuzz.made import HEADER, QUERY, Made, follows_links, is_good, is_negative, names_nobody
from tests.fuzz.service import Service
from tests.fuzz.targets import Targets
from tests.fuzz.world import SELLERS, WAREHOUSES
from tests.support.following import position

SHARE_FITTING = 0.85
"""Of requests that aim at what is there."""
SHARE_OWN = 0.8
"""Of requests in the name of somebody who may do it; then a stranger, another role, nobody."""
SHARE_WRONG = 0.95
"""The same of requests that are wrong on purpose: they are to be refused for that; of sequences."""
NOBODY = "nobody"
LIAR = "liar"
"""Who calls without a token, and with one that is not good."""
STAFF = ("operator", "auditor")
Callers = list[str]
Plan = Callable[["Aim", Made], Callers]
"""Changes a request so that it fits, and says who may send it."""


class Sent(NamedTuple):
    """What is known of a request."""

    caller: str
    seen: int
    """The position that the views had reached just before."""


@dataclass
class Aim:
    """Changes requests before they are sent, and remembers who sent them."""

    service: Service
    targets: Targets
    random: Random
    plans: Mapping[str, Plan]
    """By address; where there is none a request stays as it is."""
    turn: int = 0
    sent: dict[str, Sent] = field(default_factory=dict)
    """By the id of its case."""
    positions: list[str] = field(default_factory=lambda: ["0"])
    cursors: dict[str, list[tuple[dict[str, Any], dict[str, Any], str]]] = field(
        default_factory=dict
    )
    """By call: path, query with a cursor, and who was given it."""
    _numbers: count[int] = field(default_factory=lambda: count(1))

    def before_call(self, _context: HookContext, case: Made, _kwargs: dict[str, Any]) -> None:
        """What schemathesis calls before each request."""
        if follows_links(case):
            # Hypothesis leaves sequences that go on otherwise when they begin as they did before.
            asked = (self.turn, case.operation.label, case.path_parameters, case.query, case.body)
            self.random.seed(repr(asked))
        wrong = is_negative(case)
        fitting = self.random.random() < (SHARE_WRONG if wrong else SHARE_FITTING)
        plan = self.plans.get(case.path.removeprefix("/api/v1"), anybody)
        allowed = plan(self, case) if fitting or is_known(self, case) else anybody(self, case)
        if fitting:
            self._place(case)
        mostly_own = wrong or follows_links(case)
        caller = self._caller(allowed, SHARE_WRONG if mostly_own else SHARE_OWN)
        if fitting and not wrong:
            caller = self._turn(case, caller)
        if names_nobody(case):
            caller = NOBODY
        self._sign(case, caller)
        self.sent[case.id] = Sent(caller, position(self.service.store))

    def _place(self, case: Made) -> None:
        """Give it a key of its own, a position that was given out, a time that orders have seen."""
        if "idempotency-key" in case.headers and is_good(case, HEADER):
            case.headers["idempotency-key"] = self.new("k")
        if not is_good(case, QUERY) or not case.query:
            return
        if "at_least" in case.query and self.random.random() < 0.8:
            case.query["at_least"] = self.random.choice(self.positions[-20:])
        if "as_of" in case.query and self.random.random() < 0.7:
            later = timedelta(seconds=self.random.randrange(100))
            case.query["as_of"] = (datetime.now(UTC) + later).isoformat()
        if "cursor" in case.query and self.random.random() < 0.8:
            del case.query["cursor"]

    def _turn(self, case: Made, caller: str) -> str:
        """Now and then turn to the next page of a list that was shown before."""
        known = self.cursors.get(case.operation.label)
        if not known or self.random.random() > 0.3:
            return caller
        path, query, reader = self.random.choice(known)
        case.path_parameters = dict(path)
        case.query = dict(query)
        return reader if self.random.random() < 0.8 else caller

    def _caller(self, allowed: Callers, share: float) -> str:
        choose = self.random.choice
        if self.random.random() < share:
            return choose(allowed)
        staff = [*STAFF, *(f"warehouse:{one}" for one in WAREHOUSES)]
        stranger = [self.buyer(), f"seller:retail-{self.random.randrange(SELLERS)}"]
        return choose(choose([stranger, stranger, staff, [NOBODY, LIAR]]))

    def _sign(self, case: Made, caller: str) -> None:
        case.headers.pop("authorization", None)
        if caller == LIAR:
            case.headers["authorization"] = self.random.choice(self._lies())
        elif caller != NOBODY:
            case.headers["authorization"] = f"Bearer {self.service.token(caller)}"

    def _lies(self) -> list[str]:
        good = self.service.token("operator")
        identity = self.service.identity
        return [
            "Bearer x",
            f"Basic {good}",
            f"Bearer {good[:-8]}AAAAAAAA",
            f"Bearer {identity.token(aud='another')}",
            f"Bearer {identity.token(exp=1)}",
        ]

    def buyer(self) -> str:
        """Somebody who has bought something."""
        return f"buyer:{self.targets.owners.of_order[self.targets.order()][0]}"

    def new(self, kind: str) -> str:
        """An id that nobody has used."""
        return f"{kind}-fuzz-{next(self._numbers)}"

    def parties(self, order_id: str) -> Callers:
        """A buyer and a seller."""
        buyer, seller = self.targets.owners.of_order[order_id]
        return [f"buyer:{buyer}", f"seller:{seller}"]


def is_known(aim: Aim, case: Made) -> bool:
    """Whether it leads to an order that is there: a link of an earlier answer gave it."""
    return (case.path_parameters or {}).get("order_id") in aim.targets.owners.of_order


def anybody(aim: Aim, _case: Made) -> Callers:
    """All kinds of callers."""
    return [*STAFF, aim.buyer(), "seller:retail-1", "warehouse:w1"]
