"""Anybody, any order, every call and every page: a foreign order is as one that is not there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from consumers.intake import clock
from tests.fuzz.calls import Call, Person, app, described, names_order, pages
from tests.fuzz.owners import Owners, named, strangers
from tests.support.pages import processed
from tests.support.saying import Said, cancel, delivered, placed, say, shipped
from tests.support.web import Api, api_of
from web.app import App
from web.security.rights import RIGHTS

BUYERS = ("b-mira", "b-juno", "b-ole", "b-mir")
SELLERS = ("s-fjell", "s-strand", "s-fjell2")
ORDERS = {f"F-{n:03}": (BUYERS[n % 4], SELLERS[n % 3]) for n in range(36)}
"""Whose each is: every buyer has some at every seller."""
UNSEEN = ("F-033", "F-034", "F-035")
"""The views do not show these yet."""
SEEN = [one for one in ORDERS if one not in UNSEEN]
CANCELLED = [one for number, one in enumerate(SEEN) if number % 6 != 5]
UNKNOWN = "X-000"
"""As long as the others' names."""
CALLERS = (
    *(f"buyer:{one}" for one in BUYERS),
    *(f"seller:{one}" for one in SELLERS),
    *("buyer:s-fjell", "seller:b-mira"),
    *("warehouse:w-nord", "warehouse:b-mira"),
)
"""Some bear a name that somebody else has in another role."""
LATER = "2100-01-01T00:00:00Z"
FORMS_KEY = re.compile(rb'name="key" value="[0-9a-f-]{36}"')
AT_ONCE = (Phase.generate,)
"""What fails is not made smaller: each example asks every call, and that takes its time."""
callers = st.sampled_from(CALLERS)


def story(number: int, order_id: str) -> Iterator[Said]:
    """What happened to an order: in six ways."""
    parcel, name = f"S-{number:03}", f"C-{number:03}"
    if number % 6 == 1:
        yield say("ReleasedToWarehouse", order_id, warehouse_id="w-nord")
    if number % 6 >= 2:
        yield shipped(order_id, 2, shipment_id=parcel)
    if number % 6 == 5:
        yield delivered(order_id, parcel)
    else:
        yield cancel(order_id, name)
    if number % 6 in (3, 4):
        yield say("DeliveryRejected", order_id, shipment_id=parcel)
    if number % 6 == 4:
        items = [{"line_id": "L1", "quantity": 2, "condition": "damaged"}]
        yield say("ReturnedToWarehouse", order_id, return_id=f"R-{number:03}", items=items)


@pytest.fixture(scope="module")
def api(module_postgres_url: str) -> Iterator[Api]:
    beginning = clock()
    with api_of(module_postgres_url, now=lambda: beginning) as api:
        for number, (order_id, (buyer, seller)) in enumerate(ORDERS.items()):
            if order_id in SEEN:
                api.given(placed(order_id, 3, buyer_id=buyer, seller_id=seller))
                api.given(*story(number, order_id))
        processed(api)
        for number, order_id in enumerate(SEEN):
            if number % 6 == 0:
                api.given(shipped(order_id, 1, shipment_id=f"S-{number:03}"))
        processed(api)
        for order_id in UNSEEN:
            buyer, seller = ORDERS[order_id]
            api.given(placed(order_id, 3, buyer_id=buyer, seller_id=seller))
        yield api


@pytest.fixture(scope="module")
def people(api: Api) -> Iterator[dict[str, Person]]:
    people = {persona: Person(api, persona) for persona in (*CALLERS, "auditor")}
    yield people
    for one in people.values():
        one.close()


@pytest.fixture(scope="module")
def looked_at() -> App:
    return app()


@pytest.fixture(scope="module")
def calls(looked_at: App) -> list[Call]:
    found = [call for call in described(looked_at.openapi()) if names_order(call)]
    assert len(found) >= 9
    return found


@pytest.fixture(scope="module")
def pages_of_order(looked_at: App) -> list[Call]:
    found = [page for page in pages(looked_at) if names_order(page)]
    assert len(found) >= 13
    return found


def is_own(persona: str, order_id: str) -> bool:
    role, _, name = persona.partition(":")
    return role != "warehouse" and ORDERS[order_id][role == "seller"] == name


def same(foreign: Any, unknown: Any, order_id: str) -> bool:  # noqa: ANN401  # two answers
    """Whether two answers are one, but for what was asked for, the time of day, and forms' keys."""
    told = [
        repr((answer.status_code, {**answer.headers, "date": ""})).encode() + answer.content
        for answer in (foreign, unknown)
    ]
    told[0] = told[0].replace(order_id.encode(), UNKNOWN.encode())
    of_foreign, of_unknown = (FORMS_KEY.sub(b"", one) for one in told)
    return of_foreign == of_unknown


def foreign_to(caller: str) -> st.SearchStrategy[str]:
    """Orders that are somebody else's."""
    return st.sampled_from([one for one in ORDERS if not is_own(caller, one)])


@settings(max_examples=30, phases=AT_ONCE)
@given(caller=callers, data=st.data())
def test_a_foreign_order_is_answered_as_an_unknown_one(
    people: dict[str, Person], calls: list[Call], caller: str, data: st.DataObject
) -> None:
    order_id = data.draw(foreign_to(caller))
    person = people[caller]
    for call in calls:
        body = data.draw(st.sampled_from(call.bodies))
        query = data.draw(st.sampled_from([{}, *asked(call)]))
        of_foreign, of_unknown = names(order_id), names(order_id) | {"order_id": UNKNOWN}
        foreign = person.ask(call, of_foreign, body, query)
        unknown = person.ask(call, of_unknown, body, query)

        assert foreign.status_code == (404 if may(person, call) else 403), (call, foreign.text)
        assert same(foreign, unknown, order_id), (call, foreign.text, unknown.text)


