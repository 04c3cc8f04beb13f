"""A carrier's message, or a list of statuses, into messages of the contract.

A message is named after what it says, not after its delivery: the same outcome of the same parcel
at the same time is one message, however often and in whichever list it is sent.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, NamedTuple

import msgspec

from consumers.bad_message import Left, Malformed
from consumers.carriers import statuses
from consumers.carriers.statuses import Status
from consumers.outside import bounded
from consumers.outside.bounded import JsonObject
from consumers.outside.rules import CarrierRules
from consumers.outside.said import Bad, Message, Translated, message
from consumers.times import to_rfc3339

_TYPES = {
    "delivered": "Delivered",
    "lost": "LostInTransit",
    "refused": "DeliveryRejected",
    "unclaimed": "DeliveryRejected",
    "undeliverable": "DeliveryRejected",
}
LONGEST_NAME = 200
"""Characters of a message's id, before a digest stands for it."""


class _Part(NamedTuple):
    value: bytes
    path: str


def translate(value: bytes | None, rules: CarrierRules) -> Translated:
    """Translate a message, or a list of them. Never raises for what it holds."""
    try:
        parts = list(_parts(value, rules))
    except Malformed as wrong:
        return Translated([], [Bad.of(wrong, value)])
    messages, bad, ignored = [], [], 0
    for part in parts:
        left = Left(source=rules.source)
        try:
            said = bounded.whole(part.value, "value")
            left = _left(said, rules)
            one = _message(said, rules)
        except Malformed as wrong:
            bad.append(Bad.of(_elsewhere(wrong, part), part.value, left))
            continue
        if one is None:
            ignored += 1
        else:
            messages.append(one)
    return Translated(messages, bad, ignored)


def _parts(value: bytes | None, rules: CarrierRules) -> Iterator[_Part]:
    document = bounded.checked_size(value)
    if document.lstrip()[:1] == b"[":
        bounded.refuse_duplicates(document, found := bounded.elements(document, "value"))
        yield from (_Part(one, f"[{place}]") for place, one in enumerate(found))
        return
    for path in rules.lists:
        listed = _raw_at(document, path)
        if listed is not None:
            found = bounded.elements(listed, path)
            yield from (_Part(one, f"{path}[{place}]") for place, one in enumerate(found))
            return
    yield _Part(document, "")


def _raw_at(document: bytes, path: str) -> bytes | None:
    """Return the bytes at a path of names; None: there is no such list."""
    value = document
    for name in path.split("."):
        members = bounded.parts(value, "value") if value.lstrip()[:1] == b"{" else {}
        if name not in members:
            return None
        value = bytes(members[name])
    return value if value.lstrip()[:1] == b"[" else None


def _message(said: JsonObject, rules: CarrierRules) -> Message | None:
    outcome = statuses.outcome_of(said, rules)
    if outcome == "nothing":
        return None
    one = statuses.status(said, rules, outcome)
    data: dict[str, Any] = {"shipment_id": one.shipment_id}
    kind = _TYPES[one.outcome]
    if kind == "DeliveryRejected":
        data["kind"] = one.outcome
    return message(
        kind,
        order_id=one.order_id,
        source=rules.source,
        message_id=_name(one),
        occurred_at=one.occurred_at,
        data=data,
    )


def _name(one: Status) -> str:
    parts = (one.carrier, one.order_id, one.shipment_id, one.outcome, to_rfc3339(one.occurred_at))
    name = "/".join(filter(None, parts))
    if len(name) <= LONGEST_NAME and name.isprintable():
        return name
    return f"sha256:{hashlib.sha256(msgspec.json.encode(parts)).hexdigest()[:32]}"


def _left(said: JsonObject, rules: CarrierRules) -> Left:
    with suppress(Malformed):
        return Left(order_id=statuses.order_id(said, rules), source=rules.source)
    return Left(source=rules.source)


def _elsewhere(wrong: Malformed, part: _Part) -> Malformed:
    if not part.path:
        return wrong
    field = part.path if wrong.field == "value" else f"{part.path}.{wrong.field}"
    return Malformed(field, wrong.rule, wrong.detail)
