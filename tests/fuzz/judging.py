"""What no schema says of an answer: that nobody sees what is somebody else's, and no fault."""

from __future__ import annotations

import json
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

from schemathesis import Response

from tests.fuzz.aim import LIAR, NOBODY
from tests.fuzz.made import BODY, Made, is_good, is_negative
from tests.fuzz.owners import Owners, strangers

_OPEN = ("/health/", "/metrics", "/problems/")
"""Addresses that are answered to everybody."""
UNSAYABLE = frozenset({
    "unknown_cursor",  # which cursors were given out
    "unknown_position",  # and which positions
    "too_many_decimals",  # how many there may be depends on the order's currency
    "not_a_time",  # a date-time before the year 1 or after 9999 in UTC
})  # fmt: skip
"""Rules that well-formed requests may break all the same, since no schema can say them."""


MESSAGES = "/api/v1/messages"


class Judged(NamedTuple):
    """An answer, and the question in the name of somebody."""

    caller: str
    made: Made
    response: Response
    seen: int
    """The position that the views had reached just before."""


def complaints(judged: Judged, owners: Owners) -> list[str]:
    """Everything that is wrong with an answer, in a few words each."""
    if judged.response.request.method != "GET":
        owners.hear(_question(judged))
    checks = (
        _fault(judged),
        _let_in(judged),
        _swallowed(judged),
        _unsayable(judged),
        _leak(judged, owners),
    )
    return [one for one in checks if one]


def _fault(judged: Judged) -> str:
    """No 5xx, but for a position that the views have not reached: the contract's 503."""
    status = judged.response.status_code
    if status < 500:
        return ""
    if status == 503 and _type(judged.response) == "/problems/not-there-yet":
        asked = parse_qs(urlsplit(judged.response.request.url or "").query)["at_least"][-1]
        is_beyond = asked.isdecimal() and int(asked) > judged.seen
        return "" if is_beyond and judged.response.headers.get("retry-after") else "no patience"
    return f"a fault: {status}"


def _let_in(judged: Judged) -> str:
    """Nobody comes in without a good token."""
    if judged.caller not in {NOBODY, LIAR} or judged.made.path.startswith(_OPEN):
        return ""
    status = judged.response.status_code
    return "" if status >= 400 else f"{judged.caller} was let in"


def _swallowed(judged: Judged) -> str:
    """A message that breaks the schema is taken, and is dead: it is never recorded."""
    if judged.made.path != MESSAGES or is_good(judged.made, BODY):
        return ""
    outcome = (_json(judged.response.text) or {}).get("outcome", "dead")
    return "" if outcome == "dead" else f"a bad message was {outcome}"


def _unsayable(judged: Judged) -> str:
    """A well-formed request is called malformed only for what no schema can say."""
    if is_negative(judged.made) or judged.response.status_code != 422:
        return ""
    rules = {one["rule"] for one in json.loads(judged.response.content)["errors"]}
    return "" if rules <= UNSAYABLE else f"well-formed, and called {sorted(rules - UNSAYABLE)}"


def _leak(judged: Judged, owners: Owners) -> str:
    """A buyer or a seller hears nothing of the orders of others, a warehouse of none."""
    if ":" not in judged.caller:
        return ""
    told = judged.response.content.decode()
    words = owners.leaked(judged.caller, told, _question(judged))
    found = [f"the word {word}" for word in words]
    if judged.response.status_code < 400 and judged.response.status_code != 204:
        found += strangers(owners, judged.caller, _json(told))
    return f"{judged.caller} heard of {', '.join(found)}" if found else ""


def _question(judged: Judged) -> str:
    request = judged.response.request
    body = request.body or b""
    text = body.decode(errors="replace") if isinstance(body, bytes) else str(body)
    return f"{request.url} {request.headers} {text}"


def _json(text: str) -> Any:  # noqa: ANN401  # any body
    try:
        return json.loads(text)
    except ValueError:
        return None


def _type(response: Response) -> str:
    body = _json(response.content.decode())
    return str(body.get("type", "")) if isinstance(body, dict) else ""
