"""A record's CloudEvents envelope, by the Kafka protocol binding: which mode, which attributes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from consumers.bad_message import Left, Malformed
from consumers.fields import LONGEST_NAME
from consumers.translate import Message

_ID = re.compile(r"[A-Za-z0-9._:-]{1,64}", re.ASCII)
_ATTRIBUTES = {
    "content-type": "datacontenttype",
    "ce_specversion": "specversion",
    "ce_id": "id",
    "ce_source": "source",
    "ce_type": "type",
    "ce_subject": "subject",
    "ce_time": "time",
    "ce_dataschema": "dataschema",
}
"""Header to attribute, by the Kafka binding; names in capitals are taken too."""
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


ONLY = "only the first"
"""In the detail of a dead letter: its bytes are not whole."""


class Cut(bytes):
    """The beginning of a value that is too long to be kept whole."""

    size: int
    """Bytes that the whole value had."""

    @classmethod
    def of(cls, beginning: bytes, size: int) -> Cut:
        """Keep `beginning` of a value of `size` bytes."""
        cut = cls(beginning)
        cut.size = size
        return cut

    @property
    def kept(self) -> str:
        """How much there was, and is kept."""
        return f"{self.size} bytes; {ONLY} {len(self)} are kept"


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
    content_type = read.pop("datacontenttype", None)
    if content_type is not None and content_type != "application/json":
        media_type = content_type.partition(";")[0].strip().lower()
        if media_type.startswith("application/cloudevents"):
            _refuse_other_formats(media_type)
            return None
        if read and not _is_json(media_type):
            raise Malformed("datacontenttype", "wrong_content_type", "must be application/json")
    return read or None


def refuse_other_content(content_type: str) -> None:
    """The `datacontenttype` of a structured event, where it has one, must be JSON's."""
    if content_type == "application/json":
        return
    if not _is_json(content_type.partition(";")[0].strip().lower()):
        raise Malformed("datacontenttype", "wrong_content_type", "must be application/json")


def _is_json(media_type: str) -> bool:
    return media_type in ("application/json", "text/json") or media_type.endswith("+json")


def _refuse_other_formats(content_type: str) -> None:
    if content_type.startswith("application/cloudevents-batch"):
        raise Malformed("datacontenttype", "batch_mode", "send one event in a record")
    if content_type not in ("application/cloudevents", "application/cloudevents+json"):
        raise Malformed(
            "datacontenttype", "unsupported_format", "must be application/cloudevents+json"
        )


def _known_headers(headers: Sequence[tuple[str, bytes | None]]) -> dict[str, str]:
    """The attributes that we read, by their names; other headers are not ours."""
    if len(headers) > MAX_HEADERS:
        raise Malformed("headers", "too_many", f"must be at most {MAX_HEADERS}")
    read: dict[str, str] = {}
    size = 0
    for header, value in headers:
        if value is None:
            continue
        size += len(header) + len(value)
        name = _ATTRIBUTES.get(header) or _ATTRIBUTES.get(header.lower())
        if name is not None:
            text = _text(name, value)
            if read.setdefault(name, text) != text:
                raise Malformed(name, "repeated_header", "comes twice and differs")
    if size > MAX_HEADER_BYTES:
        raise Malformed("headers", "too_large", f"must have at most {MAX_HEADER_BYTES} bytes")
    return read


def _text(name: str, value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        raise Malformed(name, "not_utf8", "must be UTF-8") from None


def salvaged(record: Incoming, event: object) -> Left:
    """What can still be read of a bad record's envelope. `event` is its JSON, or None.

    The key names the order where the envelope does not: by the contract it is the order id.
    """
    found: dict[str, Any] = _readable(record.headers)
    if not found and isinstance(event, dict):
        found = event
    key = (record.key or b"")[:65].decode("ascii", "replace")
    return Left(
        order_id=_if_id(found.get("subject")) or _if_id(key),
        source=_if_name(found.get("source")),
        message_id=_if_name(found.get("id")),
        type=_if_id(found.get("type")),
    )


def _readable(headers: Sequence[tuple[str, bytes | None]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for header, value in headers[:MAX_HEADERS]:
        name = _ATTRIBUTES.get(header.lower())
        if value is not None and name not in (None, "datacontenttype"):
            found.setdefault(name, value[:1024].decode(errors="replace"))
    return found


def _if_id(value: object) -> str | None:
    return value if isinstance(value, str) and _ID.fullmatch(value) else None


def _if_name(value: object) -> str | None:
    if not isinstance(value, str) or "\ufffd" in value or not value.isprintable():
        return None
    return value if 0 < len(value) <= LONGEST_NAME else None
