"""Records that must not be taken, each with the field and the rule that say why.

Everything that takes records can be tried on them: `BAD` by name, nothing in it twice.
"""

from __future__ import annotations

import gzip
import json
import zlib
from typing import Any, NamedTuple

from consumers.cloudevents import Incoming
from tests.support import contract
from tests.support.contract import ITEMS, LEAST, MUG


class Bad(NamedTuple):
    """A bad record, and why it is bad."""

    record: Incoming
    field: str
    rule: str


GOOD = json.dumps(contract.event("Delivered")).encode()
HEADERS = [*contract.binary("Delivered").headers]
MEGABYTE = 1_000_000


def _event(kind: str, field: str, rule: str, /, **attributes: object) -> Bad:
    return Bad(contract.structured(kind, **attributes), field, rule)


def _data(kind: str, field: str, rule: str, /, **fields: object) -> Bad:
    return Bad(contract.structured(kind, LEAST[kind] | fields), f"data.{field}", rule)


def _without(kind: str, name: str) -> Bad:
    less = {key: value for key, value in LEAST[kind].items() if key != name}
    return Bad(contract.structured(kind, less), f"data.{name}", "missing")


def _line(field: str, rule: str, currency: str = "EUR", **fields: object) -> Bad:
    order = LEAST["OrderPlaced"] | {"currency": currency, "lines": [MUG | fields]}
    return Bad(contract.structured("OrderPlaced", order), f"data.lines[0].{field}", rule)


def _item(field: str, rule: str, kind: str = "ShippedFromWarehouse", **fields: object) -> Bad:
    said = LEAST[kind] | {"items": [ITEMS[0], ITEMS[1] | fields]}
    return Bad(contract.structured(kind, said), f"data.items[1].{field}", rule)


def _amount(text: object, rule: str = "amount", currency: str = "EUR") -> Bad:
    return _data("RefundIssued", "amount", rule, amount=text, currency=currency)


def _raw(value: bytes | None, rule: str, field: str = "value") -> Bad:
    return Bad(Incoming(value), field, rule)


def _edited(old: str, new: str, field: str, rule: str, kind: str = "ShippedFromWarehouse") -> Bad:
    """A good record with a piece of its text exchanged, for what no JSON writer would write."""
    value = json.dumps(contract.event(kind))
    if old not in value:
        raise AssertionError(f"{old} is not in {value}")
    return Bad(Incoming(value.replace(old, new, 1).encode()), field, rule)


def _binary(field: str, rule: str, /, **attributes: object) -> Bad:
    return Bad(contract.binary("Delivered", **attributes), field, rule)


def _headed(field: str, rule: str, *headers: tuple[str, bytes | None]) -> Bad:
    return Bad(contract.binary("Delivered")._replace(headers=[*HEADERS, *headers]), field, rule)


def _only(field: str, rule: str, *headers: tuple[str, bytes | None]) -> Bad:
    return Bad(Incoming(GOOD, list(headers)), field, rule)


def _bomb() -> bytes:
    """200 megabytes of zeros in 200 kilobytes."""
    packer = zlib.compressobj(9, wbits=31)
    return b"".join([packer.compress(bytes(MEGABYTE)) for _ in range(200)]) + packer.flush()


def _long(items: int) -> dict[str, Any]:
    return {"items": [{"line_id": f"L{n}", "quantity": 1} for n in range(items)]}


ATTRIBUTES = ("specversion", "id", "source", "type", "subject", "time")
REQUIRED = [(kind, name) for kind, told in LEAST.items() for name in told]

