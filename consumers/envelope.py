"""A record's CloudEvents envelope, by the Kafka protocol binding: which mode, which attributes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from consumers.bad_message import Malformed
from consumers.translate import Message

_ID = re.compile(r"[A-Za-z0-9._:-]{1,64}", re.ASCII)
MAX_HEADERS = 256
MAX_HEADER_BYTES = 65_536
"""All names and values of a record's headers together."""


class Heard(NamedTuple):
    """A good message."""

    order_id: str
    message: Message
    type: str
    source: str
    message_id: str
    note: str | None
    """Free text, to be kept apart: `message` holds only its `note_ref`, or `note:<ref>`."""


class Incoming(NamedTuple):
    """A record as it came, from Kafka, a file or HTTP; nothing in it is trusted."""

    value: bytes | None
    headers: Sequence[tuple[str, bytes | None]] = ()
    key: bytes | None = None
    channel: str | None = None
    """`storefront`, `warehouse` or `payments`: the right to speak. None: any type may come."""
    topic: str | None = None
    partition: int | None = None
    offset: int | None = None
    timestamp: int | None = None


def content_mode(headers: Sequence[tuple[str, bytes | None]]) -> dict[str, str] | None:
    """The attributes of a binary record, from its headers; None when the mode is structured.

    Without a content type and without `ce_` headers the value is taken as a structured event.
    """
    read = _known_headers(headers)
    content_type = read.pop("content-type", "").partition(";")[0].strip().lower()
    if content_type.startswith("application/cloudevents"):
        _refuse_other_formats(content_type)
        return None
    if not read:
        return None
    if content_type and not _is_json(content_type):
        raise Malformed("content-type", "wrong_content_type", "must be application/json")
    return {name.removeprefix("ce_"): value for name, value in read.items()}


def refuse_other_content(content_type: str | None) -> None:
    """The `datacontenttype` of a structured event, where it has one, must be JSON's."""
    if content_type is None or content_type == "application/json":
        return
    if not _is_json(content_type.partition(";")[0].strip().lower()):
        raise Malformed("datacontenttype", "wrong_content_type", "must be application/json")


def _is_json(media_type: str) -> bool:
    return media_type in ("application/json", "text/json") or media_type.endswith("+json")


def _refuse_other_formats(content_type: str) -> None:
    if content_type.startswith("application/cloudevents-batch"):
        raise Malformed("content-type", "batch_mode", "send one event in a record")
    if content_type not in ("application/cloudevents", "application/cloudevents+json"):
        raise Malformed(
            "content-type", "unsupported_format", "must be application/cloudevents+json"
        )


def _known_headers(headers: Sequence[tuple[str, bytes | None]]) -> dict[str, str]:
    """`content-type` and all `ce_` headers by their lower-case names; the others are not ours."""
    if len(headers) > MAX_HEADERS:
        raise Malformed("headers", "too_many", f"must be at most {MAX_HEADERS}")
    if sum([len(name) + len(value or b"") for name, value in headers]) > MAX_HEADER_BYTES:
        raise Malformed("headers", "too_large", f"must have at most {MAX_HEADER_BYTES} bytes")
    read: dict[str, str] = {}
    for name, value in headers:
        lower = name.lower()
        if value is not None and (lower.startswith("ce_") or lower == "content-type"):
            text = _text(lower, value)
            if read.setdefault(lower, text) != text:
                field = lower.removeprefix("ce_")
                raise Malformed(field, "repeated_header", "comes twice and differs")
    return read


def _text(name: str, value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        raise Malformed(name.removeprefix("ce_"), "not_utf8", "must be UTF-8") from None


def salvaged(record: Incoming, event: Any) -> dict[str, str | None]:
    """What can still be read of a bad record's envelope. `event` is its JSON, or None."""
    attributes = _lenient_headers(record.headers)
    if isinstance(event, dict) and "id" not in attributes:
        attributes |= {name: event.get(name) for name in ("id", "source", "type", "subject")}
    key = record.key[:65].decode("ascii", "replace") if record.key else None
    return {
        "order_id": _if_id(attributes.get("subject")) or _if_id(key),
        "source": _if_name(attributes.get("source")),
        "message_id": _if_name(attributes.get("id")),
        "type": _if_id(attributes.get("type")),
    }


def _lenient_headers(headers: Sequence[tuple[str, bytes | None]]) -> dict[str, Any]:
    try:
        mode = content_mode(headers[:MAX_HEADERS])
    except Malformed:
        return {}
    return dict(mode or {})


def _if_id(value: Any) -> str | None:
    return value if isinstance(value, str) and _ID.fullmatch(value) else None


def _if_name(value: Any) -> str | None:
    fits = isinstance(value, str) and 0 < len(value) <= 256 and value.isprintable()
    return value if fits else None
