"""A document of EPCIS events into messages of the contract.

Events of one document know of each other wherever they stand in it: first what containers hold,
then the facts, then declarations of errors, then voided shipments.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from consumers.bad_message import Malformed
from consumers.epcis import captures, contents, corrections, facts
from consumers.epcis.captures import Capture
from consumers.epcis.documents import Captured, captured
from consumers.epcis.facts import Fact
from consumers.outside.memory import Does, Memory, Told
from consumers.outside.rules import EpcisRules
from consumers.outside.said import Bad, Message, Translated, message

_TYPES: dict[Does, str] = {"shipped": "ShippedFromWarehouse", "returned": "ReturnedToWarehouse"}


def translate(value: bytes | None, rules: EpcisRules, memory: Memory) -> Translated:
    """Translate a document, or one captured event. Never raises for what it holds."""
    try:
        events = captured(value)
    except Malformed as wrong:
        return Translated([], [Bad.of(wrong, value)])
    return _Document(rules, memory).translate(events)


class _Document:
    def __init__(self, rules: EpcisRules, memory: Memory) -> None:
        self._rules, self._memory = rules, memory
        self._known: dict[str, Told] = {}
        self._said: dict[int, Message] = {}
        self._bad: dict[int, Bad] = {}
        self._ignored = 0

    def translate(self, events: list[Captured]) -> Translated:
        found = [one for place, event in enumerate(events) if (one := self._read(place, event))]
        names = {name for one in found for name in (one.name, one.event_id)}
        self._known = self._memory.named(self._rules.source, names)
        new = [one for one in self._once(found) if not self._is_repeated(one)]
        stand_ins = corrections.correctives(new)
        facts_ = [one for one in new if one.kind in ("ship", "receive") and not one.event.error]
        voids = [one for one in new if one.kind == "void" and not one.event.error]
        self._each((one for one in new if one.kind == "pack"), self._pack)
        self._each((one for one in facts_ if one.event_id not in stand_ins), self._say_fact)
        self._each(
            (one for one in new if one.event.error and one.kind != "pack"),
            lambda one: self._declare(one, stand_ins),
        )
        self._each((one for one in stand_ins.values() if not self._is_told(one)), self._say_fact)
        self._each(sorted(voids, key=lambda one: (one.at, one.place)), self._void)
        messages = [self._said[place] for place in sorted(self._said)]
        return Translated(messages, [self._bad[at] for at in sorted(self._bad)], self._ignored)

    def _read(self, place: int, event: Captured) -> Capture | None:
        try:
            one = captures.read(place, event, self._rules)
        except Malformed as wrong:
            left = captures.left_of_unread(event, self._rules)
            self._bad[place] = Bad.of(captures.elsewhere(wrong, event), event.value, left)
            return None
        if one is None:
            self._ignored += 1
        return one

    def _once(self, found: list[Capture]) -> list[Capture]:
        """Leave out what a document says twice."""
        once = {(one.name, one.digest): one for one in reversed(found)}
        self._ignored += len(found) - len(once)
        return [one for one in found if once[one.name, one.digest] is one]

    def _each(self, some: Iterable[Capture], do: Callable[[Capture], None]) -> None:
        for one in some:
            try:
                do(one)
            except Malformed as wrong:
                left = captures.left_of(one, self._rules)
                told = captures.elsewhere(wrong, one.captured)
                self._bad[one.place] = Bad.of(told, one.captured.value, left)

    def _is_told(self, one: Capture) -> bool:
        told = self._known.get(one.name)
        return told is not None and told.digest == one.digest

    def _is_repeated(self, one: Capture) -> bool:
        """Say again, word for word, what was said of an event when it was captured before."""
        if not self._is_told(one):
            return False
        told = self._known[one.name]
        if told.value is None:  # another message says it, or it was no fact
            self._ignored += 1
        else:
            kind = _TYPES.get(told.does, "FactCorrected")
            said = Message(told.order_id, kind, self._rules.source, one.name, told.value)
            self._said[one.place] = said
        return True

    def _keep(self, told: Told) -> None:
        self._memory.keep(self._rules.source, told)
        self._known.setdefault(told.message_id, told)

    def _pack(self, one: Capture) -> None:
        """Remember what a container holds: it says nothing about an order yet."""
        self._ignored += 1
        packed = contents.packing(one.event)
        if packed is None:
            return
        container, does, listed = packed
        about, undoes = contents.subject(container), ""
        if one.event.error is not None:
            does, undoes = "declared", one.event_id
        self._keep(Told(one.name, one.digest, does, one.at, about, undoes=undoes, data=listed))

    def _fact(self, one: Capture) -> Fact:
        read = facts.shipped if one.kind == "ship" else facts.returned
        return read(one.event, self._rules, self._memory)

    def _say_fact(self, one: Capture) -> None:
        fact = self._fact(one)
        said = message(
            fact.type,
            order_id=fact.order_id,
            source=self._rules.source,
            message_id=one.name,
            occurred_at=one.at,
            data=fact.data,
        )
        does: Does = "shipped" if one.kind == "ship" else "returned"
        self._said[one.place] = said
        self._keep(
            Told(
                one.name,
                one.digest,
                does,
                one.at,
                fact.about,
                fact.order_id,
                root=one.name,
                data=fact.data,
                value=said.value,
            )
        )

    def _declare(self, one: Capture, stand_ins: dict[str, Capture]) -> None:
        corrective = self._corrective(one, stand_ins)
        found = corrections.declared(one, self._rules, self._memory, self._known, corrective)
        self._take(one, found)

    def _corrective(
        self, one: Capture, stand_ins: dict[str, Capture]
    ) -> tuple[Capture, Fact] | None:
        """Find the event that says what the wrong one should have said, if it is at hand."""
        ids = (one.event.error and one.event.error.corrective_ids) or []
        stand_in = stand_ins.get(ids[0]) if len(ids) == 1 else None
        if stand_in is None or self._is_told(stand_in):
            return None
        try:
            return stand_in, self._fact(stand_in)
        except Malformed:
            return None  # said of the event itself, when its turn comes

    def _void(self, one: Capture) -> None:
        self._take(one, corrections.voided(one, self._rules, self._memory))

    def _take(self, one: Capture, found: corrections.Correction) -> None:
        self._said[one.place] = found.message
        for told in found.told:
            self._keep(told)
