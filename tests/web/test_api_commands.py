"""Once per key: the same command gets the same answer, whoever is faster, whatever is lost."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from typing_extensions import override

from application import answers
from application.answers import LIFE, Key
from application.event_store import EventStore, StoreUnavailable, stream_id
from domain.events import CancellationRefused, ItemCancelRequested
from tests.support.saying import placed, say
from tests.support.web import Api, api_of, new_key, refusal

ALL = {"requested_by": "buyer", "reason": "changed_mind"}
REUSED = "/problems/idempotency-key-reused"


def cancellations(order_id: str) -> str:
    return f"/orders/{order_id}/cancellations"


def recorded(api: Api, order_id: str) -> list[str]:
    stream = stream_id(order_id)
    return [type(event).__name__ for _, event in api.store.load([stream])[stream]]


def at_once(api: Api, calls: list[tuple[str, Any, str]]) -> list[httpx.Response]:
    """Many clients, each with a connection of its own."""

    def call(one: tuple[str, Any, str]) -> httpx.Response:
        address, body, key = one
        with httpx.Client(base_url=api.client.base_url, timeout=60) as client:
            headers = {"Idempotency-Key": key, "Countermand-Persona": "buyer:mira"}
            return client.post(f"/api/v1{address}", json=body, headers=headers)

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(call, calls))


def test_the_same_key_from_twenty_clients_at_once_is_one_cancellation(
    api: Api, order_id: str
) -> None:
    api.given(placed(order_id, 2))

    told = at_once(api, [(cancellations(order_id), ALL, new_key())] * 20)

    assert {one.status_code for one in told} == {201}
    assert len({one.text for one in told}) == 1
    assert recorded(api, order_id) == ["OrderPlaced", "ItemCancelRequested"]


def test_a_refusal_is_the_same_for_twenty_clients_at_once(api: Api, order_id: str) -> None:
    api.given(placed(order_id, 1))
    body = {**ALL, "items": [{"line_id": "L1", "quantity": 2}]}

    told = at_once(api, [(cancellations(order_id), body, new_key())] * 20)

    assert {one.status_code for one in told} == {409}
    assert len({one.text for one in told}) == 1
    assert recorded(api, order_id) == ["OrderPlaced", "CancellationRefused"]


def test_of_many_who_want_the_last_units_the_losers_are_told_what_is_left(
    api: Api, order_id: str
) -> None:
    api.given(placed(order_id, 3))
    body = {**ALL, "items": [{"line_id": "L1", "quantity": 2}]}

    told = at_once(api, [(cancellations(order_id), body, new_key()) for _ in range(8)])

    lost = [one for one in told if one.status_code == 409]
    assert sorted(one.status_code for one in told) == [201, *[409] * 7]
    assert {str(one.json()["cancellable"]) for one in lost} == {
        str([{"line_id": "L1", "quantity": 1}])
    }
    assert sorted(one.json()["version"] for one in told) == list(range(2, 10))


def test_the_same_key_for_another_command_is_a_mistake(api: Api, order_id: str) -> None:
    api.given(placed(order_id, 2), placed(f"{order_id}-b", 2))
    key = new_key()
    first = api.post(cancellations(order_id), ALL, key)

    again = api.post(cancellations(order_id), {"reason": "changed_mind", **ALL}, key)
    other_body = api.post(cancellations(order_id), {**ALL, "reason": "other"}, key)
    other_order = api.post(cancellations(f"{order_id}-b"), ALL, key)
    other_call = api.post(f"{cancellations(order_id)}/C1/withdrawal", None, key)

    assert again.text == first.text
    for one in (other_body, other_order, other_call):
        assert refusal(one) == (409, REUSED, "")


def test_a_key_is_its_callers_own(api: Api, order_id: str) -> None:
    api.given(placed(order_id, 2), placed(f"{order_id}-b", 2, buyer_id="nils"))
    key = new_key()

    mine = api.as_("buyer:mira").post(cancellations(order_id), ALL, key)
    theirs = api.as_("buyer:nils").post(cancellations(f"{order_id}-b"), ALL, key)

    assert (mine.status_code, theirs.status_code) == (201, 201)


@pytest.mark.parametrize("key", [None, "", "x" * 256, "a b"])
def test_a_command_without_a_good_key_is_not_done(api: Api, order_id: str, key: str | None) -> None:
    api.given(placed(order_id))

    answer = api.post(cancellations(order_id), ALL, key)

    assert refusal(answer) == (400, "/problems/idempotency-key-required", "")
    assert recorded(api, order_id) == ["OrderPlaced"]


def test_what_was_not_done_leaves_the_key_free(api: Api, order_id: str) -> None:
    """Unknown orders and malformed bodies are no answers to keep: they may be mended."""
    key = new_key()
    unknown = api.post(cancellations(order_id), ALL, key)
    api.given(placed(order_id))
    malformed = api.post(cancellations(order_id), {}, key)

    assert (unknown.status_code, malformed.status_code) == (404, 422)
    assert api.post(cancellations(order_id), ALL, key).status_code == 201


def test_a_kept_answer_outlives_what_happens_to_the_order(api: Api, order_id: str) -> None:
    api.given(placed(order_id), say("ReleasedToWarehouse", order_id, warehouse_id="W1"))
    key = new_key()
    first = api.post(cancellations(order_id), {**ALL, "cancellation_id": "C1"}, key)
    api.post(f"{cancellations(order_id)}/C1/withdrawal")

    assert api.post(cancellations(order_id), {**ALL, "cancellation_id": "C1"}, key).text == (
        first.text
    )


class Clock:
    """A clock that a test sets, in microseconds."""

    def __init__(self) -> None:
        self.now = 1_800_000_000_000_000

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def timed(postgres_url: str) -> Iterator[tuple[Api, Clock]]:
    clock = Clock()
    with api_of(postgres_url, now=clock) as api:
        yield api, clock


SOME = {**ALL, "items": [{"line_id": "L1", "quantity": 1}]}
CALLS: list[tuple[str, Any]] = [
    ("", SOME),
    ("/{}/confirmation", None),
    ("", {**SOME, "cancellation_id": "C2"}),
    ("/C2/withdrawal", None),
    ("", {**ALL, "items": [{"line_id": "L1", "quantity": 3}]}),
]
"""Commands on an order's cancellations; the first makes the id that the second names."""