def names(order_id: str) -> dict[str, str]:
    """An order's, and its cancellation's."""
    return {"order_id": order_id, "cancellation_id": order_id.replace("F", "C")}


def asked(call: Call) -> list[dict[str, Any]]:
    """Its parameters by their examples, and as of a later time."""
    said = {name: example for name, example in call.query.items() if example is not None}
    return [said, said | {"as_of": LATER}] if "as_of" in said else [said]


def may(person: Person, call: Call) -> bool:
    """Whether a caller may make a call about orders at all."""
    has: set[str] = set(RIGHTS[person.role])  # type: ignore[index]  # a role
    return person.role != "warehouse" and call.rights <= has


@settings(max_examples=15, phases=AT_ONCE)
@given(caller=callers, data=st.data())
def test_a_foreign_order_has_no_page(
    people: dict[str, Person], pages_of_order: list[Call], caller: str, data: st.DataObject
) -> None:
    order_id = data.draw(foreign_to(caller))
    person = people[caller]
    said = {
        "cancellation": order_id.replace("F", "C"),
        "outcome": data.draw(st.sampled_from(["refund", "stopped", "not_stopped"])),
    }
    for page in pages_of_order:
        foreign = person.ask(page, {"order_id": order_id}, said, said | {"order_id": order_id})
        unknown = person.ask(page, {"order_id": UNKNOWN}, said, said | {"order_id": UNKNOWN})

        assert foreign.status_code in {303, 403, 404, 422}, (page, foreign.text)
        assert "This page was too old" not in foreign.text, page
        assert same(foreign, unknown, order_id), (page, foreign.text, unknown.text)


@settings(max_examples=20, phases=AT_ONCE)
@given(data=st.data(), order_id=st.sampled_from(CANCELLED))
def test_ones_own_order_is_there(
    people: dict[str, Person], calls: list[Call], data: st.DataObject, order_id: str
) -> None:
    """The other tests' proof: what is asked there is well said."""
    buyer, seller = ORDERS[order_id]
    person = people[data.draw(st.sampled_from([f"buyer:{buyer}", f"seller:{seller}"]))]
    for call in calls:
        body = data.draw(st.sampled_from(call.bodies))
        answer = person.ask(call, names(order_id), body, {})

        fine = {200, 201, 409} if may(person, call) else {403}
        if call.address.endswith("/withdrawal"):
            fine |= {403}  # whose it is takes it back
        assert answer.status_code in fine, (call, answer.text)


@settings(max_examples=60, phases=AT_ONCE)
@given(caller=callers, data=st.data())
def test_no_list_holds_what_is_foreign(
    api: Api, people: dict[str, Person], lists: list[Call], caller: str, data: st.DataObject
) -> None:
    owners = Owners(api.store).look()
    for call in lists:
        address = call.at(
            buyer_id=data.draw(st.sampled_from(BUYERS)),
            seller_id=data.draw(st.sampled_from(SELLERS)),
        )
        query: dict[str, Any] = {"limit": data.draw(st.sampled_from([1, 2, 200]))}
        if "seller_id" in call.query and data.draw(st.booleans()):
            query["seller_id"] = data.draw(st.sampled_from(SELLERS))
        if data.draw(st.booleans()):
            # Where another one's page ends says nothing about whose is shown.
            query["cursor"] = people["auditor"].get(address, **query).json()["next"] or ""
        for answer in turned(people[caller], address, query):
            told = answer.text
            if answer.status_code == 200:
                assert strangers(owners, caller, answer.json()) == [], (address, query)
            assert owners.leaked(caller, told, f"{caller} {address} {query}") == [], told


def turned(person: Person, address: str, query: dict[str, Any]) -> Iterator[Any]:
    """A list's answer, and the pages after it."""
    while True:
        answer = person.get(address, **query)
        yield answer
        following = answer.json().get("next") if answer.status_code == 200 else None
        if following is None:
            return
        query = query | {"cursor": following}


@pytest.fixture(scope="module")
def lists(looked_at: App) -> list[Call]:
    found = [call for call in described(looked_at.openapi()) if "cursor" in call.query]
    return [call for call in found if not call.rights]


def test_every_list_of_orders_holds_something(people: dict[str, Person], lists: list[Call]) -> None:
    """The other test's proof: there is something that could be shown."""
    shown = {}
    for call in lists:
        body = people["auditor"].get(call.at(buyer_id="b-mira", seller_id="s-fjell")).json()
        shown[call.address] = sum(key == "order_id" for key, _ in named(body))

    assert len(shown) >= 7
    assert {address for address, number in shown.items() if not number} == {"/api/v1/conformance"}


@settings(max_examples=10, phases=AT_ONCE)
@given(caller=callers)
def test_no_page_says_anything_of_foreign_orders(
    api: Api, people: dict[str, Person], looked_at: App, caller: str
) -> None:
    owners = Owners(api.store).look()
    shown = [page for page in pages(looked_at) if page.method == "GET" and "{" not in page.address]
    for page in shown:
        if not page.address.startswith(("/live", "/api/")):
            answer = people[caller].get(page.address)

            assert answer.status_code in {200, 303, 403, 422}, page
            assert owners.leaked(caller, answer.text, caller) == [], page
