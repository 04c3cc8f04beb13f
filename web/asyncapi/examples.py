"""Examples of whole messages, made of the schemas and of the examples of their fields."""

from __future__ import annotations

from typing import Any

from web.asyncapi.schemas import NULL, REF, Named, Schema


def example(name: str, schemas: Named, *, least: bool = False) -> Any:  # noqa: ANN401  # JSON
    """An example of a schema: with every field, or with the `least` that there must be."""
    return _of(schemas[name], schemas, least=least)


def _of(schema: Schema, schemas: Named, *, least: bool) -> Any:  # noqa: ANN401  # JSON
    if "$ref" in schema:
        return example(schema["$ref"].removeprefix(REF), schemas, least=least)
    for told in ("examples", "enum"):
        if told in schema:
            return schema[told][0]
    if "anyOf" in schema:
        (first, *_) = [one for one in schema["anyOf"] if one != NULL]
        return _of(first, schemas, least=least)
    if schema.get("type") == "array":
        return [_of(schema["items"], schemas, least=least)]
    return schema["const"] if "const" in schema else _object(schema, schemas, least=least)


def _object(schema: Schema, schemas: Named, *, least: bool) -> Schema:
    fields = schema.get("required", ()) if least else schema["properties"]
    return {one: _of(schema["properties"][one], schemas, least=least) for one in fields}
