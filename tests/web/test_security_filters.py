"""Whoever asks for whatever: nobody sees an order that is not theirs, nor that there is one."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

import pytest

from tests.support.saying import cancel, placed, shipped
from tests.support.web import Api, api_of, new_key

BUYERS = ("mira", "juno", "ole", "M.ira", "mira:2")
SELLERS = ("fjell", "strand", "fjell2")
ORDERS = {f"F-{n}": (BUYERS[n % 5], SELLERS[n % 3]) for n in range(15)}
"""Whose each is: every buyer has one at every seller."""
CALLERS = [*(f"buyer:{one}" for one in BUYERS), *(f"seller:{one}" for one in SELLERS)]


@pytest.fixture(scope="module")
def api(module_postgres_url: str) -> Iterator[Api]:
    with api_of(module_postgres_url) as api:
        for number, (order_id, (buyer, seller)) in enumerate(ORDERS.items()):
            api.given(placed(order_id, 3, buyer_id=buyer, seller_id=seller))
            if number % 2:
                api.given(shipped(order_id, 1), cancel(order_id))
        yield api.until_seen()


def is_own(persona: str, order_id: str) -> bool:
    _, _, name = persona.partition(":")
    return ORDERS[order_id][persona.startswith("seller")] == name


def questions(api: Api, order_id: str) -> Iterator[Any]:
    """Everything that can be asked or told of one order."""
    for address in ("", "/history", "/timeline", "?as_of=2100-01-01T00:00:00Z"):
        yield api.get(f"/orders/{order_id}{address}")
    role = api.persona.partition(":")[0]
    reason = "changed_mind" if role == "buyer" else "out_of_stock"
    body = {"requested_by": role, "reason": reason}
    for address, said in (
        ("/cancellations/preview", None),
        ("/cancellations", body),
        ("/cancellations/C1/withdrawal", None),
    ):
        yield api.post(f"/orders/{order_id}{address}", said, new_key())


def everything_shown(api: Api, address: str, name: str) -> list[dict[str, Any]]:
    shown: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        page = api.get(address, limit=5, **cursor).json()
        shown += page[name]
        if page["next"] is None:
            return shown
        cursor = {"cursor": page["next"]}


def test_a_foreign_order_is_answered_as_an_unknown_one(api: Api) -> None:
    for persona in CALLERS:
        asking = api.as_(persona)
        foreign = [one for one in ORDERS if not is_own(persona, one)]
        order_id = Random(persona).choice(foreign)

        of_foreign = list(questions(asking, order_id))
        of_unknown = list(questions(asking, "X-0"))

        assert {answer.status_code for answer in of_foreign} == {404}, persona
        for one, other in zip(of_foreign, of_unknown, strict=True):
            assert one.text.replace(order_id, "X-0") == other.text
            assert one.headers["content-type"] == other.headers["content-type"]


def test_everybody_sees_exactly_their_own(api: Api) -> None:
    for persona in CALLERS:
        asking = api.as_(persona)
        seen = [one for one in ORDERS if asking.get(f"/orders/{one}").status_code == 200]

        assert seen == [one for one in ORDERS if is_own(persona, one)], persona


def test_no_list_has_a_foreign_order(api: Api) -> None:
    for persona in CALLERS:
        asking = api.as_(persona)
        shown = []
        for buyer in BUYERS:
            for name, address in (("orders", "orders"), ("orders", "cancelled-orders")):
                answer = asking.get(f"/buyers/{buyer}/{address}")
                if answer.status_code == 200:
                    shown += everything_shown(asking, f"/buyers/{buyer}/{address}", name)
        for seller in SELLERS:
            for address, name in (("orders", "orders"), ("refunds", "refunds")):
                if asking.get(f"/sellers/{seller}/{address}").status_code == 200:
                    shown += everything_shown(asking, f"/sellers/{seller}/{address}", name)
        if persona.startswith("seller"):
            for address, name in (("late-cancellations", "cases"), ("exposure", "orders")):
                shown += everything_shown(asking, f"/{address}", name)

        assert [one["order_id"] for one in shown if not is_own(persona, one["order_id"])] == []
        assert shown, persona


def test_a_cursor_of_one_is_no_key_for_another(api: Api) -> None:
    """What a cursor holds says where a page begins, never whose it is."""
    by_seller = {seller: api.as_(f"seller:{seller}") for seller in SELLERS}
    for owner, asking in by_seller.items():
        cursor = asking.get(f"/sellers/{owner}/orders", limit=1).json()["next"]
        for other, thief in by_seller.items():
            if cursor is None or other == owner:
                continue
            answer = thief.get(f"/sellers/{other}/orders", cursor=cursor)
            shown = answer.json().get("orders", [])
            assert answer.status_code in (200, 422)
            assert all(is_own(f"seller:{other}", one["order_id"]) for one in shown)


@pytest.mark.parametrize("persona", ["warehouse:W1"])
def test_a_warehouse_reads_no_orders(api: Api, persona: str) -> None:
    statuses = {api.as_(persona).get(f"/orders/{one}").status_code for one in ("F-1", "X-0")}

    assert statuses == {403}


@pytest.mark.parametrize(
    ("persona", "address"),
    [
        ("buyer:mira", "/parked"),
        ("seller:fjell", "/dead-letters"),
        ("warehouse:W1", "/dead-letters/1"),
        ("auditor", "/status"),
        ("buyer:mira", "/exposure"),
        ("buyer:mira", "/late-cancellations"),
        ("buyer:mira", "/conformance"),
    ],
)
def test_what_is_for_others_is_refused(api: Api, persona: str, address: str) -> None:
    answer = api.as_(persona).get(address)

    assert answer.status_code == 403
    assert answer.json()["type"] == "/problems/forbidden"


@pytest.mark.parametrize("persona", ["buyer:mira", "seller:fjell", "auditor"])
def test_only_those_who_report_bring_messages(api: Api, persona: str) -> None:
    assert api.as_(persona).post("/messages", {}, None).status_code == 403
