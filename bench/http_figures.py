"""Figures of one contender's runs, and their medians."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil
from statistics import median
from typing import NamedTuple

from bench.http_contenders import Contender
from bench.http_load import Load

Kind = tuple[str, str, int]


class Figure(NamedTuple):
    """One run: answers a second, how long they took, and microseconds of CPU for each."""

    work: str
    contender: str
    connections: int
    is_ours: bool
    answers: int
    per_second: float
    p50_ms: float
    p99_ms: float
    client_us: float
    server_us: float
    database_us: float

    @property
    def kind(self) -> Kind:
        return self.work, self.contender, self.connections


def figure(one: Contender, connections: int, seen: Load, cpu: Mapping[str, float]) -> Figure:
    """What a client saw, and what the others used meanwhile."""
    took = sorted(seen.to_the_end)
    return Figure(
        one.work,
        one.name,
        connections,
        one.is_ours,
        seen.answers,
        seen.answers / seen.seconds,
        median(took) * 1e3,
        took[ceil(len(took) * 0.99) - 1] * 1e3,
        seen.cpu / seen.answers * 1e6,
        cpu["server"] / seen.answers * 1e6,
        cpu["database"] / seen.answers * 1e6,
    )


def medians(runs: Sequence[Figure]) -> list[Figure]:
    """Of all rounds of each kind, every figure on its own."""
    return [_median([run for run in runs if run.kind == kind]) for kind in _kinds(runs)]


def _kinds(runs: Sequence[Figure]) -> list[Kind]:
    return list(dict.fromkeys(run.kind for run in runs))


def _median(of_it: Sequence[Figure]) -> Figure:
    first = of_it[0]
    answers = sum(run.answers for run in of_it)
    figures = map(median, zip(*[run[5:] for run in of_it], strict=True))
    return Figure(*first.kind, first.is_ours, answers, *figures)
