"""EPCIS events and carriers' messages for tests, one word for each, and what became of them."""

from __future__ import annotations

import json
from itertools import count
from typing import Any, NamedTuple

from consumers.outside.rules import Rules, load
from consumers.outside.said import Translated

Event = dict[str, Any]
_NUMBERS = count(1)
RULES: Rules = load()

MUG, LAMP = "9521141.012345", "9521141.067890"
"""Products, as an SGTIN begins."""
MUG_LINE, LAMP_LINE = "09521141123454", "09521141678909"
"""Their GTINs, which name the order's lines."""
PARCEL = "urn:epc:id:sscc:9521141.0000000017"
PARCEL_ID = "095211410000000175"
DOCK = "urn:epc:id:sgln:9521141.00001.7"
DOCK_ID = "9521141000014"


def single(product: str, *serials: int) -> list[str]:
    return [f"urn:epc:id:sgtin:{product}.{serial}" for serial in serials]


def some(product: str, quantity: object, **more: object) -> dict[str, Any]:
    return {"epcClass": f"urn:epc:idpat:sgtin:{product}.*", "quantity": quantity, **more}


def transaction(kind: str, document: str) -> dict[str, str]:
    return {"type": kind, "bizTransaction": f"urn:epcglobal:cbv:bt:9521141000003:{document}"}


def event(
    step: str,
    disposition: str | None,
    /,
    *documents: dict[str, str],
    **more: Any,  # noqa: ANN401
) -> Event:
    """An ObjectEvent of two mugs at noon; what is None is left out."""
    told = {
        "type": "ObjectEvent",
        "eventID": f"urn:uuid:{next(_NUMBERS):032d}",
        "eventTime": "2026-03-02T12:00:00+01:00",
        "eventTimeZoneOffset": "+01:00",
        "action": "OBSERVE",
        "bizStep": step,
        "disposition": disposition,
        "readPoint": {"id": DOCK},
        "epcList": single(MUG, 1, 2),
        "bizTransactionList": list(documents),
    }
    return {name: value for name, value in (told | more).items() if value is not None}


def ships(order_id: str = "O1", shipment_id: str = "S1", **more: Any) -> Event:  # noqa: ANN401
    documents = (transaction("po", order_id), transaction("desadv", shipment_id))
    return event("shipping", "in_transit", *documents, **more)


def voids(order_id: str = "O1", shipment_id: str = "S1", **more: Any) -> Event:  # noqa: ANN401
    documents = (transaction("po", order_id), transaction("desadv", shipment_id))
    told = {"eventTime": "2026-03-02T18:00:00+01:00"} | more
    return event("void_shipping", "in_progress", *documents, **told)


def returns(order_id: str = "O1", return_id: str = "R1", **more: Any) -> Event:  # noqa: ANN401
    documents = (transaction("po", order_id), transaction("rma", return_id))
    told = {"disposition": "returned"} | more
    return event("receiving", told.pop("disposition"), *documents, **told)


def packs(container: str, children: list[str], **more: Any) -> Event:  # noqa: ANN401
    told = {
        "type": "AggregationEvent",
        "action": "ADD",
        "parentID": container,
        "childEPCs": children,
        "eventTime": "2026-03-02T10:00:00+01:00",
        "epcList": None,
    } | more
    return event("packing", "in_progress", **told)


def declares(wrong: Event, *correctives: str, **more: Any) -> Event:  # noqa: ANN401
    """The same event again, with a declaration that it was wrong."""
    error: dict[str, Any] = {"declarationTime": "2026-03-03T09:00:00Z", "reason": "incorrect_data"}
    if correctives:
        error["correctiveEventIDs"] = list(correctives)
    return {**wrong, "errorDeclaration": error | more}


def document(*events: object) -> bytes:
    told = {
        "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": "2026-03-02T20:00:00Z",
        "epcisBody": {"eventList": list(events)},
    }
    return json.dumps(told).encode()


def tracking(subtag: str, /, **more: Any) -> dict[str, Any]:  # noqa: ANN401
    """A webhook of AfterShip's, as far as it matters."""
    said = {
        "tracking_number": "TN1",
        "slug": "dhl",
        "tag": subtag.partition("_")[0],
        "subtag": subtag,
        "order_id": "O1",
        "custom_fields": {"shipment_id": "S1"},
        "checkpoints": [{"checkpoint_time": "2026-03-05T08:00:00+01:00", "subtag": subtag}],
    } | more
    return {"event": "tracking_update", "event_id": "9d5c", "ts": 1772697600, "msg": said}


class Came(NamedTuple):
    """What a document came to, to be compared as a whole."""

    said: list[tuple[str, str, str, dict[str, Any]]]
    """Type, id, time and data, without the order id."""
    dead: list[tuple[str, str]]
    """Field and rule."""
    ignored: int


def came(translated: Translated) -> Came:
    said = []
    for message in translated.messages:
        told = json.loads(message.value)
        assert told["data"].pop("order_id") == told["subject"] == message.order_id
        assert (told["type"], told["id"]) == (message.type, message.message_id)
        said.append((message.type, message.message_id, told["time"], told["data"]))
    return Came(said, [(bad.field, bad.rule) for bad in translated.bad], translated.ignored)
