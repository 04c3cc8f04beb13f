"""What each field of a message means, in which unit, and who says it; and an example of it.

What a field may be is the models' to say. Looked up by `Model.field`, then by `topic.field`, then
by `room.field` (heard, said, epcis), then by `field` alone.
"""

from __future__ import annotations

from typing import NamedTuple

from pydantic import JsonValue


class Word(NamedTuple):
    """A field in words, and an example; None: the example is made of its parts."""

    what: str
    example: JsonValue = None


_MONEY = "a decimal string in the order's currency"

ENVELOPE = {
    "specversion": Word("The version of CloudEvents.", "1.0"),
    "id": Word("Names the message, together with `source`, for ever: sent again, it keeps it."),
    "heard.id": Word(
        "Names the message, together with `source`, for ever; its producer's choice.", "m-17"
    ),
    "said.id": Word(
        "Made of the cause, so that what is said twice has one id. Drop what you have seen.",
        "a18a838b-61bc-56c1-b762-da4184594c1a",
    ),
    "source": Word("Who says it.", "/countermand"),
    "storefront.source": Word("Who says it: a storefront's own name.", "/shop"),
    "warehouse.source": Word("Who says it: a warehouse's own name.", "/leipzig"),
    "payments.source": Word("Who says it: a payment provider's own name.", "/bank"),
    "type": Word("The message's name."),
    "subject": Word("The order: the same as `data.order_id`, and as the record's key.", "A-1"),
    "time": Word("When it happened, by the clock of whoever says it.", "2026-11-24T12:00:00Z"),
    "dataschema": Word("Ends in the version of `data`; absent: version 1.", "urn:shop:order/v1"),
    "datacontenttype": Word("The media type of `data`: JSON's.", "application/json"),
    "data": Word("What is said."),
    "sequence": Word(
        "The order's version, without a gap, in ten digits that sort as text.", "0000000007"
    ),
}
IDS = {
    "order_id": Word("The order, as the storefront named it.", "A-1"),
    "buyer_id": Word("Who buys, as the storefront named them.", "mira"),
    "seller_id": Word("Who sells, as the storefront named them.", "fjell"),
    "line_id": Word("The line of the order, as the storefront named it.", "1"),
    "cancellation_id": Word("The cancellation, as whoever asked for it named it.", "c-1"),
    "warehouse_id": Word("The warehouse, by its own name.", "leipzig"),
    "shipment_id": Word("The parcel, as the warehouse named it.", "S1"),
    "shipment_ids": Word("The parcels, as their warehouses named them.", ["S1"]),
    "return_id": Word("The return, as the warehouse named it.", "R-1"),
    "refund_id": Word(
        "The refund, as countermand named it when it asked for it.",
        "r-5d41402abc4b2a76b9719d911017c592",
    ),
    "decision_id": Word("The decision, as the seller named it, or a deadline.", "d-1"),
    "corrects": Word("The message that is corrected."),
    "cause": Word("The message that the event came of."),
    "Corrects.source": Word("Its `source`.", "/leipzig"),
    "Corrects.id": Word("Its `id`.", "m-11"),
    "Cause.source": Word("Its `source`.", "/shop"),
    "Cause.id": Word("Its `id`.", "m-17"),
    "sku": Word("The thing that is sold, as the seller named it.", "MUG-7"),
    "title": Word("What the buyer knows the thing as.", "Enamel mug"),
    "tracking_number": Word("What the carrier knows the parcel as.", "00340434161094"),
    "carrier": Word("Who carries the parcel.", "dhl"),
}
GOODS = {
    "lines": Word("The order's lines, each once, 2,000 at most."),
    "items": Word("Units of lines; where it may be left out, that means all of them."),
    "asked": Word("Units of lines that were asked for; absent: everything that could be."),
    "cancellable": Word("Units of lines that could be cancelled then."),
    "quantity": Word("Whole units, not packs.", 2),
    "condition": Word("How the units came back; absent: good.", "damaged"),
    "coming_soon": Word("Whether the seller cannot ship it yet; absent: it can.", True),
    "covers": Word("Units that the refund pays for, and how much of its amount is theirs."),
    "settles": Word("Units that the decision is about, by what they were."),
    "confirms": Word("Units of cancellations that the decision says were stopped."),
    "Settled.kind": Word("What the units were.", "damaged"),
    "Settled.quantity": Word("Whole units.", 1),
}
MONEY = {
    "currency": Word("The order's currency, by ISO 4217.", "EUR"),
    "amount": Word(f"How much: {_MONEY}.", "12.00"),
    "Line.amount": Word(
        f"What the line is worth, less its share of the discount: {_MONEY}.", "23.00"
    ),
    "Covered.amount": Word(f"How much of the refund is these units': {_MONEY}.", "12.00"),
    "listed_amount": Word(f"How much the refund should have been: {_MONEY}.", "12.00"),
    "fee": Word(f"How much of the amount is shipping fee and its tax: {_MONEY}.", "0.00"),
    "unit_price": Word(f"The net price of one unit: {_MONEY}.", "12.00"),
    "discount": Word(f"Taken off the whole order: {_MONEY}.", "1.00"),
    "Line.discount": Word(f"Taken off the whole line, not off each unit: {_MONEY}.", "1.00"),
    "tax": Word(f"The tax on the whole line, not on each unit: {_MONEY}.", "4.56"),
    "shipping_fee": Word(f"The net fee for shipping: {_MONEY}.", "4.90"),
    "shipping_tax": Word(f"The tax on it: {_MONEY}.", "0.93"),
    "paid": Word(f"What the buyer has paid; absent: all of it: {_MONEY}.", "30.00"),
    "attempt": Word("How often this refund was asked for, this time included.", 1),
    "held_until": Word("When the refund is due at the latest.", "2026-12-24T12:00:00Z"),
}
REASONS = {
    "requested_by": Word("Who asks.", "buyer"),
    "confirmed_by": Word("Who says that the units were stopped.", "warehouse"),
    "decided_by": Word("A seller, or a deadline that passed.", "seller"),
    "reason": Word("Why: a word of a list that may grow.", "changed_mind"),
    "ItemCancelRequested.reason": Word(
        "Why: a word from the list of whoever asks.", "changed_mind"
    ),
    "StopRefused.reason": Word(
        "Why: a code, or words of a person, which are kept apart and are not said again.",
        "already_packed",
    ),
    "CorrectedData.reason": Word("Why, as of the message that is corrected.", "already_packed"),
    "Corrected.reason": Word("Why, as of the message that is corrected.", "already_packed"),
    "RefundFailed.reason": Word(
        "Why: a code, or words of a person, which are kept apart and are not said again.",
        "account_closed",
    ),
    "RefundHeld.reason": Word("What the refund waits for.", "goods_still_to_ship"),
    "CaseDecided.reason": Word("Why: a code; none where it was free text.", "damaged_on_the_way"),
    "DecisionRefused.reason": Word("Why it was decided: a code.", "damaged_on_the_way"),
    "RefundGranted.reason": Word("Why: a code; none where it was free text.", "goodwill"),
    "GrantRefused.reason": Word("Why it was asked for: a code.", "goodwill"),
    "note": Word("What the buyer adds. Kept apart from the log, and erasable.", "Too blue."),
    "kind": Word("How it was not taken; absent: nobody knows.", "refused"),
    "outcome": Word("What was decided.", "refund"),
    "rule": Word("The rule that it broke.", "more_than_cancellable"),
    "WithdrawalRefused.rule": Word("The rule that it broke.", "cancellation_has_crossed"),
    "DecisionRefused.rule": Word("The rule that it broke.", "more_than_open"),
    "GrantRefused.rule": Word("The rule that it broke.", "more_than_refundable"),
    "MessageSetAside.type": Word("What the message was, as far as it could be read.", "Delivered"),
    "MessageSetAside.rule": Word("The rule that it broke.", "id_in_use"),
    "detail": Word(
        "What was wrong with it, without its own words.",
        "the same source and id came before with other content",
    ),
    "digest": Word("SHA-256 of the message's bytes, in hex.", "9f86d081884c7d65" * 4),
}
VERSIONS = {
    "version": Word("Of the order: how many events it has, refusals included.", 7),
    "at_version": Word("The order's version when that was decided.", 6),
    "recorded_at": Word("When it was recorded, by our clock.", "2026-11-24T12:00:00.250000Z"),
}
LETTERS = {
    "dead-letters.source": Word("Who says it.", "/countermand"),
    "dead-letters.time": Word("When we got the record.", "2026-11-24T12:00:00Z"),
    "dead-letters.subject": Word("The order, where it could be read.", "A-1"),
    "dead-letters.rule": Word("The rule that the record broke.", "missing"),
    "field": Word("The field that breaks the rule, as a path.", "data.shipment_id"),
    "dead-letters.detail": Word("What is wrong; it may quote the record.", "is required"),
    "originaltopic": Word("The record's topic.", "countermand.warehouse"),
    "originalpartition": Word("The record's partition.", "3"),
    "originaloffset": Word("The record's offset.", "41"),
    "originalsource": Word("The record's `source`, where it could be read.", "/leipzig"),
    "originalid": Word("The record's `id`, where it could be read.", "m-17"),
    "originaltype": Word("The record's `type`, where it could be read.", "Delivered"),
    "originalsize": Word("Bytes that the record's value had, where it was cut.", "2400000"),
    "originalkeysize": Word("Bytes that the record's key had, where it was cut.", "12000"),
    "originalheaders": Word("How many headers the record had, where some are left out.", "300"),
    "content-type": Word("None where the record had no value.", "application/octet-stream"),
}
EPCIS = {
    "epcis.type": Word("Which kind of event.", "ObjectEvent"),
    "eventID": Word("Names the event, and the message that it becomes.", "urn:uuid:5f0c5a1e-0002"),
    "eventTime": Word("When it happened, with an offset.", "2026-11-24T12:00:00+01:00"),
    "action": Word("What the event does to what it lists.", "OBSERVE"),
    "bizStep": Word("The step of the business, by the standard's vocabulary.", "shipping"),
    "disposition": Word("What the goods are from now on.", "in_transit"),
    "persistentDisposition": Word("What the goods are until it is taken back."),
    "set": Word("Dispositions that begin.", ["damaged"]),
    "readPoint": Word("Where it was seen."),
    "bizLocation": Word("Where the goods are from now on."),
    "bizTransactionList": Word("Documents that it belongs to: order, delivery note, return."),
    "sourceList": Word("Whom, or where, the goods come from."),
    "destinationList": Word("Whom, or where, the goods go to."),
    "parentID": Word("The container.", "urn:epc:id:sscc:9521141.0000000017"),
    "epcList": Word("Single things, one unit each.", ["urn:epc:id:sgtin:9521141.067890.31"]),
    "childEPCs": Word("The same, of a container.", ["urn:epc:id:sgtin:9521141.067890.31"]),
    "quantityList": Word("Things of a class, not told apart."),
    "childQuantityList": Word("The same, of a container."),
    "errorDeclaration": Word("That the event itself was wrong."),
    "declarationTime": Word("When that was declared.", "2026-11-25T12:00:00Z"),
    "correctiveEventIDs": Word("The events that are right.", ["urn:uuid:5f0c5a1e-0003"]),
    "bizTransaction": Word("The document.", "urn:epcglobal:cbv:bt:9521141000003:A-1"),
    "epcis.source": Word("Who, or where.", "urn:epc:id:pgln:9521141.00001"),
    "destination": Word("Who, or where.", "https://shop.example/orders/A-1"),
    "epcClass": Word("The class.", "urn:epc:idpat:sgtin:9521141.012345.*"),
    "epcis.quantity": Word("How many pieces.", 3),
    "uom": Word("The unit of measure; absent: pieces, and nothing else is taken."),
    "epcis.id": Word("The place.", "urn:epc:id:sgln:9521141.00001.7"),
    "Transaction.type": Word("Which kind of document: po, desadv, rma.", "po"),
    "Source.type": Word("Which kind.", "owning_party"),
    "Destination.type": Word("Which kind.", "owning_party"),
}
WORDS: dict[str, Word] = {
    **ENVELOPE,
    **IDS,
    **GOODS,
    **MONEY,
    **REASONS,
    **VERSIONS,
    **LETTERS,
    **EPCIS,
}


def word_of(*places: str, field: str) -> Word | None:
    """The word for a field, the nearest place first."""
    for place in places:
        if (found := WORDS.get(f"{place}.{field}")) is not None:
            return found
    return WORDS.get(field)
