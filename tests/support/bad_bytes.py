"""Records whose bytes, keys or headers are bad, whatever they say."""

from __future__ import annotations

import gzip
import json

from consumers.cloudevents import Incoming
from tests.support import contract
from tests.support.bad_record import (
    ATTRIBUTES,
    GOOD,
    HEADERS,
    MEGABYTE,
    Bad,
    bad_binary,
    bomb,
    edited,
    headed,
    only_headed,
    raw,
)
from tests.support.contract import LEAST

BYTES = {
    "a tombstone": raw(None, "tombstone"),
    "nothing": raw(b"", "not_json"),
    "a space": raw(b" ", "not_json"),
    "half a message": raw(GOOD[:-9], "not_json"),
    "two messages": raw(GOOD + GOOD, "not_json"),
    "words": raw(b"hello", "not_json"),
    "a NUL byte": raw(b"\0", "not_json"),
    "a NUL byte in a text": raw(GOOD.replace(b"S1", b"S\x001"), "not_json"),
    "XML": raw(b"<event/>", "not_json"),
    "single quotes": raw(GOOD.replace(b'"', b"'"), "not_json"),
    "a comma too many": raw(GOOD[:-1] + b",}", "not_json"),
    "a lone surrogate": raw(GOOD.replace(b"S1", rb"\ud83d"), "not_json"),
    "a lone low surrogate": raw(GOOD.replace(b"S1", rb"\udca1"), "not_json"),
    "a surrogate in UTF-8": raw(GOOD.replace(b"S1", b"\xed\xa0\xbd"), "not_utf8"),
    "Latin-1": raw(GOOD.replace(b"/shop", "/håndverk".encode("latin-1")), "not_utf8"),
    "bytes that are no UTF-8 in an unknown field": raw(
        GOOD.replace(b'"id"', b'"more": "\xff", "id"'), "not_utf8"
    ),
    "UTF-8 with a byte order mark": raw(b"\xef\xbb\xbf" + GOOD, "byte_order_mark"),
    "UTF-16": raw(GOOD.decode().encode("utf-16"), "byte_order_mark"),
    "UTF-16 without a mark": raw(GOOD.decode().encode("utf-16-le"), "not_json"),
    "UTF-32": raw(GOOD.decode().encode("utf-32"), "byte_order_mark"),
    "gzip": raw(gzip.compress(GOOD), "compressed"),
    "a gzip bomb": raw(bomb(), "compressed"),
    "deep lists": raw(b"[" * 500_000, "too_deep"),
    "deep objects": raw(b'{"a":' * 150_000, "too_deep"),
    "deep lists in an unknown field": raw(
        GOOD[:-1] + b', "more": ' + b"[" * 400 + b"]" * 400 + b"}", "too_deep"
    ),
    "a byte more than a megabyte": raw(GOOD + b" " * (MEGABYTE + 1 - len(GOOD)), "too_large"),
    "many megabytes": raw(b"[" * 50_000_000, "too_large"),
    "a list": raw(b"[%s]" % GOOD, "not_an_object"),
    "a text": raw(b'"Delivered"', "not_an_object"),
    "null": raw(b"null", "not_an_object"),
    "a number": raw(b"7", "not_an_object"),
    "NaN": raw(b"NaN", "not_an_object"),
    "NaN in an unknown field": raw(GOOD[:-1] + b', "more": NaN}', "not_json"),
    "Infinity in an unknown field": raw(GOOD[:-1] + b', "more": [-Infinity]}', "not_json"),
    "a megabyte of a list": raw(b"[" + b"1," * 499_998 + b"1]", "not_an_object"),
}
KEYS_TWICE = {
    "a key twice in the envelope": raw(GOOD.replace(b'"id"', b'"id": "m-2", "id"'),
                                        "duplicate_key"),
    "a key twice, the same": raw(GOOD[:-1] + b', "id": "m-1"}', "duplicate_key"),
    "a key twice, once in other letters": raw(
        GOOD.replace(b'"id"', rb'"\u0069d": "m-2", "id"'), "duplicate_key"
    ),
    "a key twice, once with room before its colon": raw(
        GOOD.replace(b'"id"', b'"id" : "m-2", "id"'), "duplicate_key"
    ),
    "data twice": raw(GOOD[:-1] + b', "data": {"order_id": "o-1", "shipment_id": "S2"}}',
                       "duplicate_key"),
    "a key twice in the data": edited(
        '"shipment_id"', '"shipment_id": "S9", "shipment_id"', "value", "duplicate_key"
    ),
    "a quantity twice": edited('"quantity": 2', '"quantity": 2, "quantity": 3', "value",
                                "duplicate_key"),
    "a quantity twice, beside a null": edited(
        '"condition": "damaged"', '"condition": null, "quantity": 3', "value", "duplicate_key",
        "ReturnedToWarehouse"),
    "a quantity twice, hidden by backslashes": Bad(
        Incoming(
            json.dumps(contract.event("ShippedFromWarehouse", LEAST["ShippedFromWarehouse"] | {
                "carrier": "A\\"
            }) | {"id": "1\\"}).replace('"quantity": 2', '"quantity": 2, "quantity": 3').encode()
        ),
        "value",
        "duplicate_key",
    ),
    "a quantity twice, beside coming_soon": Bad(
        Incoming(
            json.dumps(contract.event("OrderPlaced", contract.MOST["OrderPlaced"]))
            .replace('"quantity": 3', '"quantity": 2, "quantity": 3').encode()
        ),
        "value",
        "duplicate_key",
    ),
    "a key twice in an unknown field": raw(
        GOOD[:-1] + b', "more": {"a": 1, "a": 2}}', "duplicate_key"
    ),
    "a key twice beside escaped quotes": edited(
        '"id": "m-1"', r'"id": "m\"1", "id": "m\"2"', "value", "duplicate_key"
    ),
}  # fmt: skip
HEADED = {
    "10,000 headers": headed("headers", "too_many", *[("x", b"y")] * 10_000),
    "10,000 different headers": headed(
        "headers", "too_many", *[(f"x{n}", b"y") for n in range(10_000)]
    ),
    "a header of 70,000 bytes": headed("headers", "too_large", ("trace", b"t" * 70_000)),
    "an id twice, and different": headed("id", "repeated_header", ("ce_id", b"m-2")),
    "a type twice, once in capitals": headed("type", "repeated_header", ("CE_TYPE", b"Lost")),
    "a content type twice": headed(
        "datacontenttype", "repeated_header", ("Content-Type", b"application/cloudevents+json")
    ),
    "an id that is no UTF-8": Bad(
        Incoming(b"{}", [("ce_type", b"Delivered"), ("ce_id", b"\xff")]), "id", "not_utf8"
    ),
    "a batch": only_headed(
        "datacontenttype", "batch_mode", ("content-type", b"application/cloudevents-batch+json")
    ),
    "a batch in capitals": only_headed(
        "datacontenttype",
        "batch_mode",
        ("Content-Type", b"Application/CloudEvents-Batch+JSON; charset=UTF-8"),
    ),
    "Avro": only_headed(
        "datacontenttype", "unsupported_format", ("content-type", b"application/cloudevents+avro")
    ),
    "binary XML": Bad(
        Incoming(b"<a/>", [*HEADERS[:-1], ("content-type", b"application/xml")]),
        "datacontenttype",
        "wrong_content_type",
    ),
    **{
        f"binary, no {name}": bad_binary(name, "missing", **{name: None})
        for name in ATTRIBUTES
    },
    "binary, a header without a value": Bad(
        Incoming(b"{}", [("ce_type", None), ("ce_id", b"m-1")]), "type", "missing"
    ),
    "binary, an unknown type": bad_binary("type", "unknown_type", type="Shipped"),
    "binary, a tombstone": Bad(Incoming(None, HEADERS), "value", "tombstone"),
    "binary, no bytes": Bad(Incoming(b"", HEADERS), "value", "not_json"),
    "binary, a list": Bad(Incoming(b"[]", HEADERS), "data", "not_an_object"),
    "binary, too large": Bad(Incoming(b" " * (MEGABYTE + 1), HEADERS), "value", "too_large"),
    "binary, a line break in an id": bad_binary("id", "not_printable", id="m\n1"),
    "binary, CloudEvents 0.3": bad_binary(
        "specversion", "unsupported_specversion", specversion="0.3"
    ),
    "binary, a time without an offset": bad_binary(
        "time", "not_a_time", time="2026-01-31T12:00:00"
    ),
    "binary, another subject": bad_binary("subject", "subject_mismatch", subject="o-2"),
    "binary, data of another version": bad_binary(
        "dataschema", "unsupported_version", dataschema="/v2"
    ),
    "binary, a key twice": Bad(
        Incoming(b'{"order_id": "o-1", "shipment_id": "S1", "shipment_id": "S2"}', HEADERS),
        "value",
        "duplicate_key",
    ),
    "binary, a bad id": Bad(
        Incoming(b'{"order_id": "o-1", "shipment_id": "S 1"}', HEADERS), "data.shipment_id", "id"
    ),
    "binary, no UTF-8": Bad(
        Incoming(b'{"order_id": "o-1", "shipment_id": "\xff"}', HEADERS), "value", "not_utf8"
    ),
}  # fmt: skip
