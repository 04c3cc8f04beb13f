"""OpenAPI: every possible answer of every call, problems too, with examples."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from web.problems import KINDS, MEDIA_TYPE, Kind
from web.shapes.problems import SHAPES, Problem

Answers = dict[int | str, dict[str, Any]]
_COMPONENT = "#/components/schemas/{model}"
ALWAYS = ("unauthenticated", "too-many-requests", "unavailable")
"""What any call may be answered."""
READS = ("malformed", "forbidden", *ALWAYS)
"""What a query may be answered."""
QUERIES = (*READS, "not-there-yet")
"""What a query of a view may be answered."""
COMMANDS = (
    "malformed",
    "unreadable",
    "idempotency-key-required",
    "idempotency-key-reused",
    "forbidden",
    "not-found",
    "too-large",
    "unsupported-media-type",
    "overtaken",
    *ALWAYS,
)
"""What a command may be answered."""


def problems(*names: str) -> Answers:
    """The answers to a call that fails, for `responses`."""
    by_status: dict[int, list[str]] = {}
    for name in sorted(set(names)):
        by_status.setdefault(KINDS[name].status, []).append(name)
    return {status: _answer(names) for status, names in sorted(by_status.items())}


def _answer(names: Sequence[str]) -> dict[str, Any]:
    kinds = [KINDS[name] for name in names]
    shapes = sorted({SHAPES.get(name, Problem).__name__ for name in names})
    refs = [{"$ref": _COMPONENT.format(model=shape)} for shape in shapes]
    answer: dict[str, Any] = {
        "description": ". ".join(dict.fromkeys(kind.title for kind in kinds)) + ".",
        "content": {
            MEDIA_TYPE: {
                "schema": refs[0] if len(refs) == 1 else {"anyOf": refs},
                "examples": {name: _example(name, KINDS[name]) for name in names},
            }
        },
    }
    if any(kind.status in _LATER for kind in kinds):
        answer["headers"] = {"Retry-After": {"schema": {"type": "string"}}}
    return answer


_LATER = frozenset({429, 503})
_FIELDS: dict[str, dict[str, Any]] = {
    "malformed": {
        "errors": [
            {"field": "items[0].quantity", "rule": "too_small", "detail": "must be at least 1"}
        ]
    },
    "forbidden": {"right": "decide"},
    "cancellation-refused": {
        "rule": "more_than_cancellable",
        "version": 5,
        "cancellable": [{"line_id": "1", "quantity": 1}],
        "position": "4711",
    },
    "withdrawal-refused": {
        "rule": "cancellation_has_crossed",
        "version": 6,
        "position": "4711",
    },
    "confirmation-refused": {"rule": "nothing_to_confirm", "version": 6, "position": "4711"},
    "decision-refused": {
        "rule": "nothing_to_decide",
        "version": 6,
        "can_be_decided": [],
        "position": "4711",
    },
    "refund-refused": {
        "rule": "more_than_refundable",
        "version": 6,
        "refundable": "10.00",
        "refundable_units": [{"line_id": "1", "quantity": 1}],
        "position": "4711",
    },
}


def _example(name: str, kind: Kind) -> dict[str, Any]:
    return {
        "summary": kind.title,
        "value": {
            "type": f"/problems/{name}",
            "title": kind.title,
            "status": kind.status,
            "detail": kind.then,
            "instance": "/api/v1/orders/A-1",
            **_FIELDS.get(name, {}),
        },
    }


DESCRIPTION = """Cancelling an order, in time or too late.

A command needs an `Idempotency-Key`: the same key and body get the same answer, refusals too.
It answers with the order's new `version` and a `position`; a query with `?at_least=POSITION` sees
it. Errors are problem details (RFC 9457), whose `type` never changes.
"""


def describe(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document of an app, made once."""
    if app.openapi_schema is None:
        document = get_openapi(
            title="countermand",
            version="1",
            summary="Cancelling an order, in time or too late",
            description=DESCRIPTION,
            routes=app.routes,
            tags=list(app.openapi_tags or []),
        )
        _add_problems(document)
        _require_keys(document)
        app.openapi_schema = document
    return app.openapi_schema


def _add_problems(document: dict[str, Any]) -> None:
    kinds: list[type[BaseModel]] = [Problem, *SHAPES.values()]
    _, made = models_json_schema(
        [(kind, "serialization") for kind in dict.fromkeys(kinds)], ref_template=_COMPONENT
    )
    schemas: dict[str, Any] = document.setdefault("components", {}).setdefault("schemas", {})
    for name, schema in made["$defs"].items():
        schemas.setdefault(name, schema)
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)


def _require_keys(document: dict[str, Any]) -> None:
    """A command without a key is refused in words of its own, so the framework need not."""
    for calls in document["paths"].values():
        for call in calls.values():
            for parameter in call.get("parameters", ()):
                if parameter["name"].lower() == "idempotency-key":
                    parameter["required"] = True
                    parameter["schema"] = {"type": "string", "pattern": "^[!-~]{1,255}$"}
