"""What is wrong with a request, in the words of the contract: a field, a rule, a detail."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, cast

from pydantic_core import ErrorDetails

from consumers.bad_message import Malformed, complaint, path
from web.problems import Problem

_PLACES = frozenset({"body", "query", "path", "header", "cookie"})
SEE = "errors says which fields, and why"
_MOST = 20
"""Errors that one answer names at most."""


def errors_of(errors: Iterable[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Say each error of a validation."""
    return [_said(cast("ErrorDetails", one)) for _, one in zip(range(_MOST), errors, strict=False)]


def _said(error: ErrorDetails) -> dict[str, str]:
    where = tuple(error["loc"])
    where = where[1:] if where and where[0] in _PLACES else where
    if not where:
        where = ("body",)
    if error["type"] == "json_invalid":
        return {"field": "body", "rule": "not_json", "detail": "is no JSON"}
    if error["type"] == "extra_forbidden":
        return {"field": path(where), "rule": "unknown_field", "detail": "is not known here"}
    said = complaint({**error, "loc": where})
    return as_error(said)


def as_error(wrong: Malformed) -> dict[str, str]:
    """One entry of `errors`."""
    return {"field": wrong.field, "rule": wrong.rule, "detail": wrong.detail}


def malformed(field: str, rule: str, detail: str) -> Problem:
    """A request with one field that breaks a rule."""
    error = {"field": field, "rule": rule, "detail": detail}
    return Problem("malformed", SEE, errors=[error])
