"""A request that was made up."""

from __future__ import annotations

from typing import Any

from schemathesis import Case
from schemathesis.core.parameters import ParameterLocation
from schemathesis.generation.meta import TestPhase

Made = Case[Any]
PATH, QUERY = ParameterLocation.PATH, ParameterLocation.QUERY
BODY, HEADER = ParameterLocation.BODY, ParameterLocation.HEADER


def is_good(made: Made, where: ParameterLocation) -> bool:
    """Whether this part is made up well: not wrong on purpose."""
    return made.meta is None or not made.meta.is_negative_at(where)


def is_negative(made: Made) -> bool:
    """Whether any part of it is wrong on purpose."""
    return made.meta is None or made.meta.generation.mode.is_negative


def follows_links(made: Made) -> bool:
    """Whether it is one of a sequence of calls."""
    return made.meta is not None and made.meta.phase.name is TestPhase.STATEFUL


def names_nobody(made: Made) -> bool:
    """Whether the token is what was left out on purpose."""
    left_out = getattr(made.meta.phase.data, "parameter", None) if made.meta else None
    return str(left_out).lower() == "authorization"
