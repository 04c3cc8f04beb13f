"""JSON from outside, read within bounds: bytes, depth, each key once."""

from __future__ import annotations

from typing import Any

import msgspec

from consumers.bad_message import Malformed
from consumers.cloudevents import not_json
from consumers.duplicate_keys import refuse_duplicate_keys
from consumers.envelope import Cut

MAX_DOCUMENT_BYTES = 10_000_000
"""The longest document of a file. By Kafka a record has at most 1,000,000 bytes."""
MAX_EVENTS = 10_000
"""Events, or trackings, of one document."""
MAX_DEPTH = 64
LONGEST_TEXT = 512
"""Characters of a URI, a status or any other text that is looked at."""

Raw = msgspec.Raw
JsonObject = dict[str, Any]


def checked_size(value: bytes | None) -> bytes:
    """Return the bytes of a document. Raises Malformed when there are none, or too many."""
    if value is None:
        raise Malformed("value", "tombstone", "is null; a document cannot be deleted")
    if isinstance(value, Cut):
        raise Malformed("value", "too_large", f"has {value.kept}; send fewer events at once")
    if len(value) > MAX_DOCUMENT_BYTES:
        detail = f"must have at most {MAX_DOCUMENT_BYTES} bytes; send fewer events at once"
        raise Malformed("value", "too_large", detail)
    return value


def parts(value: bytes, field: str) -> dict[str, Raw]:
    """Return the members of a JSON object, each as its own bytes. Raises Malformed."""
    try:
        return msgspec.json.decode(value, type=dict[str, Raw])
    except RecursionError:
        raise _too_deep(field) from None
    except msgspec.ValidationError:
        raise Malformed(field, "not_an_object", "must be an object") from None
    except msgspec.DecodeError as wrong:
        raise _no_json(value, wrong) from None


def elements(value: bytes, field: str) -> list[bytes]:
    """Return the elements of a JSON list, each as its own bytes. Raises Malformed."""
    try:
        found = msgspec.json.decode(value, type=list[Raw])
    except RecursionError:
        raise _too_deep(field) from None
    except msgspec.ValidationError:
        raise Malformed(field, "not_a_list", "must be a list") from None
    except msgspec.DecodeError as wrong:
        raise _no_json(value, wrong) from None
    if len(found) > MAX_EVENTS:
        detail = f"must have at most {MAX_EVENTS} entries; send fewer at once"
        raise Malformed(field, "too_many", detail)
    return [bytes(one) for one in found]


def whole(value: bytes, field: str) -> JsonObject:
    """Read a JSON object that is looked at as a whole: no key twice, not too deep."""
    try:
        found = msgspec.json.decode(value)
        refuse_duplicate_keys(value)
    except RecursionError:
        raise _too_deep(field) from None
    except Malformed as wrong:
        raise Malformed(field, wrong.rule, wrong.detail) from None
    except msgspec.ValidationError:
        raise Malformed(field, "not_json", "holds a number that is out of range") from None
    except msgspec.DecodeError as wrong:
        raise _no_json(value, wrong) from None
    if not isinstance(found, dict):
        raise Malformed(field, "not_an_object", "must be an object")
    if _is_deeper(found, MAX_DEPTH):
        raise _too_deep(field)
    return found


def refuse_duplicates(value: bytes, events: list[bytes]) -> None:
    """Refuse a document that has a key twice, unless the events have it: they answer for it."""
    try:
        refuse_duplicate_keys(value)
    except RecursionError:
        raise _too_deep("value") from None
    except ValueError as wrong:
        raise _no_json(value, wrong) from None
    except Malformed:
        if not any(_has_duplicates(event) for event in events):
            raise


def _has_duplicates(event: bytes) -> bool:
    try:
        refuse_duplicate_keys(event)
    except (Malformed, ValueError, RecursionError):
        return True
    return False


def _no_json(value: bytes, wrong: Exception) -> Malformed:
    if value.lstrip()[:1] == b"<":
        return Malformed("value", "not_json", "is XML; send JSON")
    return not_json(value, str(wrong))


def _too_deep(field: str) -> Malformed:
    return Malformed(field, "too_deep", f"must be nested at most {MAX_DEPTH} levels deep")


def _is_deeper(value: object, levels: int) -> bool:
    """Whether a value is nested deeper; without recursion, for it comes from outside."""
    found: list[object] = [value]
    for _ in range(levels):
        found = [
            inner
            for one in found
            for inner in (
                one.values() if isinstance(one, dict) else one if isinstance(one, list) else ()
            )
        ]
        if not found:
            return False
    return any(isinstance(one, dict | list) for one in found)
