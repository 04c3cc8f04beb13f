"""Who may make a call, and how they show who they are: the schemes of the service as it is set."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts
from starlette.routing import BaseRoute

from web.security.auth import Auth
from web.security.caller import HEADER, caller, right_of
from web.security.cookies import Cookies
from web.security.names import PERSONA, SESSION
from web.security.rights import RIGHTS, Right

Schemes = dict[str, dict[str, Any]]
_PERSONA_IS = "`buyer:ID`, `seller:ID`, `warehouse:ID`, `operator` or `auditor`"


def schemes(auth: Auth) -> Schemes:
    """How callers are known here."""
    cookies = Cookies(secure=auth.is_https)
    return _personas(cookies) if auth.mode == "none" else _proven(auth, cookies)


def _personas(cookies: Cookies) -> Schemes:
    return {
        "persona": {
            "type": "apiKey",
            "in": "header",
            "name": HEADER.title(),
            "description": f"Who calls, on their word: {_PERSONA_IS}. None: everything is"
            " allowed. The service is on loopback only.",
        },
        "personaCookie": {
            "type": "apiKey",
            "in": "cookie",
            "name": cookies.name(PERSONA),
            "description": "The same, where the header is not sent; the pages' switch sets it.",
        },
    }


def _proven(auth: Auth, cookies: Cookies) -> Schemes:
    issuer = "" if auth.oidc is None else f" of {auth.oidc.issuer}"
    found: Schemes = {
        "bearer": {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": f"An access token{issuer}, by OpenID Connect, that names one role.",
        }
    }
    if auth.oidc is not None and auth.oidc.client is not None:
        found["session"] = {
            "type": "apiKey",
            "in": "cookie",
            "name": cookies.name(SESSION),
            "description": "Of somebody who logged in for the pages. It reads, and commands"
            " nothing.",
        }
    return found


def operations(
    document: dict[str, Any], routes: Sequence[BaseRoute]
) -> Iterator[tuple[RouteContext, str, dict[str, Any]]]:
    """Each route with its method, and with what the document says of it."""
    for route in iter_route_contexts(routes):
        if isinstance(route.original_route, APIRoute) and route.include_in_schema:
            for method in route.methods or ():
                yield route, method, document["paths"][route.path_format][method.lower()]


def add_rights(call: dict[str, Any], route: RouteContext, auth: Auth, *, is_read: bool) -> None:
    """Say of a call which schemes it takes, and which right."""
    asked = list(_asked(route.dependant))
    if caller not in asked:
        call["security"] = []
        return
    rights = sorted({right for one in asked if (right := right_of(one)) is not None})
    # OpenAPI 3.1 lets each scheme name what its caller must be allowed to do.
    taken = [{name: rights} for name in schemes(auth) if is_read or name != "session"]
    call["security"] = [*taken, {}] if auth.mode == "none" else taken
    for right in rights:
        call["description"] = f"{call['description']}\n\nTakes the right `{right}`: {_who(right)}."


def _who(right: Right) -> str:
    return ", ".join(role for role, rights in RIGHTS.items() if right in rights)


def _asked(dependant: Dependant) -> Iterator[Any]:
    """Everything that a call depends on."""
    for one in dependant.dependencies:
        yield one.call
        yield from _asked(one)
