"""The short way to read a plain message: msgspec, and no second look.

pydantic judges and explains (`cloudevents.py`); this reader only has to be sure. It is in doubt
unless the bytes hold the known fields, each once, in their bounds, and nothing else but plain
texts and numbers, and then pydantic decides. It costs a third, and tests hold the two against
each other.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import reduce
from operator import attrgetter, or_
from typing import Any, NamedTuple, Protocol, get_type_hints

import msgspec

from consumers import fields, messages
from consumers.bad_message import Malformed
from consumers.times import Moment, since_epoch

_IDS = re.compile(r"[A-Za-z0-9._:-]*", re.ASCII)
_SCALAR = re.compile(rb'"[ !#-\[\]-~]*"|-?(?:0|[1-9][0-9]{0,15})(?:\.[0-9]{1,15})?|true|false|null')
_BACKSLASH = 0x5C
_DELETE = 0x7F
_Texts = Callable[[Any], tuple[str | None, ...]]


Read = tuple[str, str, str, str, int, Any]
"""A message read for certain: type, subject, source, id, time, and its data.

The data have the attributes of their contract model.
"""


_Rows = list[dict[str, Any]] | None


class _Event(Protocol):
    """The attributes of an event, by either mode."""

    id: str
    source: str
    subject: str
    dataschema: str | None


class _Shape(NamedTuple):
    """How the data of one type are looked through."""

    kind: str
    fields: frozenset[str]
    ids: _Texts
    texts: _Texts
    rows: str


def read(value: bytes) -> Read:
    """Read a structured CloudEvent. Raises Malformed when it takes a second look."""
    try:
        event = _EVENTS.decode(value)
        occurred_at = since_epoch(event.time)
    except (ValueError, RecursionError):
        raise _in_doubt() from None
    quotes = 26  # six attributes with their texts, and the name of `data`
    if event.datacontenttype is not None:
        quotes += 4
        if event.datacontenttype != "application/json":
            raise _in_doubt()
    if event.dataschema is not None:
        quotes += 4
    data = event.data
    shape = _SHAPES[type(data)]
    if not _is_plain(value, event, data, shape, quotes):
        raise _in_doubt()
    return shape.kind, event.subject, event.source, event.id, occurred_at, data


def read_binary(attributes: dict[str, str], value: bytes) -> Read:
    """Read a binary one. Raises Malformed when it takes a second look."""
    try:
        kind = attributes["type"]
        data = _DATA[kind].decode(value)
        event = msgspec.convert(attributes, _ATTRIBUTES)
        occurred_at = since_epoch(event.time)
    except (ValueError, LookupError, RecursionError):
        raise _in_doubt() from None
    if not (event.source + event.id).isprintable():
        raise _in_doubt()
    if not _is_plain(value, event, data, _SHAPES[type(data)], 0):
        raise _in_doubt()
    return kind, event.subject, event.source, event.id, occurred_at, data


def _in_doubt() -> Malformed:
    return Malformed("value", "in_doubt", "takes a second look")


def _is_plain(
    value: bytes, event: _Event, data: msgspec.Struct, shape: _Shape, quotes: int
) -> bool:
    rows = getattr(data, shape.rows) if shape.rows else None
    rest = value.count(b'"') - quotes - _quotes_of(data, shape, rows)
    if rest and rest != _other_quotes(value, shape, in_envelope=quotes > 0):
        return False
    ids = event.subject + "".join(filter(None, shape.ids(data)))
    if rows is not None:
        ids += "".join([row["line_id"] for row in rows])
    if _IDS.fullmatch(ids) is None:
        return False
    if event.dataschema is not None and not event.dataschema.endswith("/v1"):
        return False
    # Raw control characters are no JSON: what is ASCII and has no escapes can all be printed.
    if value.isascii() and _BACKSLASH not in value and _DELETE not in value:
        return True
    return _can_be_printed(event, data, shape, rows)


def _can_be_printed(event: _Event, data: msgspec.Struct, shape: _Shape, rows: _Rows) -> bool:
    texts = [event.source, event.id, event.dataschema or "", *filter(None, shape.texts(data))]
    if rows is not None and shape.rows == "lines":
        texts += [line["sku"] + line["title"] for line in rows]
    return "".join(texts).isprintable()


def _other_quotes(value: bytes, shape: _Shape, *, in_envelope: bool) -> int:
    """Count the quotes that are escaped, or belong to plain fields that we do not know."""
    if _BACKSLASH in value:
        if b"\\\\" in value:  # which quotes are escaped takes a parser to tell
            raise _in_doubt()
        return value.count(b'\\"')
    if not value.isascii():
        raise _in_doubt()
    parts = _PARTS.decode(value)
    if not in_envelope:
        return _quotes_of_unknown(parts, shape.fields)
    data = _PARTS.decode(parts["data"])
    return _quotes_of_unknown(parts, _ENVELOPE) + _quotes_of_unknown(data, shape.fields)


def _quotes_of_unknown(parts: dict[str, msgspec.Raw], known: frozenset[str]) -> int:
    quotes = 0
    for name in parts.keys() - known:
        part = bytes(parts[name])
        if _SCALAR.fullmatch(part) is None:
            raise _in_doubt()
        quotes += 2 + part.count(b'"')
    return quotes


def _quotes_of(data: msgspec.Struct, shape: _Shape, rows: _Rows) -> int:
    """Four for a field and its text, two for one without: a key that comes twice adds to them.

    So does a field that we do not know, or that is null; each row has a quantity, without text.
    """
    named = len(shape.fields) - msgspec.structs.astuple(data).count(None)
    if rows is None:
        return 4 * named
    flags = sum(["coming_soon" in row for row in rows]) if shape.rows == "lines" else 0
    return 4 * (named + sum(map(len, rows))) - 2 * (1 + len(rows) + flags)


def _fields_of(kind: type[Any]) -> dict[str, Any]:
    hints = get_type_hints(kind, include_extras=True)
    return {name: hints[name] for name in kind.model_fields}


def _define(name: str, kind: type[Any], more: dict[str, Any], tag: str | None = None) -> type[Any]:
    """The contract model as a msgspec struct: same fields, same annotations."""
    known = {**_fields_of(kind), **more}
    required = [
        (field, hint) for field, hint in known.items() if type(None) not in _alternatives(hint)
    ]
    optional = [
        (field, hint, None) for field, hint in known.items() if type(None) in _alternatives(hint)
    ]
    return msgspec.defstruct(
        name, [*required, *optional], frozen=True, gc=False, tag=tag, tag_field=tag and "type"
    )


def _alternatives(hint: object) -> tuple[Any, ...]:
    return getattr(hint, "__args__", ())


def _nothing(_: object) -> tuple[str | None, ...]:
    return ()


def _getter(kind: type[Any], wanted: tuple[Any, ...]) -> _Texts:
    names = [
        name
        for name, hint in _fields_of(kind).items()
        if any(hint in (one, one | None) for one in wanted)
    ]
    if len(names) == 1:
        name = names[0]
        return lambda data: (getattr(data, name),)
    return attrgetter(*names) if names else _nothing


def _shape(kind: type[Any]) -> _Shape:
    known = kind.model_fields
    return _Shape(
        kind=kind.__name__,
        fields=frozenset(known),
        ids=_getter(kind, (fields.Id,)),
        texts=_getter(kind, (fields.Carrier, fields.Note, fields.FactReason)),
        rows=next((rows for rows in ("items", "lines") if rows in known), ""),
    )


# A correction is rare and has parts in parts: it always takes the second look.
_PLAIN_KINDS = [kind for kind in messages.DATA.values() if kind is not messages.FactCorrected]
_STRUCTS = {kind.__name__: _define(kind.__name__, kind, {}) for kind in _PLAIN_KINDS}
_SHAPES = {_STRUCTS[kind.__name__]: _shape(kind) for kind in _PLAIN_KINDS}
_EVENT_STRUCTS = [
    _define(
        f"{name}Event",
        messages.Attributes,
        {"time": Moment, "data": struct},
        tag=name,
    )
    for name, struct in _STRUCTS.items()
]
_ENVELOPE = frozenset({*messages.Attributes.model_fields, "type", "data"})
_PARTS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_DATA = {name: msgspec.json.Decoder(struct) for name, struct in _STRUCTS.items()}
_ATTRIBUTES = _define("Attributes", messages.Attributes, {"time": Moment})
_EVENTS: Any = msgspec.json.Decoder(reduce(or_, _EVENT_STRUCTS))
