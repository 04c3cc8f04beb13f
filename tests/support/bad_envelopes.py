"""Records whose envelope is bad, or that come on another topic than their own."""

from __future__ import annotations

from tests.support import contract
from tests.support.bad_record import (
    ATTRIBUTES,
    GOOD,
    Bad,
    bad_event,
    raw,
)

ENVELOPE = {
    **{
        f"no {name}": bad_event("Delivered", name, "missing", **{name: None})
        for name in ATTRIBUTES
    },
    "an unknown type": bad_event("Delivered", "type", "unknown_type", type="OrderCancelled"),
    "a type in small letters": bad_event("Delivered", "type", "unknown_type", type="delivered"),
    "a type with its version": bad_event("Delivered", "type", "unknown_type", type="Delivered.v1"),
    "a number for a type": bad_event("Delivered", "type", "unknown_type", type=7),
    "a command of ours": bad_event("Delivered", "type", "unknown_type", type="SetAside"),
    "CloudEvents 0.3": bad_event("Delivered", "specversion", "unsupported_specversion",
                              specversion="0.3"),
    "a number for the specversion": bad_event("Delivered", "specversion", "unsupported_specversion",
                                           specversion=1.0),
    "an empty id": bad_event("Delivered", "id", "empty", id=""),
    "an id of 257 characters": bad_event("Delivered", "id", "too_long", id="i" * 257),
    "a number for an id": bad_event("Delivered", "id", "not_a_string", id=7),
    "a line break in an id": bad_event("Delivered", "id", "not_printable", id="m\n1"),
    "a delete character in an id": bad_event("Delivered", "id", "not_printable", id="m\x7f1"),
    "an empty source": bad_event("Delivered", "source", "empty", source=""),
    "a source of a megabyte": bad_event("Delivered", "source", "too_long", source="/" * 990_000),
    "a NUL in a source": bad_event("Delivered", "source", "not_printable", source="/\0"),
    "a list for a source": bad_event("Delivered", "source", "not_a_string", source=["/shop"]),
    "another subject": bad_event("Delivered", "subject", "subject_mismatch", subject="o-2"),
    "an empty subject": bad_event("Delivered", "subject", "id", subject=""),
    "data of another version": bad_event("Delivered", "dataschema", "unsupported_version",
                                      dataschema="https://example.com/Delivered/v2"),
    "data of version eleven": bad_event("Delivered", "dataschema", "unsupported_version",
                                     dataschema="https://example.com/Delivered/v11"),
    "a dataschema without a version": bad_event("Delivered", "dataschema", "unsupported_version",
                                             dataschema="urn:Delivered"),
    "a long dataschema": bad_event("Delivered", "dataschema", "too_long", dataschema="/v1" * 100),
    "data that are no JSON": bad_event("Delivered", "datacontenttype", "wrong_content_type",
                                    datacontenttype="application/xml"),
    "data in base 64 that are others": raw(
        GOOD.replace(b'"data"', b'"data_base64": "e30=", "more"'), "missing", "data.order_id"
    ),
    "data in base 64 that are none": raw(
        GOOD.replace(b'"data"', b'"data_base64": "e30", "more"'), "not_json", "data_base64"
    ),
    "no data": raw(GOOD.replace(b'"data"', b'"more"'), "missing", "data"),
    "null data": bad_event("Delivered", "data", "not_an_object", data=None),
    "a list for data": bad_event("Delivered", "data", "not_an_object", data=[]),
    "JSON in a text for data": bad_event("Delivered", "data", "not_an_object", data="{}"),
    "no time of day": bad_event("Delivered", "time", "not_a_time", time="2026-01-31"),
    "a time without an offset": bad_event("Delivered", "time", "not_a_time",
                                       time="2026-01-31T12:00:00"),
    "a time in seconds": bad_event("Delivered", "time", "not_a_string", time=1_769_860_800),
    "a time in seconds, in quotes": bad_event("Delivered", "time", "not_a_time", time="1769860800"),
    "a 30th of February": bad_event("Delivered", "time", "not_a_time", time="2026-02-30T12:00:00Z"),
    "hour 24": bad_event("Delivered", "time", "not_a_time", time="2026-01-31T24:00:00Z"),
    "a leap second at noon": bad_event("Delivered", "time", "not_a_time",
                                    time="2016-12-31T12:00:60Z"),
    "second 61": bad_event("Delivered", "time", "not_a_time", time="2016-12-31T23:59:61Z"),
    "the year 0": bad_event("Delivered", "time", "not_a_time", time="0000-01-01T00:00:00Z"),
    "the year 10000": bad_event("Delivered", "time", "not_a_time", time="10000-01-01T00:00:00Z"),
    "the last instant of the year 9999": bad_event("Delivered", "time", "not_a_time",
                                                time="9999-12-31T23:59:59.999999Z"),
    "the first day of the year 1, in the east": bad_event("Delivered", "time", "not_a_time",
                                                       time="0001-01-01T00:00:00+14:00"),
    "full-width digits in a time": bad_event("Delivered", "time", "not_a_time",
                                          time="\uff12026-01-31T12:00:00Z"),
    "a time of many digits": bad_event("Delivered", "time", "not_a_time",
                                    time=f"2026-01-31T12:00:00.{'1' * 900_000}"),
    "an offset of 99 hours": bad_event("Delivered", "time", "not_a_time",
                                    time="2026-01-31T12:00:00+99:00"),
    "an empty time": bad_event("Delivered", "time", "not_a_time", time=""),
    "an HTTP date": bad_event("Delivered", "time", "not_a_time",
                           time="Sat, 31 Jan 2026 12:00:00 GMT"),
}  # fmt: skip
TOPICS = {
    f"{kind} on {channel}": Bad(
        contract.structured(kind)._replace(channel=channel), "type", "wrong_topic"
    )
    for kind, channel in [
        ("RefundIssued", "warehouse"),
        ("RefundFailed", "storefront"),
        ("OrderPlaced", "payments"),
        ("ItemCancelRequested", "warehouse"),
        ("ShippedFromWarehouse", "storefront"),
        ("FactCorrected", "payments"),
        ("Delivered", "orders"),
    ]
}
