"""`simulate --live`: run a reacting world until every order's life has ended; say what happened."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from runtime import settings
from runtime.cli_answers import UNAVAILABLE, USED_WRONGLY, fail
from runtime.settings import Settings
from runtime.world import standing
from runtime.world.habits import SHARES, Habits, World, with_troubles
from runtime.world.supervisor import Live, OtherWorld, ProcessFailed

LOOK_SECONDS = 0.5
SHORTEST = {
    "stop_deadline": 4.0,
    "refusal_deadline": 15.0,
    "return_deadline": 15.0,
    "rest_deadline": 6.0,
    "case_deadline": 4.0,
    "payment_deadline": 6.0,
    "payment_retry_longest": 3.0,
}
"""Seconds that each deadline has at least, however fast a world is."""
SHORTEST_HOLD = 15.0
SHORTEST_RETRY = 0.5
FOREVER = float("inf")


class Limits(NamedTuple):
    """When to end, in seconds."""

    longest: float = FOREVER
    """Whatever has not ended then."""
    patience: float = 30.0
    """After the goods have come to rest, for the money and for cases, from the last that ended."""


def world_of(seed: int, orders: int, tempo: dict[str, float], shares: dict[str, float]) -> World:
    """Make a world of the command line's words. Fails with a clear word where it cannot be.

    `tempo` has its `speed` and `per_day`, and its `troubles`: the share of every fault that
    `shares` does not name.
    """
    tempo = dict(tempo)
    troubles = with_troubles(tempo.pop("troubles"))
    for name in shares:
        if name not in SHARES:
            then = f"There are {', '.join(SHARES)}."
            fail(f"There is no share {name}.", then, USED_WRONGLY)
    try:
        return World(seed=seed, orders=orders, habits=Habits(**(troubles | shares)), **tempo)
    except ValueError as error:
        fail(f"Such a world cannot be: {error}.", "Give other numbers.", USED_WRONGLY)


def default_folder(loaded: Settings, world: World) -> Path:
    return loaded.data_dir / f"world-{world.seed}"


def at_the_pace_of(speed: float, loaded: Settings) -> Settings:
    """Make the service's deadlines as short as a world's time is fast.

    No shorter than what a busy machine needs to answer: what is asked is never late at once.
    """
    hours = {name: getattr(loaded, name) / speed for name in SHORTEST}
    short = {name: max(SHORTEST[name] / 3_600, hours[name]) for name in SHORTEST}
    hold = max(SHORTEST_HOLD / 86_400, loaded.maximum_hold / speed)
    first = max(SHORTEST_RETRY / 60, loaded.payment_retry_first / speed)
    return loaded.model_copy(update={**short, "maximum_hold": hold, "payment_retry_first": first})


def settings_lines(speed: float, loaded: Settings) -> list[str]:
    """Those deadlines as lines of a `.env` file, for a service that meets a world so fast."""
    written = settings.written(at_the_pace_of(speed, loaded))
    names = [*SHORTEST, "payment_retry_first", "maximum_hold"]
    return [f"{settings.PREFIX}{name.upper()}={float(written[name]):.6f}" for name in names]


def run(
    world: World,
    folder: Path,
    loaded: Settings,
    limits: Limits,
    moved: Callable[[int], None],
) -> dict[str, Any]:
    """Let a world live; `moved` hears how many orders are settled. Returns its summary."""
    began = time.monotonic()
    try:
        with Live(world, folder, loaded) as live:
            ended = wait_for_the_end(live, limits, moved)
            restarts = live.restarts
    except OtherWorld as error:
        fail(f"{error}.", "Remove that folder, or choose another --seed.", USED_WRONGLY)
    except ProcessFailed as error:
        fail(f"The world cannot go on: {error}.", "See that Kafka runs.", UNAVAILABLE)
    told = standing.summary(world, folder)
    seconds = round(time.monotonic() - began, 1)
    return {"ended": ended, "seconds": seconds, **told, "restarts": restarts}


def wait_for_the_end(live: Live, limits: Limits, moved: Callable[[int], None]) -> bool:
    """Return when every life has ended, or nothing more is to be hoped for; False: by the limit."""
    now = began = time.monotonic()
    last = (now, 0)
    while now - began < limits.longest:
        live.see_that_all_run()
        stands = live.standing()
        moved(stands.settled)
        if stands.is_over:
            return True
        if not stands.at_rest or stands.settled != last[1]:
            last = (now, stands.settled)
        if now - last[0] > limits.patience:
            return True
        time.sleep(LOOK_SECONDS)
        now = time.monotonic()
    return False
