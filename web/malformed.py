"""What is wrong with a request, in the words of the contract: a field, a rule, a detail."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, cast

from pydantic_core import ErrorDetails

from consumers.bad_message import Malformed, complaint, path
from consumers.fields import PATTERN_RULES
from web.problems import Problem

_PLACES = frozenset({"body", "query", "path", "header", "cookie"})
_OURS = {
    "extra_forbidden": ("unknown_field", "is not known here"),
    "int_parsing": ("not_an_integer", "must be an integer"),
}
"""What is wrong in requests only: the rule, and what to say."""
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
    if error["type"] in _OURS:
        rule, detail = _OURS[error["type"]]
        return {"field": path(where), "rule": rule, "detail": detail}
    if error.get("ctx", {}).get("pattern") not in (None, *PATTERN_RULES):
        return {"field": path(where), "rule": "not_understood", "detail": "cannot be read"}
    return as_error(complaint({**error, "loc": where}))


def as_error(wrong: Malformed) -> dict[str, str]:
    """One entry of `errors`."""
    return {"field": wrong.field, "rule": wrong.rule, "detail": wrong.detail}


def malformed(field: str, rule: str, detail: str) -> Problem:
    """A request with one field that breaks a rule."""
    error = {"field": field, "rule": rule, "detail": detail}
    return Problem("malformed", SEE, errors=[error])
