"""The bars below a story: each parcel on its way, each refund from being held to being paid."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from domain import events as ev
from domain import process_events as pr
from web.pages.story_marks import Mark
from web.pages.story_scale import LEFT, Scale

_MOST = 5
"""Bars of each sort."""
_ROW = 30
_NAME = 14
"""Characters of a name."""
_ON_ITS_WAY = {
    ev.Delivered: ("c-keep", "taken"),
    ev.DeliveryRejected: ("c-back", "refused"),
    ev.LostInTransit: ("c-wait", "lost"),
    ev.ReturnedToWarehouse: ("c-back", "back"),
}
_OF_MONEY = {
    ev.RefundRequested: ("c-held", "asked"),
    ev.RefundIssued: ("c-paid", "paid"),
    ev.RefundFailed: ("c-wait", "not paid"),
}
_MONEY = (
    pr.RefundHeld,
    pr.RefundRetried,
    ev.RefundRequested,
    ev.RefundIssued,
    ev.RefundFailed,
)


class Stretch(NamedTuple):
    """A part of a bar; `tone` `gh` for what is not known yet."""

    start: float
    end: float
    tone: str


class Bar(NamedTuple):
    """One parcel, or one refund."""

    sort: str
    name: str
    y: int
    stretches: tuple[Stretch, ...]
    end: float
    word: str
    """How it ended, as far as is known."""
    is_known: bool


class _Group(NamedTuple):
    """The marks of one bar, by what is drawn on it."""

    sort: str
    name: str
    marks: list[Mark]
    is_cut: bool
    """Whether what is drawn begins in the middle of the story."""


def bars(
    shown: Sequence[Mark], found: Scale, cursor: float | None, top: int, *, is_cut: bool
) -> tuple[tuple[Bar, ...], int]:
    """The bars of what is drawn, and how many more there would be."""
    told: list[Bar] = []
    left_out = 0
    for sort, groups in (("Parcels", _parcels(shown)), ("Money", _refunds(shown))):
        left_out += max(0, len(groups) - _MOST)
        for name, group in list(groups.items())[:_MOST]:
            y = top + _ROW * len(told) + (16 if sort == "Money" else 0)
            told.append(_bar(_Group(sort, _name(name, group), group, is_cut), y, found, cursor))
    return tuple(told), left_out


def _parcels(shown: Iterable[Mark]) -> dict[str, list[Mark]]:
    groups: dict[str, list[Mark]] = {}
    for mark in shown:
        shipment = getattr(mark.entry.event, "shipment_id", None)
        if shipment is not None:
            groups.setdefault(shipment, []).append(mark)
    return groups


def _refunds(shown: Iterable[Mark]) -> dict[str, list[Mark]]:
    groups: dict[str, list[Mark]] = {}
    for mark in shown:
        event = mark.entry.event
        if isinstance(event, _MONEY):
            groups.setdefault(event.refund_id, []).append(mark)
    return groups


def _bar(group: _Group, y: int, found: Scale, cursor: float | None) -> Bar:
    ways = _ON_ITS_WAY if group.sort == "Parcels" else _OF_MONEY
    ordered = sorted(group.marks, key=lambda mark: mark.occurred)
    xs = [found.spots[mark.number] for mark in ordered]
    known = [mark for mark in ordered if mark.is_known]
    stretches = _before(group, ordered[0], xs[0], ways)
    for place, mark in enumerate(ordered[1:], 1):
        tone, _ = ways.get(type(mark.entry.event), ("c-wait", ""))
        start, end = xs[place - 1], xs[place]
        if mark.is_known:
            stretches.append(Stretch(start, end, tone))
            continue
        until = min(end, max(start, cursor or end)) if ordered[place - 1].is_known else start
        stretches += [Stretch(start, until, tone), Stretch(until, end, "gh")]
    word = ways.get(type(known[-1].entry.event), ("", ""))[1] if known else "later"
    end = max(xs[-1], LEFT)
    drawn = tuple(one for one in stretches if one.end > one.start)
    return Bar(group.sort, _short(group.name), y, drawn, end, word, len(known) == len(ordered))


def _before(
    group: _Group, first: Mark, x: float, ways: Mapping[Any, tuple[str, str]]
) -> list[Stretch]:
    """What had begun before the part that is drawn."""
    if not group.is_cut or isinstance(first.entry.event, ev.ShippedFromWarehouse | pr.RefundHeld):
        return []
    tone, _ = ways.get(type(first.entry.event), ("c-wait", ""))
    return [Stretch(LEFT, x, tone if first.is_known else "gh")]


def _name(group_id: str, group: Sequence[Mark]) -> str:
    """A parcel by its number, a refund by its amount."""
    for mark in group:
        for word in (" held", " asked", " asked again", " paid"):
            if mark.label.endswith(word) and isinstance(mark.entry.event, _MONEY):
                return mark.label.removesuffix(word)
    return group_id


def _short(name: str) -> str:
    return name if len(name) <= _NAME else f"{name[: _NAME - 1]}…"
