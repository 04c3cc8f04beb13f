"""Events that take back what was said: declarations of errors, and voided shipments.

Each becomes a FactCorrected of the message that was said first of these goods, with all that
stands from then on, so that it does not matter how many corrections there were before.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from msgspec import structs

from consumers.bad_message import Malformed
from consumers.epcis import facts
from consumers.epcis.captures import Capture
from consumers.epcis.facts import Fact
from consumers.epcis.reading import an_id, required_id
from consumers.epcis.standing import Data, Standing, holds_all, standing, without
from consumers.epcis.units import Item, items
from consumers.outside.memory import Does, Memory, Told
from consumers.outside.rules import EpcisRules
from consumers.outside.said import Message, message

_TYPES: dict[Does, str] = {
    "shipped": "ShippedFromWarehouse",
    "returned": "ReturnedToWarehouse",
    "voided": "FactCorrected",
}
_KINDS = {
    "ship": "ShippedFromWarehouse",
    "receive": "ReturnedToWarehouse",
    "void": "FactCorrected",
}


class Correction(NamedTuple):
    """A correction, and what is to be remembered of it."""

    message: Message
    told: list[Told]


class _Declared(NamedTuple):
    """The event that is declared to be wrong, as far as it is known."""

    type: str
    order_id: str
    root: str
    about: str


def correctives(captures: Iterable[Capture]) -> dict[str, Capture]:
    """Find the facts that stand in for an event which is declared to be wrong beside them.

    Only one alone can: of several none is what the event should have said.
    """
    found = list(captures)
    named = {
        ids[0]
        for one in found
        if one.event.error is not None and len(ids := one.event.error.corrective_ids or []) == 1
    }
    return {
        one.event_id: one
        for one in found
        if one.event_id in named and one.event.error is None and one.kind in ("ship", "receive")
    }


def declared(
    one: Capture,
    rules: EpcisRules,
    memory: Memory,
    known: Mapping[str, Told],
    corrective: tuple[Capture, Fact] | None,
) -> Correction:
    """Correct the event that a declaration names: by a corrective event at hand, or to nothing.

    Raises Malformed.
    """
    event = _declared_event(one, rules, known)
    told_before = memory.about(rules.source, event.about) if event.about else []
    before = standing(told_before).get(event.root)
    at = _time_of(one.at, before)
    told = [_told(one, "declared", at, event, undoes=one.event_id)]
    data = None
    if event.type == "FactCorrected":
        after = standing([*told_before, *told]).get(event.root)
        data = after.data if after is not None else None
    elif corrective is not None and _fits(corrective[1], event):
        stand_in, fact = corrective
        data = fact.data
        about = event._replace(about=fact.about)
        told.append(_told(stand_in, "spoken_for", at, about, data=data))
    said = _corrected(one, rules, event.order_id, event.root, at, data)
    return Correction(said, _with_value(told, said))


def _declared_event(one: Capture, rules: EpcisRules, known: Mapping[str, Told]) -> _Declared:
    before = known.get(one.event_id)
    if before is not None and before.root:
        kind = _TYPES.get(before.does, _KINDS[one.kind])
        return _Declared(kind, before.order_id, before.root, before.about)
    # Said elsewhere, or not yet: the declaration repeats the event, so that it can be read here.
    order_id = required_id(one.event, rules.order_id, "order_id")
    return _Declared(_KINDS[one.kind], order_id, one.event_id, _about(one, rules))


def _about(one: Capture, rules: EpcisRules) -> str:
    if one.kind == "receive":
        return_id = an_id(one.event, rules.return_id, "return_id")
        return f"return/{return_id}" if return_id else ""
    shipment_id = an_id(one.event, rules.shipment_id, "shipment_id")
    return facts.shipment(shipment_id) if shipment_id else ""


def _fits(fact: Fact, event: _Declared) -> bool:
    return (fact.type, fact.order_id) == (event.type, event.order_id)


def voided(one: Capture, rules: EpcisRules, memory: Memory) -> Correction:
    """Correct the shipment that a void_shipping is about: by what is left of it, or to nothing.

    Raises Malformed, also where it cannot be known which message is meant.
    """
    shipment_id = required_id(one.event, rules.shipment_id, "shipment_id")
    order_id = an_id(one.event, rules.order_id, "order_id")
    gone = items(one.event, rules, memory)
    about = facts.shipment(shipment_id)
    known = standing(memory.about(rules.source, about)).values()
    before = [one_of for one_of in known if order_id in (None, one_of.order_id)]
    meant = _meant([stands for stands in before if stands.since <= one.at], gone, shipment_id)
    at = _time_of(one.at, meant)
    data = None if gone is None or meant.data is None else without(meant.data, gone)
    event = _Declared("FactCorrected", meant.order_id, meant.root, about)
    said = _corrected(one, rules, meant.order_id, meant.root, at, data)
    gone_data = None if gone is None else {"items": gone}
    told = [_told(one, "voided", at, event, data=gone_data)]
    return Correction(said, _with_value(told, said))


def _meant(known: list[Standing], gone: list[Item] | None, shipment_id: str) -> Standing:
    """Choose the shipping message that is voided: the one that stands and holds these units."""
    stand = [one for one in known if one.data is not None]
    if not stand:
        detail = f"no event that ships {shipment_id} was captured before, or it was voided"
        raise Malformed("bizStep", "nothing_to_void", detail)
    if gone is not None:
        hold = [one for one in stand if one.data is not None and holds_all(one.data, gone)]
        if not hold:
            detail = f"voids more than was shipped as {shipment_id}"
            raise Malformed("epcList", "more_than_shipped", detail)
        stand = hold
    if len(stand) > 1:
        detail = (
            f"{len(stand)} events ship {shipment_id}, and it may mean any of them;"
            " declare an error of the one that is meant"
        )
        raise Malformed("bizStep", "ambiguous", detail)
    return stand[0]


def _time_of(at: int, before: Standing | None) -> int:
    """Of several corrections the latest counts: each must be later than those before it."""
    if before is None or before.corrected_at is None:
        return at
    return max(at, before.corrected_at + 1)


def _corrected(  # noqa: PLR0913, PLR0917 - what a correction says
    one: Capture, rules: EpcisRules, order_id: str, root: str, at: int, data: Data | None
) -> Message:
    said: dict[str, Any] = {"corrects": {"source": rules.source, "id": root}}
    if data is not None:
        said["data"] = data
    return message(
        "FactCorrected",
        order_id=order_id,
        source=rules.source,
        message_id=one.name,
        occurred_at=at,
        data=said,
    )


def _told(  # noqa: PLR0913 - what is remembered of an event
    one: Capture,
    does: Does,
    at: int,
    event: _Declared,
    *,
    undoes: str = "",
    data: dict[str, Any] | None = None,
) -> Told:
    return Told(
        one.name, one.digest, does, at, event.about, event.order_id, event.root, undoes, data
    )


def _with_value(told: list[Told], said: Message) -> list[Told]:
    """The first of them is what the message says."""
    first, *others = told
    return [structs.replace(first, value=said.value), *others]
