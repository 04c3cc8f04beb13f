"""Which warehouse facts count, once corrections are applied.

A correction names the message that it corrects and may come before it. Nothing is ever taken out
of the log: the corrected fact is worked out anew from the set of messages each time.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, get_args

from msgspec.structs import replace

from domain.discrepancies import Discrepancy
from domain.events import (
    CancellationConfirmed,
    Delivered,
    DeliveryRejected,
    Event,
    FactCorrected,
    LostInTransit,
    MessageSetAside,
    ReleasedToWarehouse,
    ReturnedToWarehouse,
    ShippedFromWarehouse,
    StopRefused,
    WarehouseFact,
)
from domain.items import CorrectedData, Item

WAREHOUSE_FACTS: frozenset[type[Event]] = frozenset(get_args(WarehouseFact))
_BY_NAME = {kind.__name__: kind for kind in WAREHOUSE_FACTS}
_REQUIRED: dict[type[Event], tuple[str, ...]] = {
    ReleasedToWarehouse: ("warehouse_id",),
    CancellationConfirmed: ("cancellation_id", "confirmed_by"),
    StopRefused: ("cancellation_id", "reason"),
    ShippedFromWarehouse: ("shipment_id", "items"),
    Delivered: ("shipment_id",),
    DeliveryRejected: ("shipment_id",),
    ReturnedToWarehouse: ("return_id", "items"),
    LostInTransit: ("shipment_id",),
}
_NONE: frozenset[tuple[str, str]] = frozenset()
_IDS = ("cancellation_id", "shipment_id", "return_id")

Key = tuple[str, str]


class Counted(NamedTuple):
    """A fact that counts, with the place (index among the order's events) of its message."""

    place: int
    fact: WarehouseFact


class Effective(NamedTuple):
    """The facts that count, in the order in which their messages were recorded."""

    facts: tuple[Counted, ...]
    resolved_letters: frozenset[Key]
    discrepancies: tuple[Discrepancy, ...]


def effective_facts(order_id: str, events: Sequence[Event]) -> Effective:
    """Apply every correction to the message that it names."""
    corrections = [event for event in events if type(event) is FactCorrected]
    if not corrections:
        return Effective(_uncorrected(events), _NONE, ())
    return _Corrections(order_id, events, corrections).apply()


def _uncorrected(events: Sequence[Event]) -> tuple[Counted, ...]:
    return tuple(
        [
            Counted(place, event)  # type: ignore[arg-type]  # its type was looked up just now
            for place, event in enumerate(events)
            if type(event) in WAREHOUSE_FACTS
        ]
    )


class _Verdict(NamedTuple):
    """What a message should have said; no data: it should not have been sent."""

    data: CorrectedData | None


def _key(event: Event) -> Key:
    return (event.source, event.message_id)


class _Corrections:
    """One pass over the corrections of one order."""

    def __init__(
        self, order_id: str, events: Sequence[Event], corrections: list[FactCorrected]
    ) -> None:
        self._order_id = order_id
        self._events = events
        self._targets: dict[Key, Event] = {}
        self._of: dict[Key, list[FactCorrected]] = {}
        self._discrepancies: list[Discrepancy] = []
        for event in events:
            self._remember(event)
        for correction in corrections:
            target = (correction.corrects_source, correction.corrects_id)
            self._of.setdefault(target, []).append(correction)

    def _remember(self, event: Event) -> None:
        key = (event.source, event.message_id)
        # A dead letter does not claim its id: a message that was recorded under it goes first.
        if type(event) is not MessageSetAside:
            self._targets[key] = event
        else:
            self._targets.setdefault(key, event)

    def apply(self) -> Effective:
        facts: list[Counted] = []
        resolved: set[Key] = set()
        for place, event in enumerate(self._events):
            key = (event.source, event.message_id)
            if self._targets[key] is not event:
                continue
            if type(event) is MessageSetAside:
                facts += self._from_letter(place, event, resolved)
            elif type(event) in WAREHOUSE_FACTS:
                facts += self._from_fact(place, event)
        self._note_idle_corrections()
        return Effective(tuple(facts), frozenset(resolved), tuple(self._discrepancies))

    def _from_fact(self, place: int, fact: Event) -> list[Counted]:
        verdict = self._verdict(fact, type(fact))
        if verdict is None:
            return [Counted(place, fact)]  # type: ignore[arg-type]  # a warehouse fact
        if verdict.data is None:
            return []
        return [Counted(place, corrected(type(fact), fact, verdict.data))]

    def _from_letter(
        self, place: int, letter: MessageSetAside, resolved: set[Key]
    ) -> list[Counted]:
        kind = _BY_NAME.get(letter.type)
        verdict = None if kind is None else self._verdict(letter, kind)
        if kind is None or verdict is None:
            return []
        resolved.add((letter.source, letter.message_id))
        if verdict.data is None:
            return []
        return [Counted(place, corrected(kind, letter, verdict.data))]

    def _verdict(self, root: Event, kind: type[Event]) -> _Verdict | None:
        """What the corrections of `root` come to; none: nothing corrects it.

        Worked out from the last link of each chain back to the root, without recursion: a
        producer may send a chain as long as it likes.
        """
        chain = self._below(root)
        verdicts: dict[Key, _Verdict] = {}
        for correction in reversed(chain):
            over = self._greatest(_key(correction), verdicts)
            if over is None:
                if correction.data is None or fits(kind, correction.data, self._order_id):
                    verdicts[_key(correction)] = _Verdict(correction.data)
            elif over.data is not None:
                verdicts[_key(correction)] = over
            # else: its own correction says that it should not have been sent
        return self._greatest(_key(root), verdicts)

    def _below(self, root: Event) -> list[FactCorrected]:
        """Every correction of `root`, of its corrections, and so on, by the root's own source."""
        found: list[FactCorrected] = []
        found += self._of.get(_key(root), ())
        for correction in found:
            found += self._of.get(_key(correction), ())
        return [correction for correction in found if correction.source == root.source]

    def _greatest(self, key: Key, verdicts: dict[Key, _Verdict]) -> _Verdict | None:
        """Of several corrections of one message, the greatest (time, id) counts."""
        standing = [c for c in self._of.get(key, ()) if _key(c) in verdicts]
        if not standing:
            return None
        newest = max(standing, key=lambda c: (c.occurred_at, c.message_id))
        if len(standing) > 1:
            self._discrepancies.append(
                Discrepancy.of(newest, "several_corrections", "of several, this one counts")
            )
        return verdicts[_key(newest)]

    def _note_idle_corrections(self) -> None:
        for key, corrections in self._of.items():
            target = self._root(key)
            if target is None:
                continue  # it waits for what it corrects
            for correction in corrections:
                why = self._idle(correction, target)
                if why:
                    self._discrepancies.append(
                        Discrepancy.of(correction, "correction_without_effect", why)
                    )

    def _root(self, key: Key) -> Event | None:
        """The message at the end of a chain of corrections; none while it is not known."""
        seen: set[Key] = set()
        target = self._targets.get(key)
        while type(target) is FactCorrected:
            if key in seen:
                return target
            seen.add(key)
            key = (target.corrects_source, target.corrects_id)
            target = self._targets.get(key)
        return target

    def _idle(self, correction: FactCorrected, root: Event) -> str | None:
        kind = _BY_NAME.get(root.type) if type(root) is MessageSetAside else type(root)
        if kind not in WAREHOUSE_FACTS:
            return "only a fact of a warehouse can be corrected"
        if correction.source != root.source:
            return "only the source of a message can correct it"
        if correction.data is not None and correction.data.order_id not in (None, self._order_id):
            return "its data are those of another order"
        if correction.data is not None and not fits(kind, correction.data, self._order_id):
            return f"its data are not those of {kind.__name__}"
        return None


def fits(kind: type[Event], data: CorrectedData, order_id: str) -> bool:
    """Whether `data` are complete data of `kind`, of this order, and of no other type."""
    if data.order_id not in (None, order_id):
        return False
    fields = kind.__struct_fields__
    if any(getattr(data, name) is None for name in _REQUIRED[kind]):
        return False
    if any(getattr(data, name) is not None and name not in fields for name in _IDS):
        return False
    if kind is DeliveryRejected:
        return data.kind in (None, "refused", "unclaimed", "undeliverable")
    return kind is not CancellationConfirmed or data.confirmed_by in ("warehouse", "seller")


def corrected(kind: type[Event], message: Event, data: CorrectedData) -> WarehouseFact:
    """The fact that `message` should have been; it keeps the message's identity and times."""
    values = {
        name: getattr(data, name)
        for name in kind.__struct_fields__
        if name in CorrectedData.__struct_fields__
    }
    if "items" in values and kind is not ReturnedToWarehouse and data.items is not None:
        values["items"] = tuple(Item(item.line_id, item.quantity) for item in data.items)
    if type(message) is kind:
        return replace(message, **values)  # type: ignore[return-value]
    return kind(  # type: ignore[return-value]  # `fits` has seen to it
        occurred_at=message.occurred_at,
        recorded_at=message.recorded_at,
        source=message.source,
        message_id=message.message_id,
        **values,
    )
