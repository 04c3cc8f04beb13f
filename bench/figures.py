"""A contender's figures: medians of the rounds, their ratios to targets, and a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median
from typing import NamedTuple

PARTS = ("client", "process", "publish", "database", "broker")


class Figure(NamedTuple):
    """One run of one contender."""

    contender: str
    messages: int
    seconds: float
    cpu_us: dict[str, float]
    """Microseconds of CPU a message, by part."""
    after_warm_up: float | None = None
    """Messages a second without the first ones."""

    @property
    def per_second(self) -> float:
        return self.messages / self.seconds


class Target(NamedTuple):
    """A ratio to be reached: `ours` to `theirs`."""

    ours: str
    theirs: str
    wanted: float


class Medians(NamedTuple):
    """Of all rounds of one contender, each figure on its own; `lowest` and `highest` are rates."""

    contender: str
    messages: int
    rounds: int
    per_second: float
    lowest: float
    highest: float
    after_warm_up: float | None
    cpu_us: dict[str, float]

    @property
    def best(self) -> float:
        """The rate that a contender is judged by: after its warm-up, where it has one."""
        return self.per_second if self.after_warm_up is None else self.after_warm_up


def medians(rounds: Sequence[Figure]) -> dict[str, Medians]:
    """By contender, in the order in which they first ran."""
    names = dict.fromkeys(one.contender for one in rounds)
    return {name: _medians([one for one in rounds if one.contender == name]) for name in names}


def _medians(runs: Sequence[Figure]) -> Medians:
    rates = [run.per_second for run in runs]
    warm = [run.after_warm_up for run in runs if run.after_warm_up is not None]
    parts = [part for part in PARTS if part in runs[0].cpu_us]
    return Medians(
        runs[0].contender,
        runs[0].messages,
        len(runs),
        median(rates),
        min(rates),
        max(rates),
        median(warm) if warm else None,
        {part: median([run.cpu_us[part] for run in runs]) for part in parts},
    )


def table(found: Mapping[str, Medians]) -> str:
    """One line a contender."""
    head = ("", "messages", "messages/s", "lowest", "highest", "warm", *PARTS, "all CPU")
    rows = [_row(one) for one in found.values()]
    widths = [max(len(row[at]) for row in (head, *rows)) for at in range(len(head))]
    lines = [
        "  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])])
        for row in (head, *rows)
    ]
    return "\n".join([*lines, "", "CPU: microseconds a message, of all processes of that part"])


def _row(one: Medians) -> tuple[str, ...]:
    rates = (one.per_second, one.lowest, one.highest, one.after_warm_up)
    cpu = [one.cpu_us.get(part) for part in PARTS]
    return (
        one.contender,
        f"{one.messages:,}",
        *["-" if rate is None else f"{rate:,.0f}" for rate in rates],
        *["-" if used is None else f"{used:,.1f}" for used in cpu],
        f"{sum(one.cpu_us.values()):,.1f}",
    )


def ratios(found: Mapping[str, Medians], targets: Sequence[Target]) -> dict[str, float]:
    """`ours/theirs` by name, where both ran. Ours counts as a whole, theirs after its warm-up."""
    return {
        f"{target.ours} / {target.theirs}": found[target.ours].per_second
        / found[target.theirs].best
        for target in targets
        if target.ours in found and target.theirs in found
    }


def judged(found: Mapping[str, Medians], targets: Sequence[Target]) -> str:
    """Say of each ratio whether it is reached."""
    reached = ratios(found, targets)
    wanted = {f"{target.ours} / {target.theirs}": target.wanted for target in targets}
    lines = []
    for name, ratio in reached.items():
        answer = "yes" if ratio >= wanted[name] else "NO"
        lines.append(f"{name} = {ratio:.2f}  (to reach {wanted[name]:g}: {answer})")
    return "\n".join(lines)
