"""Whom a token names: a role, and whose orders or which warehouse it is about."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any

from consumers.fields import ID_PATTERN
from web.problems import Problem
from web.security.auth import Claims
from web.security.rights import RIGHTS, Caller, Role

_ID = re.compile(ID_PATTERN)


def caller_of(said: Mapping[str, Any], names: Claims) -> Caller:
    """The caller that a good token names. Raises Problem 403 where it names nobody of ours."""
    role = _role(_at(said, names.role), names.role)
    name = {"buyer": names.buyer, "seller": names.seller, "warehouse": names.warehouse}.get(role)
    if name is None:
        return Caller(role, _own_id(said.get("sub")), RIGHTS[role])
    found = _at(said, name)
    if not isinstance(found, str) or _ID.fullmatch(found) is None:
        raise Problem("forbidden", f"the token's claim {name} does not name a {role}")
    return Caller(role, found, RIGHTS[role])


def _role(found: object, name: str) -> Role:
    """The one role of ours among those of a token: with two nobody knows which was meant."""
    named = found if isinstance(found, list) else [found]
    ours = {one for one in named if isinstance(one, str) and one in RIGHTS}
    if len(ours) != 1:
        raise Problem("forbidden", f"the token's claim {name} must have one of {', '.join(RIGHTS)}")
    return ours.pop()


def _at(said: Mapping[str, Any], name: str) -> object:
    """A claim by its name, or by a path through objects."""
    if name in said:
        return said[name]
    found: object = said
    for part in name.split("."):
        found = found.get(part) if isinstance(found, dict) else None
    return found


def _own_id(subject: object) -> str:
    """Tells one operator's commands from another's, whatever their provider calls them."""
    if isinstance(subject, str) and _ID.fullmatch(subject):
        return subject
    return hashlib.sha256(repr(subject).encode()).hexdigest()[:32]
