"""The ids in an event, by the rules: order, shipment, return, warehouse, line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from consumers.bad_message import Malformed
from consumers.epcis.events import Destination, Event, Source, Transaction
from consumers.epcis.identifiers import identifier
from consumers.epcis.vocabulary import word
from consumers.outside.finding import as_id, found, the_one
from consumers.outside.rules import EventRule

Said = tuple[str, str]
"""A field, as a path within the event, and the text that stands there."""

_FIELDS = {
    "bizTransaction": "bizTransactionList",
    "source": "sourceList",
    "destination": "destinationList",
    "readPoint": "readPoint",
    "bizLocation": "bizLocation",
    "epc": "epcList",
}


def an_id(event: Event, rules: Iterable[EventRule], name: str) -> str | None:
    """Return an id by the first rule that finds one; None: none does.

    Raises Malformed when a rule finds several, or what it finds can be no id.
    """
    for rule in rules:
        said = [(field, _found(text, rule)) for field, text in _places(event, rule)]
        one = the_one([(field, text) for field, text in said if text is not None], name)
        if one is not None:
            return one
    return None


def required_id(event: Event, rules: tuple[EventRule, ...], name: str) -> str:
    """Return an id as `an_id` does, or raise Malformed: it says where it was looked for."""
    one = an_id(event, rules, name)
    if one is not None:
        return one
    field = _FIELDS[rules[0].place] if rules else "value"
    sought = " or ".join(_sought(rule) for rule in rules) or "nowhere: there is no rule"
    raise Malformed(field, f"no_{name}", f"names no {name}; it was looked for in {sought}")


def line_of(uri: str, field: str, rules: Iterable[EventRule]) -> str:
    """Return the line that an object or a class belongs to. Raises Malformed."""
    for rule in rules:
        line_id = _found(uri, rule)
        if line_id is not None:
            return as_id(line_id, field)
    carried = identifier(uri)
    detail = f"belongs to no line by the rules for line_id: {carried.kind} {carried.id[:64]}"
    raise Malformed(field, "no_line_id", detail)


def _found(uri: str, rule: EventRule) -> str | None:
    carried = identifier(uri)
    if rule.kind is not None and carried.kind != rule.kind:
        return None
    return found(uri, carried.id, rule.pattern, rule.values)


def _places(event: Event, rule: EventRule) -> Iterator[Said]:
    if rule.place == "readPoint" and event.read_point is not None:
        yield "readPoint", event.read_point.id
    elif rule.place == "bizLocation" and event.location is not None:
        yield "bizLocation", event.location.id
    elif rule.place == "epc":
        yield from objects(event)
    else:
        yield from _typed(event, rule)


def _typed(event: Event, rule: EventRule) -> Iterator[Said]:
    lists: dict[str, Sequence[Transaction | Source | Destination] | None] = {
        "bizTransaction": event.transactions,
        "source": event.sources,
        "destination": event.destinations,
    }
    for place, one in enumerate(lists.get(rule.place) or ()):
        if rule.type is None or (one.type is not None and word(one.type) == word(rule.type)):
            yield f"{_FIELDS[rule.place]}[{place}].{rule.place}", one.uri


def objects(event: Event) -> Iterator[Said]:
    """Everything that an event names as a single object: parent, EPCs, children."""
    if event.parent is not None:
        yield "parentID", event.parent
    for place, epc in enumerate(event.epcs or ()):
        yield f"epcList[{place}]", epc
    for place, epc in enumerate(event.children or ()):
        yield f"childEPCs[{place}]", epc


def _sought(rule: EventRule) -> str:
    told = [rule.place, rule.type and f"of type {rule.type}", rule.kind and f"that is {rule.kind}"]
    return " ".join(filter(None, told))