def all_said(api: Api, order_id: str) -> list[Any]:
    """The answers to all of these, each under its own key."""
    told: list[Any] = []
    for number, (call, body) in enumerate(CALLS):
        made = told[0]["cancellation_id"] if told else ""
        answer = api.post(f"{cancellations(order_id)}{call.format(made)}", body, f"k{number}")
        told.append(answer.json())
    return told


def test_after_its_time_an_answer_is_dropped_and_the_log_still_knows(
    timed: tuple[Api, Clock],
) -> None:
    api, clock = timed
    api.given(placed("A-1", 3), say("ReleasedToWarehouse", "A-1", warehouse_id="W1"))
    first, before = all_said(api, "A-1"), recorded(api, "A-1")
    clock.now += LIFE + 1

    assert answers.forget(api.store, clock.now) == len(CALLS)
    assert all_said(api, "A-1") == first
    assert recorded(api, "A-1") == before


def test_the_log_still_knows_the_key_of_a_cancellation(timed: tuple[Api, Clock]) -> None:
    api, clock = timed
    api.given(placed("A-1", 3))
    first = api.post(cancellations("A-1"), SOME, "k")
    clock.now += LIFE + 1

    reused = api.post(cancellations("A-1"), {**SOME, "cancellation_id": "C9"}, "k")

    assert first.status_code == 201
    assert refusal(reused) == (409, REUSED, "")


def test_an_expired_key_is_free_for_another_order(timed: tuple[Api, Clock]) -> None:
    api, clock = timed
    api.given(placed("A-1"), placed("A-2"))
    api.post(cancellations("A-1"), ALL, "k")

    clock.now += LIFE + 1

    assert api.post(cancellations("A-2"), ALL, "k").status_code == 201


def test_two_writers_under_one_key_are_told_apart_in_the_database(store: EventStore) -> None:
    key = Key("buyer:mira", "k", b"digest")
    first = answers.keep(key, 201, b"{}", 7, now=100)
    store.append([], also=[first])

    with pytest.raises(Exception, match="answered meanwhile"):
        store.append([], also=[answers.keep(key, 409, b"{}", 8, now=200)])

    assert answers.find(store, key, now=300) == answers.Answer(201, b"{}", 7)


class Losing(EventStore):
    """Commits, and loses the answer of every first commit."""

    lose = False

    @override
    def append(self, *args: Any, **more: Any) -> int | None:  # as the store
        written = super().append(*args, **more)
        if self.lose:
            self.lose = False
            raise StoreUnavailable("the answer was lost")
        return written


def test_a_commit_whose_answer_was_lost_is_answered_all_the_same(
    postgres_url: str,
) -> None:
    with Losing.open(postgres_url) as store, api_of(postgres_url, store=store) as api:
        api.given(placed("A-1"))
        store.lose = True
        answer = api.post(cancellations("A-1"), ALL)
        events = store.load([stream_id("A-1")])[stream_id("A-1")]

    assert answer.status_code == 201
    assert [version for version, _ in events] == [1, 2]
    assert answer.json()["position"] == "2"


def test_a_cancellation_and_a_shipment_that_race_end_in_one_ledger(api: Api, order_id: str) -> None:
    """Whichever is first, every unit is where the facts say, and the answer was true then."""
    api.given(placed(order_id, 2))
    parcel = say(
        "ShippedFromWarehouse",
        order_id,
        shipment_id="S1",
        items=[{"line_id": "L1", "quantity": 1}],
    )

    with ThreadPoolExecutor(2) as pool:
        shipping = pool.submit(api.given, parcel)
        (told,) = at_once(api, [(cancellations(order_id), ALL, new_key())])
        shipping.result()
    api.until_seen()
    (line,) = api.get(f"/orders/{order_id}").json()["lines"]

    (item,) = told.json()["items"]
    assert (told.status_code, item["stop"] + item["refuse"]) == (201, 2)
    assert (line["cancelled"], line["refuse_delivery"], line["remaining"]) == (1, 1, 0)


def test_refusals_and_cancellations_are_written_with_the_callers_key(
    api: Api, order_id: str
) -> None:
    api.given(placed(order_id, 1))
    key = new_key()
    api.post(cancellations(order_id), ALL, key)
    api.post(cancellations(order_id), ALL, new_key())
    stream = stream_id(order_id)
    events = [event for _, event in api.store.load([stream])[stream]][1:]

    assert [type(event) for event in events] == [ItemCancelRequested, CancellationRefused]
    assert {event.source for event in events} == {"/countermand/api"}
    assert len({event.message_id for event in events}) == 2
