"""A page asks the database as often for much as for little: what it shows may not make it late."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import psycopg
import pytest

from application.reading import POSITIONS
from consumers.intake import clock
from tests.support.chasing import Clock, follow_all, runner
from tests.support.saying import Said, cancel, placed, say
from tests.support.web import Api, served
from web.app import make_app
from web.parts import Parts

LITTLE, MUCH = 1, 12
"""Orders of a buyer, who is a seller, too; and cancellations of one order."""
MOST = 12
"""Statements of a page."""
MANY = {LITTLE: "little", MUCH: "much"}


@pytest.fixture(scope="module")
def told(api: Api) -> Api:
    """Who has little, and who has much: orders whose refund could not be paid, with notes."""
    for number, who in MANY.items():
        api.given(*[said for n in range(number) for said in _cancelled(who, f"{who}-{n}")])
        long = f"{who}-long"
        api.given(placed(long, 20, buyer_id="long", seller_id="long"))
        api.given(*[_unit(long, f"C{n}") for n in range(number)])
    follow_all(runner(api.store, Clock(clock())))
    for number, who in MANY.items():
        shown = api.until_seen().get(f"/buyers/{who}/orders").json()["orders"]
        api.given(*[_failed(order) for order in shown])
        assert len(shown) == number
    follow_all(runner(api.store, Clock(clock())))
    return api.until_seen()


def _cancelled(who: str, order_id: str) -> Iterator[Said]:
    yield placed(order_id, 2, buyer_id=who, seller_id=who)
    yield cancel(order_id, note="It is for my aunt.")


def _unit(order_id: str, cancellation_id: str) -> Said:
    items = [{"line_id": "L1", "quantity": 1}]
    return cancel(order_id, cancellation_id, items=items, note=f"About {cancellation_id}.")


def _failed(order: dict[str, Any]) -> Said:
    (refund,) = order["refunds"]
    reason = {"refund_id": refund["refund_id"], "reason": "the card is closed"}
    return say("RefundFailed", order["order_id"], **reason)


def test_no_route_is_worked_out_while_somebody_waits(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """FastAPI hushes warnings while it does so: here it would be seen, and it is no safe thing."""
    app = make_app(Parts(api.store, api.url, clock))

    def hush(*_: object, **__: object) -> None:
        raise AssertionError("it is worked out now")

    monkeypatch.setattr("warnings.catch_warnings", hush)
    paths = ["/api/v1/orders/nobody", "/orders/nobody", "/audit/nobody", "/nowhere"]
    with served(app) as base, httpx.Client(base_url=base, timeout=30) as client:
        found = [client.get(path).status_code for path in paths]

    assert found == [404] * 4


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Every statement that is sent, but for those of who looks whether anything has moved."""
    statements: list[Any] = []
    execute = psycopg.Cursor.execute

    def counting(self: Any, query: Any, *args: Any, **more: Any) -> Any:  # noqa: ANN401
        if query != POSITIONS:
            statements.append(query)
        return execute(self, query, *args, **more)

    monkeypatch.setattr(psycopg.Cursor, "execute", counting)
    return statements


@pytest.mark.parametrize(
    ("address", "persona"),
    [
        ("/orders", "buyer:{}"),
        ("/cancelled-orders", "buyer:{}"),
        ("/orders/{}-0", "buyer:{}"),
        ("/orders/{}-0/refuse", "buyer:{}"),
        ("/orders/{}-long", "buyer:long"),
        ("/orders/{}-long/refuse", "buyer:long"),
        ("/orders/{}-long/cancel", "buyer:long"),
        ("/seller", "seller:{}"),
        ("/seller/refunds", "seller:{}"),
        ("/audit/{}-long", "auditor"),
    ],
)
def test_a_page_asks_as_often_for_much_as_for_little(
    told: Api, sent: list[Any], address: str, persona: str
) -> None:
    asked = {}
    for who in MANY.values():
        sent.clear()
        headers = {"Countermand-Persona": persona.format(who), "Accept": "text/html"}
        told.client.get(address.format(who), headers=headers).raise_for_status()
        asked[who] = list(sent)

    assert asked["much"] == asked["little"]
    assert 0 < len(asked["much"]) <= MOST
