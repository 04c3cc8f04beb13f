"""Runs races really over HTTP: three tokens, three servers of one database.

`python -m tests.support.race_track 1000` runs so many, and says in which orders they were run.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Barrier
from typing import Any, NamedTuple
from uuid import UUID

import httpx

from application.event_store import stream_id
from application.migrations import migrate
from consumers.intake import clock
from domain.events import Event
from projections import order_information
from runtime import embedded
from tests.support import racing
from tests.support.chasing import Clock, follow_all, runner
from tests.support.identity import AUDIENCE, provider
from tests.support.racing import CANCEL, Race
from tests.support.steering import Turns, steered
from tests.support.web import Api, api_of
from web.security.auth import Auth, Oidc

LANES = 2
"""Races that run beside each other."""
_WHO = "12S"
"""The two sessions, and the warehouse that has shipped."""
_STRUCTURED = {"content-type": "application/cloudevents+json"}
_LONGEST = 120
_HOURS = 3 * 3_600
Told = tuple[int, dict[str, Any]]


class Ran(NamedTuple):
    """A race, and what came of it."""

    race: Race
    told: tuple[Told, Told]
    """What the two sessions were answered: status and body."""
    events: list[Event]
    """The order's, right after it."""
    shown: dict[str, Any]
    """Order Information, right after it."""
    at_last: dict[str, Any]
    """Order Information when parcels that were not wanted are back."""

    def wrong(self) -> list[str]:
        """What is not as the events say; nothing if all is well."""
        line, last = self.shown["lines"][0], self.at_last["lines"][0]
        due = racing.groups(self.race, self.events)
        pairs = {
            "told": (sorted(map(racing.seen, self.told)), racing.due(self.race, self.events)),
            "groups": ({name: line[name] for name in due}, due),
            "refunds": (racing.refunds_of(self.at_last), racing.refunds_due(self.race)),
            "left": (last["remaining"], int(self.race.kind == "delivered")),
        }
        return [
            f"{self.race.order_id} {racing.order_of(self.events)}: {name} {seen}, not {wanted}"
            for name, (seen, wanted) in pairs.items()
            if seen != wanted
        ]


class _Track(NamedTuple):
    """A client for each of the three, with a connection of its own to a server of its own."""

    first: httpx.Client
    second: httpx.Client
    warehouse: httpx.Client


@contextmanager
def _tracks(url: str, turns: dict[UUID, Turns]) -> Iterator[Callable[[], _Track]]:
    with ExitStack() as stack:
        identity = stack.enter_context(provider())
        auth = Auth("oidc", Oidc(identity.issuer, AUDIENCE))
        stores = [stack.enter_context(steered(url, who, turns)) for who in _WHO]
        servers = [stack.enter_context(api_of(url, auth=auth, store=store)) for store in stores]
        until: dict[str, Any] = {"exp": int(time.time()) + _HOURS}  # however slow this machine is
        tokens = (
            identity.token(sid="on the phone", **until),
            identity.token(sid="at the desk", **until),
            identity.token(sub="w", roles=["warehouse"], warehouse_id="W1", **until),
        )

        def client(server: Api, token: str) -> httpx.Client:
            base, headers = server.client.base_url, {"Authorization": f"Bearer {token}"}
            return stack.enter_context(
                httpx.Client(base_url=base, headers=headers, timeout=_LONGEST)
            )

        yield lambda: _Track(*map(client, servers, tokens))


def run(url: str, count: int) -> list[Ran]:
    """Run so many races on a migrated database, and bring the parcels home."""
    every = racing.races(count)
    with api_of(url) as api:
        api.given(*[said for race in every for said in racing.before(race)])
        told = _run(url, every)
        events = _events(api, every)
        shown = _shown(api, every)
        api.given(*[said for race in every for said in racing.after(race)])
        follow_all(runner(api.store, Clock(clock())))
        at_last = _shown(api, every)
    return list(map(Ran, every, told, events, shown, at_last))


