"""Whose an order is comes first: nothing of a foreign one is loaded; one's own is there at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from application.event_store import stream_id
from tests.support.saying import placed
from tests.support.web import Api, api_of, new_key

PEOPLE = {"accept": "text/html"}
MIRA, JUNO = "buyer:mira", "buyer:juno"
FJELL, STRAND = "seller:fjell", "seller:strand"


@pytest.fixture(scope="module")
def api(module_postgres_url: str) -> Iterator[Api]:
    """Two orders of mira at fjell that cannot be loaded: the views know one, not the other."""
    with api_of(module_postgres_url) as api:
        theirs = {"buyer_id": "mira", "seller_id": "fjell"}
        api.given(placed("O-seen", 3, **theirs)).until_seen()
        api.given(placed("O-late", 3, **theirs))
        for order_id in ("O-seen", "O-late"):
            damage(api, order_id)
        yield api


def damage(api: Api, order_id: str) -> None:
    """An event that no version of us can read: whoever loads the order fails."""
    with psycopg.connect(api.url) as conn:
        conn.execute(
            "INSERT INTO countermand.orders_events VALUES (%s, 2, 'FromNowhere', '{}')",
            (stream_id(order_id),),
        )


def questions(api: Api, order_id: str) -> Iterator[Any]:
    """Everything that loads an order to answer: the API's calls, and the pages."""
    yield api.get(f"/orders/{order_id}/history")
    yield api.get(f"/orders/{order_id}/timeline")
    yield api.get(f"/orders/{order_id}", as_of="2100-01-01T00:00:00Z")
    role = api.persona.partition(":")[0]
    reason = "changed_mind" if role == "buyer" else "out_of_stock"
    for address, said in (
        ("cancellations/preview", None),
        ("cancellations", {"requested_by": role, "reason": reason}),
        ("cancellations/C1/withdrawal", None),
    ):
        yield api.post(f"/orders/{order_id}/{address}", said, new_key())
    headers = {**PEOPLE, "Countermand-Persona": api.persona}
    for page in ("", "/refuse", "/cancel", "/cancel?step=check"):
        yield api.client.get(f"/orders/{order_id}{page}", headers=headers)


@pytest.mark.parametrize("persona", [JUNO, STRAND])
@pytest.mark.parametrize("order_id", ["O-seen", "O-late"])
def test_nothing_of_a_foreign_order_is_loaded(api: Api, persona: str, order_id: str) -> None:
    of_foreign = list(questions(api.as_(persona), order_id))
    of_unknown = list(questions(api.as_(persona), "O-none"))

    assert {answer.status_code for answer in of_foreign} == {404}
    for one, other in zip(of_foreign, of_unknown, strict=True):
        assert one.text.replace(order_id, "O-none") == other.text


@pytest.mark.parametrize("persona", [MIRA, FJELL])
@pytest.mark.parametrize("order_id", ["O-seen", "O-late"])
def test_ones_own_order_is_loaded(api: Api, persona: str, order_id: str) -> None:
    """The other tests' proof: these orders cannot be."""
    assert {answer.status_code for answer in questions(api.as_(persona), order_id)} == {500}


@pytest.mark.parametrize("persona", [MIRA, FJELL])
def test_an_order_is_there_before_the_views_show_it(api: Api, persona: str) -> None:
    order_id = f"O-{persona}".replace(":", ".")
    api.given(placed(order_id, 3, buyer_id="mira", seller_id="fjell"))
    asking = api.as_(persona)

    assert asking.get(f"/orders/{order_id}").status_code == 404
    assert [answer.status_code for answer in questions(asking, order_id)] == [
        *(200, 200, 200),
        *(200, 201, 409),
        *(200, 200, 200, 422),
    ]


@pytest.mark.parametrize(
    "name", ["mira\\", 'x","buyer_id":"juno', "juno", "ola\x00,", "buyer_id", "fj\u00f8ll"]
)
def test_no_text_in_an_order_makes_it_somebody_elses(api: Api, name: str) -> None:
    """Where the views do not show it yet it is looked up in the bytes of the log."""
    order_id = f"O-text-{len(name)}"
    titled = placed(order_id, 1, buyer_id="mira", seller_id="fjell")
    titled["data"]["lines"][0]["title"] = name
    api.given(titled)

    assert api.as_(MIRA).get(f"/orders/{order_id}/history").status_code == 200
    for persona in (JUNO, STRAND, "buyer:fjell", "seller:mira", "buyer:mir", "buyer:ira"):
        assert api.as_(persona).get(f"/orders/{order_id}/history").status_code == 404
