"""An order's story as an auditor sees it: short, as of a moment, of 400 entries, and crossed."""

from __future__ import annotations

import re

from tests.support.pages import browser, page, processed
from tests.support.saying import cancel, delivered, placed, say, shipped
from tests.support.web import Api


def test_a_short_story_is_a_picture_and_a_list(api: Api, order_id: str) -> None:
    api.given(placed(order_id, 2), shipped(order_id, 2), delivered(order_id))
    with browser(api, "auditor") as auditor:
        text = page(auditor, f"/audit/{order_id}")
    assert text.count('<a class="ev ') == 6  # in the wide picture, and in the narrow one
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
    assert "<dt>Ordered</dt><dd><b>2</b>" in then
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
    assert '<span class="n">357 to 401 of 401</span>' in latest
    assert '<span class="n">1 to 45 of 401</span>' in beginning
    links = re.findall(r'<a class="ev [^"]*" href="#(e\d+)"', latest)
    assert len(links) == 40 + 24  # in the wide picture, and in the narrow one
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