def _events(api: Api, every: Sequence[Race]) -> list[list[Event]]:
    streams = [stream_id(race.order_id) for race in every]
    found = api.store.load(streams)
    return [[event for _, event in found[stream]] for stream in streams]


def _shown(api: Api, every: Sequence[Race]) -> list[dict[str, Any]]:
    api.until_seen()
    with api.store.connection() as conn:
        return order_information.many(conn, [race.order_id for race in every])


def _run(url: str, every: Sequence[Race]) -> list[tuple[Told, Told]]:
    turns = {stream_id(race.order_id): Turns(race.turns) for race in every if race.turns}
    told: dict[int, tuple[Told, Told]] = {}
    # First all have ended, then what they ask by is closed, also where one of them failed.
    with _tracks(url, turns) as track, ThreadPoolExecutor(3 * LANES) as pool:
        lanes = [_lane(pool, _Lane(every[lane::LANES], turns), track()) for lane in range(LANES)]
        for lane, finished in enumerate(lanes):
            told |= dict(zip(range(lane, len(every), LANES), finished(), strict=True))
    return [told[number] for number in range(len(every))]


class _Lane:
    """Races that are run one after the other. In steered ones each says when it has its answer."""

    def __init__(self, races: Sequence[Race], turns: dict[UUID, Turns]) -> None:
        self._races = races
        self._turns = turns
        self._start = Barrier(len(_WHO), timeout=_LONGEST)

    def started(self) -> Iterator[tuple[Race, Callable[[str], None]]]:
        """Each race when all three are there, and what is called when somebody is done."""
        for race in self._races:
            self._start.wait()
            turns = self._turns.get(stream_id(race.order_id))
            yield race, turns.over if turns else lambda _: None

    def end_all(self, one: Future[Any]) -> None:
        """Let nobody wait for one who failed."""
        if one.exception() is not None:
            self._start.abort()


def _lane(
    pool: ThreadPoolExecutor, lane: _Lane, track: _Track
) -> Callable[[], list[tuple[Told, Told]]]:
    first = pool.submit(_session, lane, track.first, _WHO[0])
    second = pool.submit(_session, lane, track.second, _WHO[1])
    shipping = pool.submit(_ship, lane, track.warehouse)
    for one in (first, second, shipping):
        one.add_done_callback(lane.end_all)

    def finished() -> list[tuple[Told, Told]]:
        for one in as_completed((first, second, shipping)):
            one.result()  # who failed first says why
        return list(zip(first.result(), second.result(), strict=True))

    return finished


def _session(lane: _Lane, client: httpx.Client, who: str) -> list[Told]:
    told = []
    for race, over in lane.started():
        address = f"/api/v1/orders/{race.order_id}/cancellations"
        key = {"Idempotency-Key": f"{race.order_id}-{who}"}
        answer = client.post(address, json=CANCEL, headers=key)
        over(who)
        told.append((answer.status_code, answer.json()))
    return told


def _ship(lane: _Lane, client: httpx.Client) -> None:
    for race, over in lane.started():
        for who, fact in zip("SD", racing.facts(race), strict=False):
            client.post("/api/v1/messages", json=fact, headers=_STRUCTURED).raise_for_status()
            over(who)


def main(words: list[str]) -> int:
    """Run as many as are asked for; 1: something was wrong."""
    count = int(words[0]) if words else 1_000
    with TemporaryDirectory(prefix="cm-") as folder, embedded.start(Path(folder)) as server:
        migrate(server.url)
        ran = run(server.url, count)
    wrong = [one for each in ran for one in each.wrong()]
    for race, times in sorted(Counter(map(_name, ran)).items()):
        print(f"{times:6,}  {race}")  # noqa: T201
    print(*wrong, f"{count:,} races, {len(wrong)} wrong", sep="\n")  # noqa: T201
    return 1 if wrong else 0


def _name(one: Ran) -> str:
    how = "steered" if one.race.turns else "free"
    return f"{how:8} {one.race.kind:14} {racing.order_of(one.events)}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
