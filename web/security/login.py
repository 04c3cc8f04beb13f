"""Logging in for the pages: OpenID Connect, authorization code flow with PKCE (RFC 7636).

What the login has to come back with is sealed in a cookie of the browser that began it.
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64encode, urlsafe_b64encode
from secrets import token_urlsafe
from typing import Annotated, Any
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import RedirectResponse, Response

from web.problems import Problem
from web.security import csrf
from web.security.auth import Client
from web.security.bearer import caller_of
from web.security.fetching import Unreachable, fetch
from web.security.guard import Guard, Known, guard_of
from web.security.local import Next
from web.security.names import BACK, LOG_IN, LOG_OUT, LOGGING_IN, SESSION
from web.security.rights import Caller
from web.security.tokens import Refused

router = APIRouter(include_in_schema=False)
_PATIENCE = 600
"""Seconds that somebody may take to log in."""


@router.get(LOG_IN)
async def log_in(request: Request, then: Annotated[Next, Query(alias="next")] = "/") -> Response:
    """Send the browser to the identity provider; afterwards it goes to `next`."""
    guard = guard_of(request.app)
    known, client = _set_up(guard)
    kept = {name: token_urlsafe(32) for name in ("state", "nonce", "verifier")}
    try:
        where = await known.issuer.endpoint("authorization_endpoint")
    except Unreachable:
        raise _away() from None
    asked = {
        "response_type": "code",
        "client_id": client.client_id,
        "redirect_uri": _back(guard),
        "scope": client.scope,
        "state": kept["state"],
        "nonce": kept["nonce"],
        "code_challenge": _challenge(kept["verifier"]),
        "code_challenge_method": "S256",
    }
    answer = RedirectResponse(f"{where}{'&' if '?' in where else '?'}{urlencode(asked)}", 303)
    sealed = guard.logins.close({**kept, "next": then}, _PATIENCE)
    guard.cookies.write(answer, LOGGING_IN, sealed, seconds=_PATIENCE)
    return answer


@router.get(BACK)
async def back(
    request: Request,
    state: Annotated[str, Query(max_length=200)] = "",
    code: Annotated[str, Query(max_length=4_000)] = "",
) -> Response:
    """Take the browser back, with who it is. Raises Problem 401 for a login that went wrong."""
    guard = guard_of(request.app)
    kept = guard.logins.open(guard.cookies.read(request.scope, LOGGING_IN))
    if kept is None or not hmac.compare_digest(kept["state"].encode(), state.encode()):
        raise _failed("it was begun in another browser, or too long ago")
    if not code:
        raise _failed("the identity provider let nobody in")
    who = await _who(guard, code, kept)
    answer = RedirectResponse(kept["next"], 303)
    guard.cookies.drop(answer, LOGGING_IN)
    sealed = guard.sessions.close({"role": who.role, "id": who.id}, guard.auth.session)
    guard.cookies.write(answer, SESSION, sealed, seconds=guard.auth.session)
    return answer


@router.post(LOG_OUT, dependencies=[Depends(csrf.check)])
def log_out(request: Request) -> Response:
    """Forget who it was. The identity provider may know still."""
    answer = RedirectResponse("/", 303)
    guard_of(request.app).cookies.drop(answer, SESSION)
    return answer


async def _who(guard: Guard, code: str, kept: dict[str, Any]) -> Caller:
    known, client = _set_up(guard)
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": _back(guard),
        "client_id": client.client_id,
        "code_verifier": kept["verifier"],
    }
    try:
        where = await known.issuer.endpoint("token_endpoint")
        told = await known.issuer.ask(lambda: fetch(where, form, _proof(client)))
        claims = await known.tokens.claims(str(told.get("id_token", "")), client.client_id)
    except Unreachable:
        raise _away() from None
    except Refused as refused:
        raise _failed(f"the identity provider's token was refused: {refused}") from None
    if claims.get("nonce") != kept["nonce"] or _is_for_another(claims, client):
        raise _failed("the identity provider answered another login")
    return caller_of(claims, known.oidc.claims)


def _is_for_another(claims: dict[str, Any], client: Client) -> bool:
    return bool(claims.get("azp", client.client_id) != client.client_id)


def _proof(client: Client) -> dict[str, str]:
    """What shows the provider that it is us (RFC 6749, 2.3.1)."""
    if client.client_secret is None:
        return {}
    pair = f"{quote(client.client_id, safe='')}:{quote(client.client_secret, safe='')}"
    return {"Authorization": f"Basic {b64encode(pair.encode()).decode()}"}


def _challenge(verifier: str) -> str:
    return urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def _set_up(guard: Guard) -> tuple[Known, Client]:
    known = guard.known
    if known is None or known.oidc.client is None or guard.auth.public_url is None:
        raise Problem("not-found", "nobody logs in here: programs bring tokens")
    return known, known.oidc.client


def _back(guard: Guard) -> str:
    return f"{(guard.auth.public_url or '').rstrip('/')}{BACK}"


def _away() -> Problem:
    return Problem("unavailable", "the identity provider does not answer", {"Retry-After": "5"})


def _failed(why: str) -> Problem:
    return Problem("unauthenticated", f"logging in failed: {why}; begin again at {LOG_IN}")
