"""A record into a message that the domain can decide about, or a BadMessage that says why not."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails, from_json, to_json

from consumers import messages
from consumers.bad_message import BadMessage, Malformed, complaint
from consumers.duplicate_keys import refuse_duplicate_keys
from consumers.envelope import Cut, Heard, Incoming, content_mode, refuse_other_content, salvaged
from consumers.fields import MAX_BYTES
from consumers.placing import Envelope
from consumers.reading import Read, read, read_binary
from consumers.restate import body, fingerprint
from consumers.times import to_microseconds
from consumers.translate import translate

__all__ = ["BadMessage", "Heard", "Incoming", "body", "fingerprint", "hear", "judge", "not_json"]

_STRUCTURED = messages.STRUCTURED.validator.validate_json
_DATA = {name: TypeAdapter(kind).validator.validate_json for name, kind in messages.DATA.items()}

_Reader = Callable[[bytes], Read]
_BinaryReader = Callable[[dict[str, str], bytes], Read]


def hear(record: Incoming, now: int, note_key: bytes) -> Heard:
    """Read a record. `now` is our clock in microseconds, `note_key` makes the notes' names.

    Raises BadMessage, and nothing else, whatever the record holds.
    """
    try:
        return _hear(record, now, note_key, read, read_binary)
    except Malformed:
        return judge(record, now, note_key)


def judge(record: Incoming, now: int, note_key: bytes) -> Heard:
    """Read a record by the contract's models alone, as `hear` does when in doubt."""
    try:
        return _hear(record, now, note_key, _judge, _judge_binary)
    except Malformed as wrong:
        left = salvaged(record, _lenient_json(record.value))
        raise BadMessage(wrong.field, wrong.rule, wrong.detail, left) from None


def _too_large(value: bytes) -> str:
    detail = f"must have at most {MAX_BYTES} bytes"
    if not isinstance(value, Cut):
        return detail
    return f"{detail}, has {value.kept}"


def _hear(
    record: Incoming, now: int, note_key: bytes, structured: _Reader, binary: _BinaryReader
) -> Heard:
    value = record.value
    if value is None:
        raise Malformed("value", "tombstone", "is null; a message cannot be deleted")
    if len(value) > MAX_BYTES:
        raise Malformed("value", "too_large", _too_large(value))
    attributes = content_mode(record.headers) if record.headers else None
    said = structured(value) if attributes is None else binary(attributes, value)
    kind, order_id, source, message_id, time, data = said
    channel = record.channel
    if channel is not None and messages.CHANNEL_OF[kind] != channel:
        raise Malformed("type", "wrong_topic", f"{kind} does not come from the {channel}")
    if data.order_id != order_id:
        raise Malformed("subject", "subject_mismatch", "must be data.order_id")
    envelope = Envelope(order_id, time, now, source, message_id, note_key)
    message, note = translate(kind, data, envelope)
    return Heard(order_id, message, kind, source, message_id, note)


def _judge(value: bytes) -> Read:
    try:
        event = _STRUCTURED(value)
    except ValidationError as invalid:
        error = _first(invalid, value)
        error["loc"] = error["loc"][1:]  # the first part is the type, not a field
        if error["loc"] == ("data",) and error["type"] == "missing":
            plain = _with_data(value)
            if plain is not None:
                return _judge(plain)
        raise complaint(error) from None
    if event.datacontenttype is not None:
        refuse_other_content(event.datacontenttype)
    refuse_duplicate_keys(value)
    return _read(event.type, event, event.data)


def _with_data(value: bytes) -> bytes | None:
    """The event with what its `data_base64` holds as `data`, as producers of bytes write it."""
    event = from_json(value)
    if event.get("data_base64") is None:
        return None
    refuse_duplicate_keys(value)
    try:
        data = base64.b64decode(event["data_base64"], validate=True)
        event["data"] = from_json(data, allow_inf_nan=False)
    except (TypeError, ValueError, binascii.Error):
        raise Malformed("data_base64", "not_json", "must be the base64 of JSON") from None
    refuse_duplicate_keys(data)
    del event["data_base64"]
    return to_json(event)


def _judge_binary(attributes: dict[str, str], value: bytes) -> Read:
    kind = _known_type(attributes.get("type"))
    envelope = _attributes(attributes)
    try:
        data = _DATA[kind](value)
    except ValidationError as invalid:
        raise complaint(_first(invalid, value), ("data",)) from None
    refuse_duplicate_keys(value)
    return _read(kind, envelope, data)


def _read(kind: str, envelope: messages.Attributes, data: messages.Data) -> Read:
    time = to_microseconds(envelope.time)
    return kind, envelope.subject, envelope.source, envelope.id, time, data


def _first(invalid: ValidationError, value: bytes) -> ErrorDetails:
    error = invalid.errors(include_url=False)[0]
    if error["type"] == "json_invalid":
        raise not_json(value, error["ctx"]["error"]) from None
    return error


def not_json(value: bytes, reason: str) -> Malformed:
    """Say why bytes are no JSON, given the parser's reason."""
    if value.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        return Malformed("value", "byte_order_mark", "must be UTF-8 without a byte order mark")
    if value.startswith(b"\x1f\x8b"):
        return Malformed("value", "compressed", "must be JSON, not gzip; let Kafka compress")
    try:
        value.decode()
    except UnicodeDecodeError:
        return Malformed("value", "not_utf8", "must be UTF-8")
    rule = "too_deep" if "recursion" in reason else "not_json"
    return Malformed("value", rule, f"is no JSON: {reason}"[:200])


def _known_type(kind: str | None) -> str:
    if kind is None:
        raise Malformed("type", "missing", "is required")
    if kind not in messages.DATA:
        raise Malformed("type", "unknown_type", "is no type of message that we know")
    return kind


def _attributes(attributes: dict[str, str]) -> messages.Attributes:
    try:
        return messages.Attributes.model_validate(attributes)
    except ValidationError as invalid:
        raise complaint(invalid.errors(include_url=False)[0]) from None


def _lenient_json(value: bytes | None) -> object:
    if value is None or len(value) > MAX_BYTES:
        return None
    try:
        return from_json(value)
    except ValueError:
        return None