BYTES = {
    "a tombstone": _raw(None, "tombstone"),
    "nothing": _raw(b"", "not_json"),
    "a space": _raw(b" ", "not_json"),
    "half a message": _raw(GOOD[:-9], "not_json"),
    "two messages": _raw(GOOD + GOOD, "not_json"),
    "words": _raw(b"hello", "not_json"),
    "a NUL byte": _raw(b"\0", "not_json"),
    "a NUL byte in a text": _raw(GOOD.replace(b"S1", b"S\x001"), "not_json"),
    "XML": _raw(b"<event/>", "not_json"),
    "single quotes": _raw(GOOD.replace(b'"', b"'"), "not_json"),
    "a comma too many": _raw(GOOD[:-1] + b",}", "not_json"),
    "a lone surrogate": _raw(GOOD.replace(b"S1", rb"\ud83d"), "not_json"),
    "a lone low surrogate": _raw(GOOD.replace(b"S1", rb"\udca1"), "not_json"),
    "a surrogate in UTF-8": _raw(GOOD.replace(b"S1", b"\xed\xa0\xbd"), "not_utf8"),
    "Latin-1": _raw(GOOD.replace(b"/shop", "/håndverk".encode("latin-1")), "not_utf8"),
    "bytes that are no UTF-8 in an unknown field": _raw(
        GOOD.replace(b'"id"', b'"more": "\xff", "id"'), "not_utf8"
    ),
    "UTF-8 with a byte order mark": _raw(b"\xef\xbb\xbf" + GOOD, "byte_order_mark"),
    "UTF-16": _raw(GOOD.decode().encode("utf-16"), "byte_order_mark"),
    "UTF-16 without a mark": _raw(GOOD.decode().encode("utf-16-le"), "not_json"),
    "UTF-32": _raw(GOOD.decode().encode("utf-32"), "byte_order_mark"),
    "gzip": _raw(gzip.compress(GOOD), "compressed"),
    "a gzip bomb": _raw(_bomb(), "compressed"),
    "deep lists": _raw(b"[" * 500_000, "too_deep"),
    "deep objects": _raw(b'{"a":' * 150_000, "too_deep"),
    "deep lists in an unknown field": _raw(
        GOOD[:-1] + b', "more": ' + b"[" * 400 + b"]" * 400 + b"}", "too_deep"
    ),
    "a byte more than a megabyte": _raw(GOOD + b" " * (MEGABYTE + 1 - len(GOOD)), "too_large"),
    "many megabytes": _raw(b"[" * 50_000_000, "too_large"),
    "a list": _raw(b"[%s]" % GOOD, "not_an_object"),
    "a text": _raw(b'"Delivered"', "not_an_object"),
    "null": _raw(b"null", "not_an_object"),
    "a number": _raw(b"7", "not_an_object"),
    "NaN": _raw(b"NaN", "not_an_object"),
    "NaN in an unknown field": _raw(GOOD[:-1] + b', "more": NaN}', "not_json"),
    "Infinity in an unknown field": _raw(GOOD[:-1] + b', "more": [-Infinity]}', "not_json"),
    "a megabyte of a list": _raw(b"[" + b"1," * 499_998 + b"1]", "not_an_object"),
}
KEYS_TWICE = {
    "a key twice in the envelope": _raw(GOOD.replace(b'"id"', b'"id": "m-2", "id"'),
                                        "duplicate_key"),
    "a key twice, the same": _raw(GOOD[:-1] + b', "id": "m-1"}', "duplicate_key"),
    "a key twice, once in other letters": _raw(
        GOOD.replace(b'"id"', rb'"\u0069d": "m-2", "id"'), "duplicate_key"
    ),
    "a key twice, once with room before its colon": _raw(
        GOOD.replace(b'"id"', b'"id" : "m-2", "id"'), "duplicate_key"
    ),
    "data twice": _raw(GOOD[:-1] + b', "data": {"order_id": "o-1", "shipment_id": "S2"}}',
                       "duplicate_key"),
    "a key twice in the data": _edited(
        '"shipment_id"', '"shipment_id": "S9", "shipment_id"', "value", "duplicate_key"
    ),
    "a quantity twice": _edited('"quantity": 2', '"quantity": 2, "quantity": 3', "value",
                                "duplicate_key"),
    "a quantity twice, beside a null": _edited(
        '"condition": "damaged"', '"condition": null, "quantity": 3', "value", "duplicate_key",
        "ReturnedToWarehouse"),
    "a quantity twice, hidden by backslashes": Bad(
        Incoming(
            json.dumps(contract.event("ShippedFromWarehouse", LEAST["ShippedFromWarehouse"] | {
                "carrier": "A\\", "tracking_number": "1\\"
            })).replace('"quantity": 2', '"quantity": 2, "quantity": 3').encode()
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
    "a key twice in an unknown field": _raw(
        GOOD[:-1] + b', "more": {"a": 1, "a": 2}}', "duplicate_key"
    ),
    "a key twice beside escaped quotes": _edited(
        '"id": "m-1"', r'"id": "m\"1", "id": "m\"2"', "value", "duplicate_key"
    ),
}  # fmt: skip
ENVELOPE = {
    **{f"no {name}": _event("Delivered", name, "missing", **{name: None}) for name in ATTRIBUTES},
    "an unknown type": _event("Delivered", "type", "unknown_type", type="OrderCancelled"),
    "a type in small letters": _event("Delivered", "type", "unknown_type", type="delivered"),
    "a type with its version": _event("Delivered", "type", "unknown_type", type="Delivered.v1"),
    "a number for a type": _event("Delivered", "type", "unknown_type", type=7),
    "a command of ours": _event("Delivered", "type", "unknown_type", type="SetAside"),
    "CloudEvents 0.3": _event("Delivered", "specversion", "unsupported_specversion",
                              specversion="0.3"),
    "a number for the specversion": _event("Delivered", "specversion", "unsupported_specversion",
                                           specversion=1.0),
    "an empty id": _event("Delivered", "id", "empty", id=""),
    "an id of 257 characters": _event("Delivered", "id", "too_long", id="i" * 257),
    "a number for an id": _event("Delivered", "id", "not_a_string", id=7),
    "a line break in an id": _event("Delivered", "id", "not_printable", id="m\n1"),
    "a delete character in an id": _event("Delivered", "id", "not_printable", id="m\x7f1"),
    "an empty source": _event("Delivered", "source", "empty", source=""),
    "a source of a megabyte": _event("Delivered", "source", "too_long", source="/" * 990_000),
    "a NUL in a source": _event("Delivered", "source", "not_printable", source="/\0"),
    "a list for a source": _event("Delivered", "source", "not_a_string", source=["/shop"]),
    "another subject": _event("Delivered", "subject", "subject_mismatch", subject="o-2"),
    "an empty subject": _event("Delivered", "subject", "id", subject=""),
    "data of another version": _event("Delivered", "dataschema", "unsupported_version",
                                      dataschema="https://example.com/Delivered/v2"),
    "data of version eleven": _event("Delivered", "dataschema", "unsupported_version",
                                     dataschema="https://example.com/Delivered/v11"),
    "a dataschema without a version": _event("Delivered", "dataschema", "unsupported_version",
                                             dataschema="urn:Delivered"),
    "a long dataschema": _event("Delivered", "dataschema", "too_long", dataschema="/v1" * 100),
    "data that are no JSON": _event("Delivered", "datacontenttype", "wrong_content_type",
                                    datacontenttype="application/xml"),
    "data in base 64": _raw(
        GOOD.replace(b'"data"', b'"data_base64": "e30=", "more"'), "missing", "data"
    ),
    "no data": _raw(GOOD.replace(b'"data"', b'"more"'), "missing", "data"),
    "null data": _event("Delivered", "data", "not_an_object", data=None),
    "a list for data": _event("Delivered", "data", "not_an_object", data=[]),
    "JSON in a text for data": _event("Delivered", "data", "not_an_object", data="{}"),
    "no time of day": _event("Delivered", "time", "not_a_time", time="2026-01-31"),
    "a time without an offset": _event("Delivered", "time", "not_a_time",
                                       time="2026-01-31T12:00:00"),
    "a time in seconds": _event("Delivered", "time", "not_a_string", time=1_769_860_800),
    "a time in seconds, in quotes": _event("Delivered", "time", "not_a_time", time="1769860800"),
    "a 30th of February": _event("Delivered", "time", "not_a_time", time="2026-02-30T12:00:00Z"),
    "hour 24": _event("Delivered", "time", "not_a_time", time="2026-01-31T24:00:00Z"),
    "a leap second at noon": _event("Delivered", "time", "not_a_time",
                                    time="2016-12-31T12:00:60Z"),
    "second 61": _event("Delivered", "time", "not_a_time", time="2016-12-31T23:59:61Z"),
    "the year 0": _event("Delivered", "time", "not_a_time", time="0000-01-01T00:00:00Z"),
    "the year 10000": _event("Delivered", "time", "not_a_time", time="10000-01-01T00:00:00Z"),
    "the last instant of the year 9999": _event("Delivered", "time", "not_a_time",
                                                time="9999-12-31T23:59:59.999999Z"),
    "the first day of the year 1, in the east": _event("Delivered", "time", "not_a_time",
                                                       time="0001-01-01T00:00:00+14:00"),
    "full-width digits in a time": _event("Delivered", "time", "not_a_time",
                                          time="\uff12026-01-31T12:00:00Z"),
    "a time of many digits": _event("Delivered", "time", "not_a_time",
                                    time=f"2026-01-31T12:00:00.{'1' * 900_000}"),
    "an offset of 99 hours": _event("Delivered", "time", "not_a_time",
                                    time="2026-01-31T12:00:00+99:00"),
    "an empty time": _event("Delivered", "time", "not_a_time", time=""),
    "an HTTP date": _event("Delivered", "time", "not_a_time",
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
FIELDS = {
    **{f"no {name} in {kind}": _without(kind, name) for kind, name in REQUIRED},
    "no order id in the data": Bad(
        contract.structured("Delivered", data={"shipment_id": "S1"}), "data.order_id", "missing"
    ),
    "an empty shipment id": _data("Delivered", "shipment_id", "id", shipment_id=""),
    "a space in an id": _data("Delivered", "shipment_id", "id", shipment_id="S 1"),
    "a line break behind an id": _data("Delivered", "shipment_id", "id", shipment_id="S1\n"),
    "a slash in an id": _data("Delivered", "shipment_id", "id", shipment_id="S/1"),
    "an id of 65 characters": _data("Delivered", "shipment_id", "id", shipment_id="S" * 65),
    "an umlaut in an id": _data("Delivered", "shipment_id", "id", shipment_id="Sü"),
    "Arabic digits in an id": _data("Delivered", "shipment_id", "id", shipment_id="S\u0661"),
    "a NUL in an id": _data("Delivered", "shipment_id", "id", shipment_id="S\0"),
    "SQL in an id": _data("Delivered", "shipment_id", "id", shipment_id="S';--"),
    "a number for an order's line": _line("line_id", "not_a_string", line_id=1),
    "an id in an item": _item("line_id", "id", line_id="L 2"),
    "null for an id": _data("Delivered", "shipment_id", "not_a_string", shipment_id=None),
    "quantity 0": _item("quantity", "too_small", quantity=0),
    "a negative quantity": _item("quantity", "too_small", quantity=-1),
    "minus zero": _edited('"quantity": 1', '"quantity": -0', "data.items[1].quantity",
                          "too_small"),
    "a quantity of 10^9 + 1": _item("quantity", "too_great", quantity=1_000_000_001),
    "a quantity of 2^64": _item("quantity", "too_great", quantity=2**64),
    "a quantity of 4,000 digits": _edited(
        '"quantity": 1', f'"quantity": {"9" * 4_000}', "data.items[1].quantity", "too_great"
    ),
    "a quantity of 5,000 digits": _edited('"quantity": 1', f'"quantity": {"9" * 5_000}',
                                          "value", "not_json"),
    "a quantity of 900,000 digits": _edited('"quantity": 1', f'"quantity": {"9" * 900_000}',
                                            "value", "not_json"),
    "a quantity of 1e2000000": _edited('"quantity": 1', '"quantity": 1e2000000',
                                       "data.items[1].quantity", "not_an_integer"),
    "a quantity of 1.5": _item("quantity", "not_an_integer", quantity=1.5),
    "a quantity of 7.0": _item("quantity", "not_an_integer", quantity=7.0),
    "a quantity of 1e2": _edited('"quantity": 1', '"quantity": 1e2', "data.items[1].quantity",
                                 "not_an_integer"),
    "a quantity that is no number": _edited('"quantity": 1', '"quantity": NaN',
                                            "data.items[1].quantity", "not_an_integer"),
    "a quantity in quotes": _item("quantity", "not_an_integer", quantity="7"),
    "true for a quantity": _item("quantity", "not_an_integer", quantity=True),
    "null for a quantity": _item("quantity", "not_an_integer", quantity=None),
    "a list for a quantity": _item("quantity", "not_an_integer", quantity=[1]),
    "no items at all": _data("ShippedFromWarehouse", "items", "empty", items=[]),
    "an empty list where items are optional": _data("ItemCancelRequested", "items", "empty",
                                                    items=[]),
    "an object for items": _data("ShippedFromWarehouse", "items", "not_a_list",
                                 items={"L1": 1}),
    "a text for items": _data("ShippedFromWarehouse", "items", "not_a_list", items="L1"),
    "null where items are required": _data("ShippedFromWarehouse", "items", "not_a_list",
                                           items=None),
    "an item that is a text": _data("ShippedFromWarehouse", "items[0]", "not_an_object",
                                    items=["L1"]),
    "an item that is a list": _data("ShippedFromWarehouse", "items[0]", "not_an_object",
                                    items=[["L1", 1]]),
    "an item without a quantity": _data("ShippedFromWarehouse", "items[0].quantity", "missing",
                                        items=[{"line_id": "L1"}]),
    "2,001 items": _data("ShippedFromWarehouse", "items", "too_many", **_long(2_001)),
    "300,000 items of junk": Bad(
        contract.structured("ShippedFromWarehouse", LEAST["Delivered"] | {"items": [0] * 300_000}),
        "data.items[0]",
        "not_an_object",
    ),
    "an unknown condition": _item("condition", "unknown_value", "ReturnedToWarehouse",
                                  condition="fine"),
    "an order without lines": _data("OrderPlaced", "lines", "empty", lines=[]),
    "2,001 lines": _data("OrderPlaced", "lines", "too_many",
                         lines=[MUG | {"line_id": f"L{n}"} for n in range(2_001)]),
    "a line twice in an order": _data("OrderPlaced", "lines[2].line_id", "repeated_line",
                                      lines=[MUG, MUG | {"line_id": "L2"}, MUG]),
    "an empty title": _line("title", "empty", title=""),
    "a title of 301 characters": _line("title", "too_long", title="t" * 301),
    "a title of half a megabyte": _line("title", "too_long", title="t" * 500_000),
    "a line break in a title": _line("title", "not_printable", title="Mug\nBlue"),
    "a NUL in a title": _line("title", "not_printable", title="Mug\0"),
    "an escape in a title": _line("title", "not_printable", title="\x1b[31mMug"),
    "a delete character in a title": _line("title", "not_printable", title="Mug\x7f"),
    "text turned around in a title": _line("title", "not_printable", title="Mug\u202egum"),
    "text turned around in a title, not escaped": Bad(
        Incoming(json.dumps(
            contract.event("OrderPlaced", LEAST["OrderPlaced"] | {
                "lines": [MUG | {"title": "Mug\u202egum"}]
            }), ensure_ascii=False,
        ).encode()),
        "data.lines[0].title",
        "not_printable",
    ),
    "a control character beyond ASCII in a source": Bad(
        Incoming(GOOD.replace(b"/shop", "/\u0085".encode())), "source", "not_printable"
    ),
    "a number for a title": _line("title", "not_a_string", title=1984),
    "an empty sku": _line("sku", "empty", sku=""),
    "a sku of 65 characters": _line("sku", "too_long", sku="s" * 65),
    "a tab in a sku": _line("sku", "not_printable", sku="a\tb"),
    "yes for coming_soon": _line("coming_soon", "not_a_boolean", coming_soon="yes"),
    "1 for coming_soon": _line("coming_soon", "not_a_boolean", coming_soon=1),
    "a carrier of 101 characters": _data("ShippedFromWarehouse", "carrier", "too_long",
                                         carrier="c" * 101),
    "a NUL in a tracking number": _data("ShippedFromWarehouse", "tracking_number",
                                        "not_printable", tracking_number="1\0"),
    "a note of 2,001 characters": _data("ItemCancelRequested", "note", "too_long",
                                        note="n" * 2_001),
    "a NUL in a note": _data("ItemCancelRequested", "note", "not_printable", note="a\0b"),
    "a list for a note": _data("ItemCancelRequested", "note", "not_a_string", note=["a"]),
    "an unknown party": _data("ItemCancelRequested", "requested_by", "unknown_value",
                              requested_by="warehouse"),
    "an unknown reason": _data("ItemCancelRequested", "reason", "unknown_value", reason="bored"),
    "a seller's reason of a buyer": _data("ItemCancelRequested", "reason",
                                          "reason_of_other_party", reason="out_of_stock"),
    "a buyer's reason of a seller": _data("ItemCancelRequested", "reason",
                                          "reason_of_other_party", requested_by="seller",
                                          reason="changed_mind"),
    "an unknown confirming party": _data("CancellationConfirmed", "confirmed_by",
                                         "unknown_value", confirmed_by="buyer"),
    "an unknown kind of rejection": _data("DeliveryRejected", "kind", "unknown_value",
                                          kind="not_at_home"),
    "an empty reason": _data("StopRefused", "reason", "empty", reason=""),
    "a reason of 301 characters": _data("RefundFailed", "reason", "too_long", reason="r" * 301),
    "a NUL in a reason": _data("RefundFailed", "reason", "not_printable", reason="a\0b"),
    "a text for what is corrected": _data("FactCorrected", "corrects", "not_an_object",
                                          corrects="m-1"),
    "a correction of no message": _data("FactCorrected", "corrects.id", "missing",
                                        corrects={"source": "/warehouse"}),
    "a correction to a list": _data("FactCorrected", "data", "not_an_object", data=[]),
    "a correction to quantity 0": _data("FactCorrected", "data.items[0].quantity", "too_small",
                                        data={"items": [{"line_id": "L1", "quantity": 0}]}),
    "a correction to no items": _data("FactCorrected", "data.items", "empty",
                                      data={"items": []}),
    "a correction to a bad id": _data("FactCorrected", "data.shipment_id", "id",
                                      data={"shipment_id": "S 1"}),
}  # fmt: skip
MONEY = {
    "an amount that is a number": _amount(12.9, "not_a_string"),
    "an amount that is an integer": _amount(12, "not_a_string"),
    "an empty amount": _amount(""),
    "a negative amount": _amount("-1.00"),
    "an amount with a plus": _amount("+1.00"),
    "a space before an amount": _amount(" 1.00"),
    "a space behind an amount": _amount("1.00 "),
    "a line break behind an amount": _amount("1.00\n"),
    "an amount that ends with its point": _amount("1."),
    "an amount that begins with its point": _amount(".5"),
    "a comma in an amount": _amount("1,50"),
    "thousands with commas": _amount("1,000.00"),
    "underscores in an amount": _amount("1_000"),
    "an amount in exponents": _amount("1e2"),
    "1e2000000 for an amount": _amount("1e2000000"),
    "an amount of 900,000 digits": _amount("9" * 900_000),
    "an amount with 900,000 decimals": _amount("0." + "9" * 900_000),
    "a hexadecimal amount": _amount("0x10"),
    "a leading zero": _amount("01.00"),
    "NaN for an amount": _amount("NaN"),
    "Infinity for an amount": _amount("Infinity"),
    "full-width digits in an amount": _amount("\uff11.00"),
    "Arabic digits in an amount": _amount("\u0661\u0662"),
    "an amount of 10^12": _amount("1000000000000"),
    "a sign of a currency in an amount": _amount("€1"),
    "decimals of yen": _amount("1.0", "too_many_decimals", "JPY"),
    "three decimals of a euro": _amount("1.000", "too_many_decimals"),
    "four decimals of a dinar": _amount("1.0000", "too_many_decimals", "KWD"),
    "null for an amount": _amount(None, "not_a_string"),
    "an unknown currency": _data("RefundIssued", "currency", "unknown_currency", currency="EUX"),
    "a currency in small letters": _data("RefundIssued", "currency", "unknown_currency",
                                         currency="eur"),
    "gold": _data("RefundIssued", "currency", "unknown_currency", currency="XAU"),
    "a currency of a megabyte": _data("RefundIssued", "currency", "unknown_currency",
                                      currency="E" * 900_000),
    "an unknown currency of an order": _data("OrderPlaced", "currency", "unknown_currency",
                                             currency="EUX"),
    "a bad unit price": _line("unit_price", "amount", unit_price="1."),
    "a bad discount of a line": _line("discount", "amount", discount="-1"),
    "a bad tax of a line": _line("tax", "too_many_decimals", "JPY", unit_price="1", tax="0.5"),
    "a bad discount": _data("OrderPlaced", "discount", "too_many_decimals", discount="0.001"),
    "a bad shipping fee": _data("OrderPlaced", "shipping_fee", "amount", shipping_fee="free"),
    "a bad shipping tax": _data("OrderPlaced", "shipping_tax", "amount", shipping_tax="1e1"),
    "a negative sum paid": _data("OrderPlaced", "paid", "amount", paid="-0.01"),
}  # fmt: skip
HEADED = {
    "10,000 headers": _headed("headers", "too_many", *[("x", b"y")] * 10_000),
    "10,000 different headers": _headed(
        "headers", "too_many", *[(f"x{n}", b"y") for n in range(10_000)]
    ),
    "a header of 70,000 bytes": _headed("headers", "too_large", ("trace", b"t" * 70_000)),
    "an id twice, and different": _headed("id", "repeated_header", ("ce_id", b"m-2")),
    "a type twice, once in capitals": _headed("type", "repeated_header", ("CE_TYPE", b"Lost")),
    "a content type twice": _headed(
        "datacontenttype", "repeated_header", ("Content-Type", b"application/cloudevents+json")
    ),
    "an id that is no UTF-8": Bad(
        Incoming(b"{}", [("ce_type", b"Delivered"), ("ce_id", b"\xff")]), "id", "not_utf8"
    ),
    "a batch": _only(
        "datacontenttype", "batch_mode", ("content-type", b"application/cloudevents-batch+json")
    ),
    "a batch in capitals": _only(
        "datacontenttype",
        "batch_mode",
        ("Content-Type", b"Application/CloudEvents-Batch+JSON; charset=UTF-8"),
    ),
    "Avro": _only(
        "datacontenttype", "unsupported_format", ("content-type", b"application/cloudevents+avro")
    ),
    "binary XML": Bad(
        Incoming(b"<a/>", [*HEADERS[:-1], ("content-type", b"application/xml")]),
        "datacontenttype",
        "wrong_content_type",
    ),
    **{
        f"binary, no {name}": _binary(name, "missing", **{name: None})
        for name in ATTRIBUTES
    },
    "binary, a header without a value": Bad(
        Incoming(b"{}", [("ce_type", None), ("ce_id", b"m-1")]), "type", "missing"
    ),
    "binary, an unknown type": _binary("type", "unknown_type", type="Shipped"),
    "binary, a tombstone": Bad(Incoming(None, HEADERS), "value", "tombstone"),
    "binary, no bytes": Bad(Incoming(b"", HEADERS), "value", "not_json"),
    "binary, a list": Bad(Incoming(b"[]", HEADERS), "data", "not_an_object"),
    "binary, too large": Bad(Incoming(b" " * (MEGABYTE + 1), HEADERS), "value", "too_large"),
    "binary, a line break in an id": _binary("id", "not_printable", id="m\n1"),
    "binary, CloudEvents 0.3": _binary(
        "specversion", "unsupported_specversion", specversion="0.3"
    ),
    "binary, a time without an offset": _binary("time", "not_a_time", time="2026-01-31T12:00:00"),
    "binary, another subject": _binary("subject", "subject_mismatch", subject="o-2"),
    "binary, data of another version": _binary(
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

BAD: dict[str, Bad] = BYTES | KEYS_TWICE | ENVELOPE | TOPICS | FIELDS | MONEY | HEADED
