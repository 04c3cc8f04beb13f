"""What is heard in others' formats: documents of warehouses, and what carriers send."""

from __future__ import annotations

from consumers.epcis.documents import TYPE_KEYS
from consumers.epcis.events import Event
from consumers.outside.bounded import MAX_EVENTS
from web.asyncapi import headers
from web.asyncapi.messages import Told, message
from web.asyncapi.schemas import REF, Named, Schema, changed, named, one_or_list, title

EVENT, PLACE, DOCUMENT = "epcis.Event", "epcis.Location", "epcis.Document"
STATUS = "carrier.Status"
ANY_KEY: Schema = {
    "type": "string",
    "description": "Any, or none; one for each warehouse or carrier keeps its records in order.",
}
_SHIPPED: Schema = {
    "type": "ObjectEvent",
    "eventID": "urn:uuid:5f0c5a1e-0002",
    "eventTime": "2026-11-24T17:30:00+01:00",
    "eventTimeZoneOffset": "+01:00",
    "action": "OBSERVE",
    "bizStep": "shipping",
    "disposition": "in_transit",
    "readPoint": {"id": "urn:epc:id:sgln:9521141.00001.7"},
    "quantityList": [{"epcClass": "urn:epc:idpat:sgtin:9521141.012345.*", "quantity": 3}],
    "bizTransactionList": [
        {"type": "po", "bizTransaction": "urn:epcglobal:cbv:bt:9521141000003:A-1"},
        {"type": "desadv", "bizTransaction": "urn:epcglobal:cbv:bt:9521141000003:S1"},
    ],
}
_REFUSED: Schema = {
    "event": "tracking_update",
    "event_id": "a1c6f1b2",
    "ts": 1764072000,
    "msg": {
        "slug": "dhl",
        "tracking_number": "00340434161094",
        "tag": "Exception",
        "subtag": "Exception_003",
        "order_id": "A-1",
        "custom_fields": {"shipment_id": "S1"},
        "checkpoints": [{"checkpoint_time": "2026-11-25T10:00:00+01:00"}],
    },
}
_EPCIS = (
    "A GS1 EPCIS 2.0 document, or one event by itself. Only what is named here is looked at; ids"
    " are found by rules (`countermand translate rules`), and what it says goes to `warehouse`."
)
_CARRIER = (
    "A carrier's status, or a list of them: AfterShip's webhooks and trackings, or any objects"
    " whose fields the rules find (`countermand translate rules`). What it says goes to"
    " `warehouse`."
)


def told() -> Told:
    """The two formats."""
    schemas = _schemas()
    epcis = _message("epcis.EpcisDocument", _EPCIS, DOCUMENT, _document(_SHIPPED))
    carrier = _message("carrier.CarrierStatus", _CARRIER, STATUS, _REFUSED)
    return Told(schemas, epcis | carrier)


def _message(name: str, words: str, payload: str, one: Schema) -> Named:
    examples = [{"name": "worked", "headers": {}, "payload": one}]
    found = message(
        name,
        words,
        content_type=headers.BINARY_TYPE,
        of_headers=headers.FOREIGN,
        payload={"$ref": REF + payload},
        examples=examples,
    )
    found["bindings"]["kafka"]["key"] = ANY_KEY
    return {name: found}


def _document(event: Schema) -> Schema:
    return {
        "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": "2026-11-24T18:00:00Z",
        "epcisBody": {"eventList": [event]},
    }


def _schemas() -> Named:
    made = named("epcis", {EVENT: Event})
    found: Named = {name: changed(one, one_or_list) for name, one in made.items()}
    # JSON-LD has three names for a type, and lets a place be named by its id alone.
    found[EVENT]["required"].remove("type")
    found[EVENT]["anyOf"] = [{"required": [name]} for name in TYPE_KEYS]
    place = found[PLACE]
    found[PLACE] = {"title": title(PLACE), "anyOf": [place, place["properties"]["id"]]}
    found[DOCUMENT] = {"title": title(DOCUMENT), "description": _EPCIS, "anyOf": _documents()}
    found[STATUS] = {"title": title(STATUS), "description": _CARRIER, "type": ["object", "array"]}
    return found


def _documents() -> list[Schema]:
    events = {"type": "array", "items": {"$ref": REF + EVENT}, "maxItems": MAX_EVENTS}
    lists = _within("eventList", events)
    found = _within("queryResults", _within("resultsBody", lists))
    return [_within("epcisBody", lists), _within("epcisBody", found), {"$ref": REF + EVENT}]


def _within(name: str, schema: Schema) -> Schema:
    return {"type": "object", "properties": {name: schema}, "required": [name]}
