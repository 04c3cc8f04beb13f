"""What stands in a carrier's message, by the rules: order, parcel, status, time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from consumers.bad_message import Malformed
from consumers.carriers.paths import at
from consumers.outside.bounded import LONGEST_TEXT, JsonObject
from consumers.outside.finding import as_id, found
from consumers.outside.rules import CarrierRules, Outcome, PathRule
from consumers.times import EARLIEST, LATEST, to_microseconds

_MICROS = 1_000_000


class Status(NamedTuple):
    """One status of one parcel, understood."""

    outcome: Outcome
    order_id: str
    shipment_id: str
    carrier: str
    occurred_at: int


def outcome_of(said: JsonObject, rules: CarrierRules) -> Outcome:
    """Return what a message's status comes to. Raises Malformed."""
    words = list(_texts(said, rules.status))
    if not words:
        raise Malformed(rules.status[0].path, "missing", f"is required, or {_others(rules.status)}")
    for _, word in words:
        outcome = rules.statuses.get(word.casefold())
        if outcome == "delivered" and _goes_back(said, rules):
            return "undeliverable"
        if outcome is not None:
            return outcome
    field, word = words[0]
    detail = f"{word[:64]!r} is not in the table [carrier.statuses] of the rules; add it there"
    raise Malformed(field, "unknown_status", detail)


def status(said: JsonObject, rules: CarrierRules, outcome: Outcome) -> Status:
    """Read whose parcel it is, and when it happened. Raises Malformed."""
    return Status(
        outcome,
        order_id(said, rules),
        _required_id(said, rules.shipment_id, "shipment_id"),
        next((text for _, text in _texts(said, rules.carrier)), ""),
        _time(said, rules),
    )


def order_id(said: JsonObject, rules: CarrierRules) -> str:
    """Return the order. Raises Malformed."""
    return _required_id(said, rules.order_id, "order_id")


def _required_id(said: JsonObject, rules: tuple[PathRule, ...], name: str) -> str:
    for field, text in _texts(said, rules):
        return as_id(text, field)
    detail = f"names no {name}: is required, or {_others(rules)}"
    raise Malformed(rules[0].path, f"no_{name}", detail)


def _time(said: JsonObject, rules: CarrierRules) -> int:
    seen = ""
    for rule in rules.time:
        value = at(said, rule.path)
        if value is None or isinstance(value, bool):
            continue
        seen = seen or rule.path
        moment = _moment(value)
        if moment is not None:
            return moment
    rule_broken = "not_a_time" if seen else "missing"
    detail = "must be RFC 3339 with an offset, or seconds since 1970"
    raise Malformed(seen or rules.time[0].path, rule_broken, f"{detail}; or {_others(rules.time)}")


def _moment(value: object) -> int | None:
    if isinstance(value, int | float):
        micros = round(value * _MICROS)
        return micros if EARLIEST <= micros <= LATEST else None
    try:
        return to_microseconds(value) if isinstance(value, str) else None
    except Malformed:
        return None


def _goes_back(said: JsonObject, rules: CarrierRules) -> bool:
    return any(at(said, rule.path) is True for rule in rules.going_back)


def _texts(said: JsonObject, rules: Iterable[PathRule]) -> Iterator[tuple[str, str]]:
    """Give what the rules find, as (field, text), in their order. Raises Malformed."""
    for rule in rules:
        value = at(said, rule.path)
        if value is None or value == "":
            continue
        text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
        if not isinstance(text, str):
            raise Malformed(rule.path, "not_a_string", "must be a string")
        if len(text) > LONGEST_TEXT:
            detail = f"must have at most {LONGEST_TEXT} characters"
            raise Malformed(rule.path, "too_long", detail)
        carried = found(text, text, rule.pattern, rule.values)
        if carried is not None:
            yield rule.path, carried


def _others(rules: tuple[PathRule, ...]) -> str:
    return " or ".join(rule.path for rule in rules[1:]) or "there is no other place for it"
