"""Lets schemathesis ask everything, in every way it knows, and writes down what came of it."""

from __future__ import annotations

import gc
import json
import time
import warnings
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random
from typing import Any

import schemathesis
from schemathesis import APIOperation, BaseSchema, HookContext, Response
from schemathesis.config import HealthCheck, SchemathesisConfig
from schemathesis.core.result import Ok
from schemathesis.engine import events, from_schema
from schemathesis.engine.recorder import ScenarioRecorder
from schemathesis.hooks import GLOBAL_HOOK_DISPATCHER
from schemathesis.transport.requests import ManagedCookiesSession

from tests.fuzz.aim import Aim
from tests.fuzz.judging import MESSAGES, Judged, complaints
from tests.fuzz.made import Made
from tests.fuzz.owners import Owners
from tests.fuzz.plans import PLANS
from tests.fuzz.service import Service
from tests.fuzz.targets import Targets
from tests.support.following import SECONDS

Operation = APIOperation[Any, Any, Any, Any]
_PLAIN = 20
_PHASES = frozenset({"examples", "coverage", "fuzzing", "stateful"})
_FOLLOWED = 100
"""Links are followed at least so often."""
_MOST_TURNS = 1_000
_AS_OFTEN = 3
"""How often a kind of complaint is written down."""


@dataclass
class Book:
    """What was asked and answered, by call, and what was wrong with it."""

    answers: dict[str, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))
    phases: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    followed: Counter[str] = field(default_factory=Counter)
    """How often each link was followed."""
    wrong: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    calls: list[str] = field(default_factory=list)
    """Every call that the document names."""

    def complain(self, what: str, how: str) -> None:
        """Write down what was wrong, and how to see it again."""
        if len(self.wrong[what]) < _AS_OFTEN:
            self.wrong[what].append(how)

    def share(self, call: str) -> float:
        """Of a call's answers, those that are 2xx."""
        found = self.answers[call]
        good = sum(number for status, number in found.items() if status < 300)
        return good / max(1, found.total())


