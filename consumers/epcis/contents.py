"""What containers hold: told by aggregations, needed where a shipment names its container only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from consumers.bad_message import Malformed
from consumers.epcis.events import Event
from consumers.epcis.identifiers import identifier
from consumers.epcis.reading import objects
from consumers.outside.memory import Does, Memory, Told

MAX_CONTAINERS = 200
"""Opened for one event, those in others included."""
MAX_LISTED = 200_000
"""Objects and classes listed by all that was told of them."""

Listed = dict[str, Any]
"""`epcs`: single objects; `classes`: `{epcClass, quantity, uom}` of those that are not told apart.
Both as the event has them."""


def containers(event: Event) -> list[str]:
    """Return the SSCCs that an event is about, each once; its parent only where it has no other."""
    named = [(field, identifier(uri)) for field, uri in objects(event)]
    units = [(field, one.id) for field, one in named if one.kind == "sscc"]
    loose = [one for field, one in units if field != "parentID"]
    return list(dict.fromkeys(loose or [one for _, one in units]))


def subject(container: str) -> str:
    """Return the name under which what a container holds is remembered."""
    return f"container/{container}"


def packing(event: Event) -> tuple[str, Does, Listed] | None:
    """Return the container, and what an aggregation says of it; None: it is no SSCC."""
    parent = identifier(event.parent or "")
    if parent.kind != "sscc":
        return None
    listed: Listed = {
        "epcs": list(event.children or ()),
        "classes": [one.model_dump(by_alias=True) for one in event.child_quantities or ()],
        "seen": event.action == "OBSERVE",
    }
    return parent.id, "unpacked" if event.action == "DELETE" else "packed", listed


def holds(memory: Memory, source: str, outer: Sequence[str]) -> Listed | None:
    """Return all that containers hold, by what was told until now; those in them are opened.

    None: nobody said what one of them holds. Raises Malformed when there are too many.
    """
    epcs: dict[str, None] = {}
    classes: list[Any] = []
    opened = list(outer)
    budget = MAX_LISTED
    for container in opened:
        told = memory.about(source, subject(container))
        budget -= sum(len(one.data["epcs"]) + len(one.data["classes"]) for one in told if one.data)
        if budget < 0:
            raise _too_many(f"{MAX_LISTED} objects")
        held = _held(told)
        if not held["epcs"] and not held["classes"]:
            return None
        classes += held["classes"]
        for epc in held["epcs"]:
            inner = identifier(epc)
            if inner.kind != "sscc":
                epcs[epc] = None
            elif inner.id not in opened:
                opened.append(inner.id)
        if len(opened) > MAX_CONTAINERS:
            raise _too_many(f"{MAX_CONTAINERS} containers")
    return {"epcs": list(epcs), "classes": classes}


def _too_many(what: str) -> Malformed:
    return Malformed("epcList", "too_many", f"means more than {what}; send one event for each part")


def _held(told: Sequence[Told]) -> Listed:
    undone = {one.undoes for one in told if one.does == "declared"}
    epcs: dict[str, None] = {}
    classes: list[Any] = []
    for one in sorted(told, key=lambda one: (one.at, one.message_id)):
        if one.message_id in undone or one.data is None:
            continue
        if one.does == "packed":
            epcs |= dict.fromkeys(one.data["epcs"])
            seen = classes if one.data["seen"] else ()
            classes += [listed for listed in one.data["classes"] if listed not in seen]
        elif one.does == "unpacked":
            everything = not one.data["epcs"] and not one.data["classes"]
            gone = epcs if everything else one.data["epcs"]
            epcs = {epc: None for epc in epcs if epc not in gone}
            classes = [] if everything else _without(classes, one.data["classes"])
    return {"epcs": list(epcs), "classes": classes}


def _without(classes: list[Any], gone: list[Any]) -> list[Any]:
    left = list(classes)
    for listed in gone:
        if listed in left:
            left.remove(listed)
    return left
