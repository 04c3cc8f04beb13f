"""The figures of `bench http` in words: a table for each kind of work, ratios, and the pages."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import Any

from bench.http_contenders import BARE, SQL
from bench.http_figures import Figure
from bench.http_pages import WANTED, FirstByte

_COLUMNS = ("answers/s", "p50 ms", "p99 ms", "client us", "server us", "database us")
_WIDTH = 12
_NAME = 26


def table(found: dict[str, Any]) -> str:
    """All of it."""
    lines = []
    best = [Figure(**one) for one in found["medians"]]
    for connections in dict.fromkeys(one.connections for one in best):
        lines.append(_head(f"{connections} connections"))
        lines += [line(one) for one in best if one.connections == connections]
        lines.append("")
    lines += [f"{name} = {ratio:.2f}" for name, ratio in found["ratios"].items()]
    pages = [FirstByte(*[one[name] for name in FirstByte._fields]) for one in found["pages"]]
    return "\n".join([*lines, "", *_pages(pages)])


def _head(name: str) -> str:
    return name.ljust(_NAME) + "".join(column.rjust(_WIDTH) for column in _COLUMNS)


def line(one: Figure) -> str:
    """One contender's figures."""
    name = f"{one.work}: {one.contender}".ljust(_NAME)
    times = f"{one.p50_ms:{_WIDTH}.2f}{one.p99_ms:{_WIDTH}.2f}"
    cpu = "".join(
        f"{used:{_WIDTH},.0f}" for used in (one.client_us, one.server_us, one.database_us)
    )
    return f"{name}{one.per_second:{_WIDTH},.0f}{times}{cpu}"


def ratios(best: Sequence[Figure]) -> dict[str, float]:
    """Ours to the bare handler and to the one statement, in answers a second."""
    by_kind = {one.kind: one for one in best}
    return {
        f"{one.work}, {one.connections}: {one.contender} / {other}": one.per_second
        / by_kind[one.work, other, one.connections].per_second
        for one in best
        if one.is_ours
        for other in (BARE, SQL)
    }


def _pages(pages: Sequence[FirstByte]) -> list[str]:
    late = [one.page for one in pages if one.ratio >= WANTED]
    answer = f"NO: {', '.join(late)}" if late else "yes"
    columns = ("bytes", "ms", "bare ms", "ratio", "at best", "CPU ratio")
    head = "first byte".ljust(_NAME) + "".join(column.rjust(_WIDTH) for column in columns)
    ready = median(one.ready for one in pages)
    return [
        head,
        *[page_line(one) for one in pages],
        f"under {WANTED:g} times a bare page: {answer}",
        f"a page that is ready: {ready:.2f} ms",
    ]


def page_line(one: FirstByte) -> str:
    """How soon one page begins."""
    figures = (one.ours, one.bare, one.ratio, one.ratio_at_best, one.ratio_of_cpu)
    times = "".join(f"{figure:{_WIDTH}.2f}" for figure in figures)
    return f"{one.page:<{_NAME}}{one.size:{_WIDTH},}{times}"
