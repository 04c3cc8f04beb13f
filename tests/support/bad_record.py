"""Ways to make a record bad: a good one, a change, and the field and rule that tell it."""

from __future__ import annotations

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


def bad_event(kind: str, field: str, rule: str, /, **attributes: object) -> Bad:
    return Bad(contract.structured(kind, **attributes), field, rule)


def bad_data(kind: str, field: str, rule: str, /, **fields: object) -> Bad:
    return Bad(contract.structured(kind, LEAST[kind] | fields), f"data.{field}", rule)


def lacking(kind: str, name: str) -> Bad:
    less = {key: value for key, value in LEAST[kind].items() if key != name}
    return Bad(contract.structured(kind, less), f"data.{name}", "missing")


def bad_line(field: str, rule: str, currency: str = "EUR", **fields: object) -> Bad:
    order = LEAST["OrderPlaced"] | {"currency": currency, "lines": [MUG | fields]}
    return Bad(contract.structured("OrderPlaced", order), f"data.lines[0].{field}", rule)


def bad_item(field: str, rule: str, kind: str = "ShippedFromWarehouse", **fields: object) -> Bad:
    said = LEAST[kind] | {"items": [ITEMS[0], ITEMS[1] | fields]}
    return Bad(contract.structured(kind, said), f"data.items[1].{field}", rule)


def bad_amount(text: object, rule: str = "amount", currency: str = "EUR") -> Bad:
    return bad_data("RefundIssued", "amount", rule, amount=text, currency=currency)


def raw(value: bytes | None, rule: str, field: str = "value") -> Bad:
    return Bad(Incoming(value), field, rule)


def edited(old: str, new: str, field: str, rule: str, kind: str = "ShippedFromWarehouse") -> Bad:
    """A good record with a piece of its text exchanged, for what no JSON writer would write."""
    value = json.dumps(contract.event(kind))
    if old not in value:
        raise AssertionError(f"{old} is not in {value}")
    return Bad(Incoming(value.replace(old, new, 1).encode()), field, rule)


def bad_binary(field: str, rule: str, /, **attributes: object) -> Bad:
    return Bad(contract.binary("Delivered", **attributes), field, rule)


def headed(field: str, rule: str, *headers: tuple[str, bytes | None]) -> Bad:
    return Bad(contract.binary("Delivered")._replace(headers=[*HEADERS, *headers]), field, rule)


def only_headed(field: str, rule: str, *headers: tuple[str, bytes | None]) -> Bad:
    return Bad(Incoming(GOOD, list(headers)), field, rule)


def bomb() -> bytes:
    """200 megabytes of zeros in 200 kilobytes."""
    packer = zlib.compressobj(9, wbits=31)
    return b"".join([packer.compress(bytes(MEGABYTE)) for _ in range(200)]) + packer.flush()


def many_items(items: int) -> dict[str, Any]:
    return {"items": [{"line_id": f"L{n}", "quantity": 1} for n in range(items)]}


ATTRIBUTES = ("specversion", "id", "source", "type", "subject", "time")
REQUIRED = [(kind, name) for kind, told in LEAST.items() for name in told]