class Asking:
    """One run."""

    def __init__(self, service: Service, seed: int) -> None:
        self.book = Book()
        self._seed = seed
        self._service = service
        self._owners = Owners(service.store).look()
        self._aim = Aim(service, Targets(self._owners, Random(seed)), Random(seed + 1), PLANS)

    def run(self, seconds: float, examples: int) -> Book:
        """Ask each call in every way, and so often at random; then go on until the time is up.

        Links are followed a few times however short the time is.
        """
        end = time.monotonic() + seconds
        with _before_each(self._aim):
            self._turn(0, examples, _PHASES)
            for turn in range(1, _MOST_TURNS):
                is_late = time.monotonic() > end
                if is_late and self.book.followed.total() >= _FOLLOWED:
                    break
                self._turn(turn, examples, {"stateful"} if is_late else {"stateful", "fuzzing"})
        return self.book

    def _turn(self, turn: int, examples: int, phases: AbstractSet[str]) -> None:
        """Hypothesis leaves sequences when the same call is answered otherwise: so many turns."""
        self._aim.turn = turn
        schema = _schema(self._service, self._seed + turn, examples)
        for phase in _PHASES:
            getattr(schema.config.phases, phase).enabled = phase in phases
        operations = [one.ok() for one in schema.get_all_operations() if isinstance(one, Ok)]
        self.book.calls = [one.label for one in operations]
        schema.hooks.register_hook_with_name(self._after_call, "after_call")
        for event in from_schema(schema).execute():
            self._note(event)
        if phases == _PHASES:
            self._plain(operations)

    def _plain(self, operations: Sequence[Operation]) -> None:
        """Ask what has nothing to vary but who asks: to schemathesis one question is enough."""
        for operation in operations:
            if operation.body or list(operation.iter_parameters()):
                continue
            for _ in range(_PLAIN):
                operation.Case().call_and_validate()

    def _after_call(self, _context: HookContext, case: Made, response: Response) -> None:
        call = case.operation.label
        if response.request.method != case.operation.method.upper():
            return
        phase = case.meta.phase.name.value if case.meta else "probe"
        self.book.answers[call][response.status_code] += 1
        self.book.phases[call][phase] += 1
        caller, seen = self._aim.sent.pop(case.id)
        judged = Judged(caller, case, response, seen)
        for complaint in complaints(judged, self._owners):
            self.book.complain(f"{call}: {complaint}", f"{caller}: {case!r}\n{response.text[:500]}")
        if response.status_code < 300:
            self._learn(caller, case, response)

    def _learn(self, caller: str, case: Made, response: Response) -> None:
        """Keep positions and cursors to give them back."""
        try:
            body = json.loads(response.content)
        except ValueError:
            return
        if not isinstance(body, dict):
            return
        if "position" in body:
            self._aim.positions.append(body["position"])
        if body.get("next"):
            query = {**(case.query or {}), "cursor": body["next"]}
            query.pop("at_least", None)
            kept = self._aim.cursors.setdefault(case.operation.label, [])
            kept.append((dict(case.path_parameters or {}), query, caller))
            del kept[:-20]

    def _note(self, event: events.EngineEvent) -> None:
        if isinstance(event, events.ScenarioFinished):
            self._checks(event.recorder)
            cases = event.recorder.cases.values()
            self.book.followed.update(one.transition.id for one in cases if one.transition)
        elif isinstance(event, events.NonFatalError):
            self.book.complain(f"{event.label}: {event.info.title}", str(event.info))
        elif isinstance(event, events.FatalError):
            raise event.exception

    def _checks(self, recorder: ScenarioRecorder) -> None:
        for checks in recorder.checks.values():
            for check in checks:
                if check.failure_info is None:
                    continue
                failure = check.failure_info.failure
                if check.name == "negative_data_rejection" and MESSAGES in str(failure.operation):
                    continue  # taken, and dead: `judging` sees to it
                what = f"{failure.operation}: {check.name}: {failure.title}"
                self.book.complain(what, f"{failure.message}\n{check.failure_info.code_sample}")


def _schema(service: Service, seed: int, examples: int) -> BaseSchema:
    config = SchemathesisConfig(seed=seed, suppress_health_check=[HealthCheck.too_slow])
    schema = schemathesis.openapi.from_url(f"{service.base}/openapi.json", config=config)
    schema.config.update(continue_on_failure=True, request_timeout=SECONDS)
    schema.config.generation.update(
        max_examples=examples, no_shrink=True, database="none", with_security_parameters=False
    )
    # Which cursors were given out no schema says; `judging` sees to 422. A message that nobody can
    # take is taken all the same: its outcome is `dead`.
    checks = schema.config.checks
    checks.positive_data_acceptance.expected_statuses = ["2xx", "401", "403", "404", "409", "422"]
    checks.not_a_server_error.expected_statuses = ["2xx", "4xx", "503"]
    for name in ("ignored_auth", "object_level_authorization"):
        getattr(checks, name).enabled = False  # by tokens of its own; ours are in `judging`
    return schema


def _close_sessions() -> None:
    """Close what schemathesis leaves open: else it is a warning in whichever test runs later."""
    for one in gc.get_objects():
        if isinstance(one, ManagedCookiesSession):
            one.close()


@contextmanager
def _before_each(aim: Aim) -> Iterator[None]:
    hook = aim.before_call
    GLOBAL_HOOK_DISPATCHER.register_hook_with_name(hook, "before_call")
    try:
        with warnings.catch_warnings():
            # The service's threads draw from `random` while hypothesis looks at it.
            warnings.filterwarnings("ignore", "Do not use the `random` module inside strategies")
            yield
    finally:
        GLOBAL_HOOK_DISPATCHER.unregister(hook)
        _close_sessions()
