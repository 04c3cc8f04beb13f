"""Every call and every page that names an order, as the app itself tells them: new ones are in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import count
from typing import Any, NamedTuple, cast

import httpx
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts

from application.event_store import EventStore
from tests.support.web import Api, new_key
from web.app import App, make_app
from web.parts import Parts

Json = dict[str, Any]
_NAMED = re.compile(r"\{(\w+)\}")
_FORMS = count(1)


class Call(NamedTuple):
    """Something that can be asked of the app."""

    method: str
    address: str
    rights: frozenset[str] = frozenset()
    """What the description says its caller must be allowed."""
    query: Mapping[str, Any] = {}
    """An example of each parameter."""
    bodies: tuple[Any, ...] = (None,)
    """Examples of what is sent."""

    @property
    def is_page(self) -> bool:
        return not self.address.startswith("/api/")

    def at(self, **names: str) -> str:
        """Its address; for a name that is not given: one that there is not."""
        return _NAMED.sub(lambda found: names.get(found[1], "none-such"), self.address)


def app() -> App:
    """An app that holds nothing, and can be looked at."""
    nothing: Any = EventStore.__new__(EventStore)
    return cast("App", make_app(Parts(nothing, "", lambda: 0)))


def described(document: Json) -> Iterator[Call]:
    """Every call of the API."""
    for address, methods in document["paths"].items():
        for method, told in methods.items():
            rights = {
                right for way in told.get("security", ()) for one in way.values() for right in one
            }
            query = {
                one["name"]: one["schema"].get("examples", [None])[0]
                for one in told.get("parameters", ())
                if one["in"] == "query"
            }
            bodies = tuple(_examples(document, told.get("requestBody", {})))
            yield Call(method.upper(), address, frozenset(rights), query, bodies or (None,))


def _examples(document: Json, body: Json) -> Iterator[Any]:
    for content in body.get("content", {}).values():
        for one in (content["schema"], *content["schema"].get("anyOf", ())):
            if (name := one.get("$ref", "").rpartition("/")[2]) != "":
                yield from document["components"]["schemas"][name].get("examples", ())


def pages(looked_at: App) -> Iterator[Call]:
    """Everything that the description leaves out: pages, and where they listen."""
    for route in iter_route_contexts(looked_at.routes):
        if isinstance(route.original_route, APIRoute) and not route.include_in_schema:
            asked = list(_fields(route.dependant))
            for method in sorted(route.methods or ()):
                yield Call(method, str(route.path_format), query=dict.fromkeys(asked))


def _fields(dependant: Dependant) -> Iterator[str]:
    """What is asked for beside an address: in a query, or in a form."""
    yield from (one.alias for one in (*dependant.query_params, *dependant.body_params))
    for one in dependant.dependencies:
        yield from _fields(one)


def names_order(call: Call) -> bool:
    """Whether it is about one order, which stands in its address or beside it."""
    return "{order_id}" in call.address or "order_id" in call.query


class Person:
    """Somebody with a browser, and with programs."""

    def __init__(self, api: Api, persona: str) -> None:
        self.persona = persona
        self.role = persona.partition(":")[0]
        self._client = httpx.Client(
            base_url=api.client.base_url,
            timeout=30,
            headers={"Countermand-Persona": persona},
            cookies={"persona": persona},
        )
        start = self._client.get("/", headers={"Accept": "text/html"}).text
        self._csrf = start.partition('name="csrf" value="')[2].partition('"')[0]

    def close(self) -> None:
        self._client.close()

    def get(self, address: str, **query: Any) -> httpx.Response:  # noqa: ANN401  # any parameter
        """Look at something, as a program or as a browser does."""
        accept = "application/json" if address.startswith("/api/") else "text/html"
        return self._client.get(address, params=query, headers={"Accept": accept})

    def ask(
        self, call: Call, names: Mapping[str, str], body: Json | None, query: Json
    ) -> httpx.Response:
        """Ask it about an order; of a page's form `body` is a part."""
        address = call.at(**names)
        if call.method == "GET":
            return self.get(address, **query)
        if call.is_page:
            form = self._form() | {"order_id": names["order_id"]} | (body or {})
            return self._client.post(address, data=form, headers={"Accept": "text/html"})
        said = None if body is None else self._said(body)
        keyed = {"Idempotency-Key": new_key()}
        return self._client.post(address, json=said, params=query, headers=keyed)

    def _said(self, body: Json) -> Json:
        """An example, said by this one, under a new name of its own."""
        named = {name: f"n{next(_FORMS)}" for name in body if name.endswith("ion_id")}
        if "requested_by" in body:
            reason = {"buyer": "changed_mind"}.get(self.role, "out_of_stock")
            named |= {"requested_by": self.role, "reason": reason}
        return body | named

    def _form(self) -> Json:
        """What any of our forms may hold."""
        return {
            "csrf": self._csrf,
            "key": f"form-{next(_FORMS)}",
            "goods": "1",
            "quantity": "1",
            "line": "L1",
            "units": "1",
            "amount": "1.00",
            "reason": "changed_mind" if self.role == "buyer" else "out_of_stock",
        }
