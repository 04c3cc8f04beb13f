"""Each message of a topic: its headers, its payload, examples, and what it belongs to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from pydantic import BaseModel

from consumers import messages as heard
from consumers import said
from consumers.said.dead_letters import DeadLetter
from domain.money import EXPONENTS
from web.asyncapi import headers
from web.asyncapi.examples import example
from web.asyncapi.kafka import BINDING
from web.asyncapi.links import correlation
from web.asyncapi.schemas import REF, Named, Schema, changed, named, never_null, title

BINARY = "Binary"
"""Ends the names of messages whose attributes are in their headers."""
LETTERS, LETTER = "dead-letters", "dead-letters.DeadLetter"


CURRENCY, CURRENCIES = "heard.Currency", sorted(EXPONENTS)
_CURRENCY: Named = {
    CURRENCY: {
        "title": title(CURRENCY),
        "type": "string",
        "enum": CURRENCIES,
        "description": "The order's currency, by ISO 4217: one that has a minor unit.",
        "examples": ["EUR"],
    }
}


class Told(NamedTuple):
    """What is said of messages; both by `topic.Name`."""

    schemas: Named
    messages: Named


def told() -> Told:
    """Every message of the contract, on every topic."""
    schemas, found = dict(headers.SHARED), Named()
    schemas |= named("heard", _models(heard.CHANNELS.items(), heard.MESSAGES))
    for channel, kinds in heard.CHANNELS.items():
        for kind in kinds:
            found |= _heard(f"{channel}.{kind.__name__}", schemas)
    for channel, said_kinds in said.CHANNELS.items():
        events = {one.__name__: said.MESSAGES[channel, one.__name__] for one in said_kinds}
        made = named("said", _models([(channel, said_kinds)], events))
        schemas |= {name: changed(one, never_null) for name, one in made.items()}
        for said_kind in said_kinds:
            found |= _said(f"{channel}.{said_kind.__name__}", schemas)
    found |= _letter(schemas)
    return Told(
        {name: changed(one, _as_currency) for name, one in schemas.items()} | _CURRENCY, found
    )


def _as_currency(schema: Schema) -> Schema:
    """The currencies are listed once."""
    return {"$ref": REF + CURRENCY} if schema.get("enum") == CURRENCIES else schema


def _models(
    channels: Iterable[tuple[str, Iterable[type[BaseModel]]]],
    events: Mapping[str, type[BaseModel]],
) -> dict[str, type[BaseModel]]:
    """The models of whole events and of their data, by the names that they shall have."""
    found: dict[str, type[BaseModel]] = {}
    for channel, kinds in channels:
        for kind in kinds:
            found[f"{channel}.{kind.__name__}"] = kind
            found[f"{channel}.{kind.__name__}Event"] = events[kind.__name__]
    return found


def message(  # noqa: PLR0913  # the parts of a message
    name: str,
    words: str,
    *,
    content_type: str,
    of_headers: str,
    payload: Schema,
    examples: list[Schema],
    **more: Any,  # noqa: ANN401  # other parts
) -> Schema:
    """A message as the document has it. The first sentence of its words is its summary."""
    summary, stop, _ = words.partition(". ")
    return {
        "name": name.rpartition(".")[2],
        "title": name.rpartition(".")[2],
        "summary": " ".join(summary.split()) + stop.rstrip(),
        "description": words,
        "contentType": content_type,
        "headers": {"$ref": REF + of_headers},
        "payload": payload,
        "bindings": {"kafka": {"key": headers.KEY, **BINDING}},
        "examples": examples,
        **more,
    }


def _heard(name: str, schemas: Named) -> Named:
    """A message that is heard in two modes."""
    words, event, apart = schemas[name]["description"], f"{name}Event", f"{name}{BINARY}Headers"
    schemas[apart] = headers.binary(apart, schemas[event])
    structured = message(
        name,
        words,
        content_type=headers.STRUCTURED_TYPE,
        of_headers=headers.HEARD,
        payload={"$ref": REF + event},
        examples=_examples(schemas, event, headers.HEARD),
        tags=[{"name": "structured"}],
        **correlation(schemas[name], is_heard=True),
    )
    binary = message(
        name + BINARY,
        words,
        content_type=headers.BINARY_TYPE,
        of_headers=apart,
        payload={"$ref": REF + name},
        examples=_examples(schemas, name, apart),
        tags=[{"name": "binary"}],
        **correlation(schemas[name], is_heard=True, is_apart=True),
    )
    return {name: structured, name + BINARY: binary}


def _said(name: str, schemas: Named) -> Named:
    """A message that is said."""
    event = f"{name}Event"
    one = message(
        name,
        schemas[name]["description"],
        content_type=headers.STRUCTURED_TYPE,
        of_headers=headers.SAID,
        payload={"$ref": REF + event},
        examples=_examples(schemas, event, headers.SAID),
        **correlation(schemas[name], is_heard=False),
    )
    return {name: one}


def _examples(schemas: Named, payload: str, of_headers: str) -> list[Schema]:
    """One with all that there may be, and one with no more than there must be."""
    found = [
        {
            "name": "least" if least else "everything",
            "headers": example(of_headers, schemas, least=least),
            "payload": example(payload, schemas, least=least),
        }
        for least in (False, True)
    ]
    return found if found[0]["payload"] != found[1]["payload"] else found[:1]


_AS_IT_CAME = {
    "type": "string",
    "format": "binary",
    "description": "The record's value, byte by byte; none where it had none.",
}


def _letter(schemas: Named) -> Named:
    """What could not be taken: anything, with the reason in its headers."""
    schemas |= named("said", {LETTER: DeadLetter})
    schema = schemas[LETTER] = changed(schemas[LETTER], never_null)
    schema["properties"] |= headers.TRACES
    schema["patternProperties"] = {
        "^original:": {"description": "A header of the record, by its name."},
        "^original-null:": {"description": "A header of the record that had no value."},
    }
    one = message(
        LETTER,
        schema["description"],
        content_type="application/octet-stream",
        of_headers=LETTER,
        payload=_AS_IT_CAME,
        examples=[{"name": "missing", "headers": _of_whole(schemas), "payload": '{"data": {}}'}],
    )
    one["bindings"]["kafka"]["key"] = {
        "type": "string",
        "description": "The record's own key, or the order's id where it had none.",
    }
    return {LETTER: one}


def _of_whole(schemas: Named) -> Schema:
    """Headers of a letter that has all of its record."""
    found: Schema = example(LETTER, schemas)
    return {name: text for name, text in found.items() if name not in _CUT}


_CUT = frozenset({"ce_originalsize", "ce_originalkeysize", "ce_originalheaders"})
