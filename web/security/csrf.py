"""Forms that only our own pages can send: each holds a token that is bound to its browser.

The token is a seal over a random cookie and over who the reader is (persona or session), so a form
that was made for one is not sent as another. In a template: `{{ csrf_field(request) }}`; in the
route of the form: `dependencies=[Depends(csrf.check)]`.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from secrets import token_urlsafe
from typing import Any, TypeGuard

from fastapi import Request
from markupsafe import Markup

from web.problems import Problem
from web.security.guard import Guard, guard_of, notes_of
from web.security.names import PERSONA, SESSION, VISIT

FIELD = "csrf"
"""The form's hidden field."""
_MADE = "csrf.made"
_FIELDS = 2_000
"""Fields that a form may have: an order has at most a few lines for each unit that is chosen."""
_HALF = re.compile("[\ud800-\udfff]")
"""Half a character, as forms in other encodings can hold them; it can be written nowhere."""


def token(request: Request) -> str:
    """The token for the forms of this page. The answer sets the cookie that it is bound to."""
    notes = notes_of(request.scope)
    made: str | None = notes.get(_MADE)
    if made is None:
        made = notes[_MADE] = _made(request, notes)
    return made


def _made(request: Request, notes: dict[str, Any]) -> str:
    guard = guard_of(request.app)
    visit = guard.cookies.read(request.scope, VISIT)
    if not visit:
        visit = notes[VISIT] = token_urlsafe(24)
    return _sealed(guard, request, visit)


def field(request: Request) -> Markup:
    """The hidden field of a form."""
    return Markup(f'<input type="hidden" name="{FIELD}" value="{token(request)}">')  # noqa: S704  # hexadecimal


async def check(request: Request) -> None:
    """Raise Problem 403 unless the form was made by us, for this browser and this reader."""
    form = await request.form(max_files=0, max_fields=_FIELDS)
    if any(_HALF.search(said) for pair in form.multi_items() for said in pair if _is_text(said)):
        raise Problem("unreadable", "a form is sent in UTF-8")
    guard = guard_of(request.app)
    visit = guard.cookies.read(request.scope, VISIT)
    said: Any = form.get(FIELD)
    if not visit or not isinstance(said, str):
        raise _too_old()
    if not hmac.compare_digest(said.encode(), _sealed(guard, request, visit).encode()):
        raise _too_old()


def _is_text(said: object) -> TypeGuard[str]:
    return isinstance(said, str)  # anything else is a file, which no form of ours has


def _sealed(guard: Guard, request: Request, visit: str) -> str:
    reader = guard.cookies.read(request.scope, PERSONA if guard.is_open else SESSION) or ""
    text = f"csrf\n{visit}\n{reader}".encode()
    return hmac.new(guard.key, text, hashlib.sha256).hexdigest()


def _too_old() -> Problem:
    return Problem("stale-form", "load the page again, and send the form from there")
