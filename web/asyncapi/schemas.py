"""The models as schemas: named, each field in words, and without what only pydantic needs.

They hold by draft 7 of JSON Schema, which AsyncAPI's own schemas extend.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, models_json_schema
from typing_extensions import override

from web.asyncapi.words import Word, word_of

Schema = dict[str, Any]
Named = dict[str, Schema]
"""Schemas by the names that they have among the document's components."""

REF = "#/components/schemas/"
NULL = {"type": "null"}


class _Plain(GenerateJsonSchema):
    """Writes no titles that only repeat a field's name, and no `null` as a default."""

    @override
    def field_title_should_be_set(self, schema: Any) -> bool:
        return False

    @override
    def default_schema(self, schema: Any) -> Schema:
        found = super().default_schema(schema)
        if found.get("default", "") is None:
            del found["default"]
        return found


def named(room: str, models: Mapping[str, type[BaseModel]]) -> Named:
    """The schemas of models, by the names that they shall have; `room` names their parts.

    `room` is `heard`, `said` or `epcis`.
    """
    kinds = list(dict.fromkeys(models.values()))
    refs, made = models_json_schema(
        [(kind, "validation") for kind in kinds], ref_template="{model}", schema_generator=_Plain
    )
    names = {refs[kind, "validation"]["$ref"]: name for name, kind in models.items()}
    for part in made["$defs"]:
        names.setdefault(part, f"{room}.{part}")
    return {names[one]: _told(names[one], schema, names) for one, schema in made["$defs"].items()}


def _told(name: str, schema: Schema, names: Mapping[str, str]) -> Schema:
    """A schema with its fields in words, and references to where the others are now."""
    told: Schema = renamed(schema, names)
    place, _, plain = name.partition(".")
    for field, kind in told.get("properties", {}).items():
        word = word_of(plain, place, room_of(place), field=field.removeprefix("ce_"))
        if word is not None and "$ref" not in kind:
            _tell(kind, word)
    told["title"] = title(name)
    return told


def title(name: str) -> str:
    """A name for classes: `orders.RefundIssued` is not `payments.RefundIssued`."""
    return "".join(part[:1].upper() + part[1:] for part in name.replace("-", ".").split("."))


def _tell(kind: Schema, word: Word) -> None:
    kind.setdefault("description", word.what)
    if word.example is not None and "const" not in kind:
        kind.setdefault("examples", [word.example])


def room_of(place: str) -> str:
    """Whose words are meant on a topic: `heard`, `said`, or what is foreign."""
    if place in ("storefront", "warehouse", "payments"):
        return "heard"
    return place if place in ("heard", "epcis") else "said"


def renamed(schema: Any, names: Mapping[str, str]) -> Any:  # noqa: ANN401  # JSON
    """The same, with references to components of these names."""
    if isinstance(schema, list):
        return [renamed(one, names) for one in schema]
    if not isinstance(schema, dict):
        return schema
    if isinstance(schema.get("$ref"), str):
        return {"$ref": REF + names[schema["$ref"]]}
    return {key: renamed(value, names) for key, value in schema.items()}


def changed(schema: Any, change: Callable[[Schema], Schema]) -> Any:  # noqa: ANN401  # JSON
    """The same, each of its objects changed, the innermost first."""
    if isinstance(schema, list):
        return [changed(one, change) for one in schema]
    if isinstance(schema, dict):
        return change({key: changed(value, change) for key, value in schema.items()})
    return schema


def never_null(schema: Schema) -> Schema:
    """What may be left out, and is never null."""
    others = [one for one in schema.get("anyOf", ()) if one != NULL]
    if len(others) != 1 or NULL not in schema["anyOf"]:
        return schema
    rest = {key: value for key, value in schema.items() if key != "anyOf"}
    return {**others[0], **({} if "$ref" in others[0] else rest)}


def one_or_list(schema: Schema) -> Schema:
    """What JSON-LD makes of a list: a list of one may be written as the one."""
    if schema.get("type") != "array":
        return schema
    words: Schema = {key: schema.pop(key) for key in _WORDS if key in schema}
    return {"anyOf": [schema, schema["items"]], **words}


_WORDS = ("description", "examples")
