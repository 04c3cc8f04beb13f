"""OpenAPI: every possible answer of every call, problems too, with examples."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from web.links import add_links
from web.openapi_names import name_words, operation_id
from web.openapi_rights import add_rights, operations, schemes
from web.problems import KINDS, MEDIA_TYPE, Kind
from web.security.auth import Auth
from web.security.guard import guard_of
from web.shapes.operating import CloudEvent
from web.shapes.problems import SHAPES, Problem

Answers = dict[int | str, dict[str, Any]]
_COMPONENT = "#/components/schemas/{model}"
ALWAYS = ("unauthenticated", "misdirected", "too-many-requests", "unavailable")
"""What any call may be answered."""
QUERIES = ("malformed", "forbidden", "not-there-yet", *ALWAYS)
"""What a query may be answered."""
COMMANDS = (
    "malformed",
    "unreadable",
    "idempotency-key-required",
    "idempotency-key-reused",
    "forbidden",
    "cross-site",
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
    # The plain one last: whoever reads them in turn takes it for any of them.
    shapes = sorted({SHAPES.get(name, Problem).__name__ for name in names} - {PLAIN})
    shapes += [PLAIN] if any(name not in SHAPES for name in names) else []
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
    if kinds[0].status in _HEADERS:
        answer["headers"] = _HEADERS[kinds[0].status]
    return answer


PLAIN = Problem.__name__
_LATER: dict[str, Any] = {
    "Retry-After": {
        "description": "Seconds after which it is worth trying again.",
        "schema": {"type": "string", "pattern": "^[0-9]{1,6}$"},
    }
}
_HEADERS: dict[int, dict[str, Any]] = {
    401: {
        "WWW-Authenticate": {
            "description": "How callers are known, and what was wrong with the token.",
            "schema": {"type": "string"},
        }
    },
    429: _LATER,
    503: _LATER,
}
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
        app.openapi_schema = document(app, guard_of(app).auth)
    return app.openapi_schema


def document(app: FastAPI, auth: Auth) -> dict[str, Any]:
    """The OpenAPI document of an app whose callers are known like this."""
    made = get_openapi(
        title="countermand",
        version="1",
        summary="Cancelling an order, in time or too late",
        description=DESCRIPTION,
        routes=app.routes,
        tags=list(app.openapi_tags or []),
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
    )
    _add_shapes(made)
    _require_keys(made)
    for route, method, call in operations(made, app.routes):
        call["operationId"] = operation_id(route.name or "")
        add_rights(call, route, auth, is_read=method == "GET")
    made["components"]["securitySchemes"] = schemes(auth)
    name_words(made)
    add_links(made)
    return made


def _add_shapes(document: dict[str, Any]) -> None:
    """Add what no function takes or gives by its own type."""
    kinds: list[type[BaseModel]] = [Problem, *SHAPES.values(), CloudEvent]
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
