"""What sellers, operators and auditors see: cases, refunds, the flow, an order's story."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from application.late_cancellations import Rules
from application.processing import processes
from consumers import dead_letters
from consumers.dead_letters import Letter
from consumers.intake import Intake
from domain.late_cancellation import Terms
from tests.support.saying import Said, cancel, delivered, placed, say, shipped
from tests.support.web import Api, api_of

LARGEST = 100_000
"""Bytes of a page."""
STANDING: dict[str, Any] = {
    "well": False,
    "position": "7",
    "followers": [{"name": "views", "position": "5", "behind": 2, "delay_seconds": 0.25}],
    "partitions": [
        {"topic": "countermand.warehouse", "partition": 0, "position": 3, "end": 9, "lag": 5,
         "stopped": None}
    ],
    "cases": {"open": 4, "overdue": 1},
    "parked": 3,
    "dead_letters": {"open": 2},
    "wrong": ["2 open dead letters"],
}  # fmt: skip


@pytest.fixture(scope="module")
def api(module_postgres_url: str) -> Iterator[Api]:
    """The pages of one database, which hears letters again and knows where everybody stands."""
    with api_of(module_postgres_url) as plain:

        def hear_again(letter: Letter) -> str:
            again = dead_letters.heard_again(letter, None)
            return Intake(plain.store).take(again).outcomes[0]

        with api_of(
            module_postgres_url,
            store=plain.store,
            hear_again=hear_again,
            standing=lambda: STANDING,
        ) as api:
            yield api


def browser(api: Api, persona: str) -> httpx.Client:
    """A browser of somebody, with cookies of its own."""
    client = httpx.Client(base_url=api.client.base_url, timeout=30, headers={"Accept": "text/html"})
    client.cookies.set("persona", persona)
    return client


def page(client: httpx.Client, address: str, **params: Any) -> str:  # noqa: ANN401
    """A page that is there, and small enough."""
    answer = client.get(address, params=params or None)
    assert answer.status_code == 200, answer.text[:2000]
    assert len(answer.content) < LARGEST
    return answer.text


def form_of(text: str, action: str) -> dict[str, str]:
    """The hidden fields of the form that is sent to `action`."""
    inside = text.partition(f'action="{action}"')[2].partition("</form>")[0]
    assert inside, action
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', inside))


def processed(api: Api) -> Api:
    processes(api.url, api.store, Rules(api.policy, Terms()), api.now).catch_up()
    return api.until_seen()


def damaged(order_id: str, seller: str) -> list[Said]:
    back = [{"line_id": "L1", "quantity": 1, "condition": "damaged"}]
    return [
        placed(order_id, 1, seller_id=seller),
        shipped(order_id, 1),
        cancel(order_id),
        say("ReturnedToWarehouse", order_id, return_id="R1", shipment_id="S1", items=back),
    ]


def test_a_seller_without_cases_reads_that_nothing_is_needed(api: Api) -> None:
    with browser(api, "seller:idle") as seller:
        for state, words in (
            ("open", "Nothing needs you today"),
            ("overdue", "Nothing is overdue"),
            ("closed", "Nothing is closed yet"),
        ):
            assert words in page(seller, "/seller", state=state)
        assert "There are no refunds" in page(seller, "/seller/refunds")


def test_a_seller_decides_a_case_in_place(api: Api, order_id: str) -> None:
    processed(api.given(*damaged(order_id, f"s-{order_id}")))
    action = f"/seller/cases/{order_id}"
    with browser(api, f"seller:s-{order_id}") as seller:
        text = page(seller, "/seller")
        said = {**form_of(text, action), "outcome": "refund", "quantity": "1", "reason": "damaged"}

        answer = seller.post(action, data=said)
        again = seller.post(action, data=said)
        processed(api)
        after = page(seller, answer.headers["location"])
        closed = page(seller, "/seller", state="closed")

    assert "1 x Mug 1 came back damaged" in text
    assert "waits for you" in text
    assert (answer.status_code, again.status_code) == (303, 303)
    assert f"order {order_id}" in after
    assert "came back damaged" not in after
    assert "came back damaged" in closed
    events = api.get(f"/orders/{order_id}/history").json()["events"]
    assert [one["type"] for one in events].count("CaseDecided") == 1


def test_a_decision_that_was_overtaken_says_why_and_changes_nothing(
    api: Api, order_id: str
) -> None:
    processed(api.given(*damaged(order_id, f"s-{order_id}")))
    action = f"/seller/cases/{order_id}"
    with browser(api, f"seller:s-{order_id}") as seller:
        first, second = (form_of(page(seller, "/seller"), action) for _ in range(2))
        said = {"outcome": "no_refund", "quantity": "1", "reason": "damaged_by_the_buyer"}

        seller.post(action, data=first | said)
        refused = seller.post(action, data=second | said)
        blank = seller.post(action, data={**first, "key": "k-1", "quantity": "one"})

    assert refused.status_code == 409
    assert "there is no case about these goods" in refused.text
    assert "Nothing was changed" in refused.text
    assert blank.status_code == 422
    assert "Nothing was decided yet" in blank.text
    assert "What shall happen" in blank.text


def test_a_form_of_another_page_is_refused(api: Api, order_id: str) -> None:
    processed(api.given(*damaged(order_id, f"s-{order_id}")))
    action = f"/seller/cases/{order_id}"
    with browser(api, f"seller:s-{order_id}") as seller:
        said = form_of(page(seller, "/seller"), action) | {"outcome": "refund", "reason": "x"}
        answer = seller.post(action, data=said | {"csrf": "forged", "quantity": "1"})

    assert answer.status_code == 403
    assert "CaseDecided" not in api.get(f"/orders/{order_id}/history").text


def test_a_seller_sees_the_own_cases_only_and_decides_no_others(api: Api, order_id: str) -> None:
    processed(api.given(*damaged(order_id, f"s-{order_id}")))
    with browser(api, f"seller:s-{order_id}") as own, browser(api, "seller:other") as other:
        said = form_of(page(own, "/seller"), f"/seller/cases/{order_id}")
        csrf = form_of(page(other, "/seller"), "/persona")["csrf"]
        foreign = said | {"csrf": csrf, "outcome": "refund", "quantity": "1", "reason": "mine"}

        seen = page(other, "/seller") + page(other, "/seller/refunds")
        decided = other.post(f"/seller/cases/{order_id}", data=foreign)
        listed = other.get("/seller", params={"seller_id": f"s-{order_id}"})

    assert order_id not in seen
    assert (decided.status_code, listed.status_code) == (404, 404)


def test_pages_open_for_their_readers_only(api: Api, order_id: str) -> None:
    api.given(placed(order_id, 1))
    may = {
        "/seller": "seller:fjell",
        "/seller/refunds": "seller:fjell",
        "/operator": "operator",
        f"/audit/{order_id}": "auditor",
    }
    for persona in ("buyer:mira", "seller:fjell", "operator", "auditor", "warehouse:W1"):
        with browser(api, persona) as client:
            for address, reader in may.items():
                expected = 200 if reader == persona else 403
                assert client.get(address).status_code == expected, (persona, address)


def test_refunds_say_in_which_state_they_are_and_why_they_wait(api: Api, order_id: str) -> None:
    seller_id = f"s-{order_id}"
    api.given(placed(order_id, 3, 1, seller_id=seller_id))
    part = [{"line_id": "L1", "quantity": 1}]
    processed(api.given(cancel(order_id, items=part)))
    with browser(api, f"seller:{seller_id}") as seller:
        held = page(seller, "/seller/refunds")
        only_due = page(seller, "/seller/refunds", state="due")
        api.given(shipped(order_id, 2), shipped(order_id, 1, "L2", "S2"))
        processed(api)
        asked = page(seller, "/seller/refunds")

    assert "Other goods of the order are still to ship." in held
    assert "€10.00" in held
    assert "1 x Mug 1" in held
    assert "none" in only_due
    assert "asked once" in asked


def test_what_is_out_is_told_with_its_sum(api: Api, order_id: str) -> None:
    seller_id = f"s-{order_id}"
    api.given(placed(order_id, 1, seller_id=seller_id), cancel(order_id))
    processed(api).given(shipped(order_id, 1))
    processed(api)
    with browser(api, f"seller:{seller_id}") as seller:
        text = page(seller, "/seller")
    assert "€10.00 for 1 order" in text
    assert "must be refused at the door" in text
    assert "waits for the buyer" in text


def letter(api: Api, content: str = "no message") -> int:
    headers = {"Content-Type": "application/cloudevents+json"}
    api.client.post("/api/v1/messages", content=content, headers=headers)
    return int(api.get("/dead-letters", limit=200).json()["dead_letters"][-1]["dead_letter_id"])


def test_an_operator_sees_the_flow_and_what_is_not_well(api: Api, order_id: str) -> None:
    api.given(say("Delivered", order_id, shipment_id="S1"))
    with browser(api, "operator") as operator:
        text = page(operator, "/operator")
    for words in (
        "2 open dead letters",
        '<title id="flt">The flow of messages as a picture</title>',
        "2 behind, under 1 s",
        "countermand.warehouse/0",
        "4 open, 1 overdue",
        order_id,
    ):
        assert words in text, words


@pytest.mark.parametrize(("act", "became"), [("retry", "stays open"), ("drop", "was dropped")])
def test_a_dead_letter_is_retried_or_dropped(api: Api, act: str, became: str) -> None:
    number = letter(api, f"bytes for {act}")
    action = f"/operator/dead-letters/{number}/{act}"
    with browser(api, "operator") as operator:
        said = form_of(page(operator, "/operator", letter=number), action)
        shown = page(operator, "/operator", letter=number)
        forged = operator.post(action, data=said | {"csrf": "forged"})
        answer = operator.post(action, data=said)
        again = operator.post(action, data=said)
        other = operator.post(action, data=said | {"key": "another"})
        after = page(operator, answer.headers["location"])

    assert f"bytes for {act}" in shown
    assert forged.status_code == 403
    assert (answer.status_code, again.headers["location"]) == (303, answer.headers["location"])
    assert other.status_code == (409 if act == "drop" else 303)
    assert became in after
    assert (action in after) == (act == "retry")


def test_where_nobody_can_say_how_all_stand_the_rest_is_shown(api: Api) -> None:
    with api_of(api.url, store=api.store) as alone, browser(alone, "operator") as operator:
        assert "Nobody can say" in page(operator, "/operator")


def test_a_short_story_is_a_picture_and_a_list(api: Api, order_id: str) -> None:
    api.given(placed(order_id, 2), shipped(order_id, 2), delivered(order_id))
    with browser(api, "auditor") as auditor:
        text = page(auditor, f"/audit/{order_id}")
    assert text.count('<a class="ev ') == 3
    for number in (1, 2, 3):
        assert f'href="#e{number}"' in text
        assert f'<tr id="e{number}">' in text
    assert '<title id="pict">' in text
    assert "The buyer took parcel S1 with 2 x Mug 1." in text


def test_what_was_recorded_later_is_hollow_and_not_counted(api: Api, order_id: str) -> None:
    processed(api.given(placed(order_id, 2)))
    first = api.get(f"/orders/{order_id}/history").json()["events"][0]["recorded_at"]
    api.given(cancel(order_id))
    with browser(api, "auditor") as auditor:
        then = page(auditor, f"/audit/{order_id}", as_of=first)
        stepped = auditor.get(f"/audit/{order_id}", params={"step": 1})
        before = page(auditor, f"/audit/{order_id}", as_of="2020-01-01T00:00:00Z")
        typed = auditor.get(f"/audit/{order_id}", params={"at": "2026-11-20T09:45"})
        wrong = auditor.get(f"/audit/{order_id}", params={"at": "soon"})

    assert "1 of 2 entries were recorded by then" in then
    assert 'class="ev x1 gh"' in then
    assert '<tr id="e2" class="ghr">' in then
    assert "<dt>Ordered</dt><dd><b>2</b></dd>" in then
    assert stepped.headers["location"] == f"/audit/{order_id}?as_of={first}"
    assert "Nothing was recorded of this order by then." in before
    assert typed.headers["location"] == f"/audit/{order_id}?as_of=2026-11-20T09:45:00Z"
    assert wrong.status_code == 422


def test_a_story_of_400_entries_is_told_in_parts(api: Api, order_id: str) -> None:
    parcels = [shipped(order_id, 1, shipment_id=f"S{n}") for n in range(200)]
    taken = [delivered(order_id, f"S{n}") for n in range(200)]
    api.given(placed(order_id, 200), *parcels, *taken)
    with browser(api, "auditor") as auditor:
        latest = page(auditor, f"/audit/{order_id}")
        beginning = page(auditor, f"/audit/{order_id}", **{"from": "1"})
    assert "Drawn are the entries 362 to 401 of 401" in latest
    assert '<span class="n">322 to 401 of 401</span>' in latest
    assert '<span class="n">1 to 80 of 401</span>' in beginning
    assert latest.count('<a class="ev ') == 40
    links = re.findall(r'<a class="ev [^"]*" href="#(e\d+)"', latest)
    assert len(links) == 40
    assert all(f'<tr id="{link}">' in latest for link in links)


def test_long_titles_make_no_page_too_large(api: Api, order_id: str) -> None:
    lines = [
        {"line_id": f"L{n}", "sku": f"S{n}", "title": f"{n} " + "long " * 58, "quantity": 100,
         "unit_price": "1.00"}
        for n in range(8)
    ]  # fmt: skip
    seller_id = f"s-{order_id}"
    api.given(placed(order_id, lines=lines, seller_id=seller_id))
    for number in range(20):
        parcel = [{"line_id": f"L{n}", "quantity": 1} for n in range(8)]
        sent = say("ShippedFromWarehouse", order_id, shipment_id=f"S{number}", items=parcel)
        api.given(sent, delivered(order_id, f"S{number}"))
    processed(api.given(cancel(order_id)))
    with browser(api, "auditor") as auditor, browser(api, f"seller:{seller_id}") as seller:
        latest = page(auditor, f"/audit/{order_id}")
        beginning = page(auditor, f"/audit/{order_id}", **{"from": "1"})
        page(seller, "/seller")
        page(seller, "/seller/refunds")
    assert "Entries after" in beginning
    assert "Entries before" in latest
    assert "Entries after" not in latest


def test_a_stop_and_a_parcel_that_crossed_are_two_lines(api: Api, order_id: str) -> None:
    api.given(
        placed(order_id, 1),
        say("ReleasedToWarehouse", order_id, warehouse_id="W1"),
        cancel(order_id),
    )
    processed(api).given(
        shipped(order_id, 1),
        say("StopRefused", order_id, cancellation_id="C1", reason="too_late"),
    )
    processed(api)
    with browser(api, "auditor") as auditor:
        text = page(auditor, f"/audit/{order_id}")
    assert '<path class="main x1"' in text  # the stop, on its way
    assert '<path class="thin x2"' in text  # the news, on its way
    assert '<path class="main x2"' in text  # the buyer is told


def test_an_auditor_is_asked_whose_story_it_shall_be(api: Api) -> None:
    with browser(api, "auditor") as auditor:
        assert 'name="order_id"' in page(auditor, "/audit")
        asked = auditor.get("/audit", params={"order_id": "A-1"})
    assert asked.headers["location"] == "/audit/A-1"


def test_an_unknown_order_has_no_story(api: Api) -> None:
    with browser(api, "auditor") as auditor:
        assert auditor.get("/audit/none-such").status_code == 404
