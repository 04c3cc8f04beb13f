"""The reacting world: what its programs do, on a clock that jumps, and how all of it ends."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from domain.late_cancellation import Terms
from runtime.world import standing
from runtime.world.habits import DAY, TROUBLES, Habits, World, with_troubles
from runtime.world.wire import heard
from tests.support.ended_well import Ends, ends, judge
from tests.support.postgres import in_memory
from tests.support.reacting import InMemory

ORDERS = 150
LONG = 110 * DAY


def lived(world: World, folder: Path, crashes: float = 0) -> InMemory:
    living = InMemory(world, folder, Terms(), crashes)
    living.run(LONG)
    return living


def ended(living: InMemory) -> Ends:
    return ends(living.core.orders.values(), living.core.processes)


@pytest.fixture
def folder() -> Iterator[Path]:
    """Where books are written fast."""
    with TemporaryDirectory(prefix="cm-world-", dir=in_memory()) as name:
        yield Path(name)


@pytest.mark.parametrize("seed", [1, 2])
def test_where_nothing_goes_wrong_no_case_is_left(seed: int, folder: Path) -> None:
    world = World(seed=seed, orders=ORDERS, speed=1.0)

    living = lived(world, folder)

    found = ended(living)
    judge(found, standing.paid(folder), most_waiting=0)
    assert standing.look(world, folder).is_over
    assert found.units["stopped"] > 20
    assert found.units["back"] > 20
    assert found.units["lapsed"] == 0


def test_where_everything_goes_wrong_now_and_then_few_cases_are_left(folder: Path) -> None:
    world = World(seed=3, orders=300, speed=1.0, habits=Habits(**with_troubles(0.05)))

    living = lived(world, folder, crashes=0.02)

    judge(ended(living), standing.paid(folder), most_waiting=0.1)
    assert living.killed > 100
    assert set(standing.summary(world, folder)["faults"]) == {"refusals", *TROUBLES}


def test_a_world_whose_programs_are_killed_tells_the_same_messages(folder: Path) -> None:
    """But for times and repeats: each message has the id of its cause, and its words."""
    world = World(seed=4, orders=60, speed=1.0)
    (folder / "quiet").mkdir()
    (folder / "killed").mkdir()

    quiet = lived(world, folder / "quiet")
    killed = lived(world, folder / "killed", crashes=0.05)

    assert killed.killed > 50
    assert words(killed) == words(quiet)


def test_a_message_that_is_told_again_has_the_same_bytes(folder: Path) -> None:
    world = World(seed=5, orders=60, speed=1.0, habits=Habits(**with_troubles(0.1)))

    living = lived(world, folder, crashes=0.05)

    values: dict[tuple[str, str], set[bytes]] = {}
    for said in living.told:
        message = heard(said.channel, said.value, ())
        values.setdefault((message.source, message.id), set()).add(said.value)
    assert len(living.told) > len(values), "some were told again"
    assert {identity: len(some) for identity, some in values.items() if len(some) > 1} == {}


def words(living: InMemory) -> set[tuple[str, str, str, str]]:
    told = (heard(said.channel, said.value, ()) for said in living.told)
    return {(one.type, one.source, one.id, str(one.data)) for one in told}
