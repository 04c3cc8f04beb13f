"""Cancellations to confirm: a seller answers in the warehouse's stead, in place, once."""

from __future__ import annotations

from typing import Any

from tests.support.pages import browser, form_of, kinds_of, page, processed, words_of
from tests.support.saying import cancel, placed, say
from tests.support.web import Api


def to_confirm(api: Api, order_id: str) -> str:
    """An order with 2 + 1 units that a warehouse is asked to stop; who its seller is."""
    seller = f"s-{order_id}"
    released = say("ReleasedToWarehouse", order_id, warehouse_id="W1")
    processed(api.given(placed(order_id, 2, 1, seller_id=seller), released, cancel(order_id)))
    return f"seller:{seller}"


def test_goods_were_stopped_as_the_seller_says(api: Api, order_id: str) -> None:
    action = f"/seller/cases/{order_id}/stopped"
    with browser(api, to_confirm(api, order_id)) as seller:
        text = page(seller, "/seller")
        first, second = (form_of(text, action) | {"key": key} for key in ("k-1", "k-2"))
        said: dict[str, Any] = {"outcome": "stopped", "line": ["L1", "L2"], "units": ["2", "1"]}
        answer = seller.post(action, data=first | said)
        again = seller.post(action, data=first | said)
        late = seller.post(action, data=second | said)
        after = words_of(page(seller, answer.headers["location"]))

    assert "The cancellation of 3 units has succeeded. The buyer gets €30.00 back now." in (
        words_of(text)
    )
    assert (answer.status_code, again.headers["location"]) == (303, answer.headers["location"])
    assert "2 x Mug 1 and 1 x Mug 2 did not ship. The payment provider is asked for €30.00" in after
    assert late.status_code == 409
    assert "more units than wait for an answer" in late.text
    assert kinds_of(api, order_id).count("CancellationConfirmed") == 1


def test_some_of_the_goods_were_stopped(api: Api, order_id: str) -> None:
    action = f"/seller/cases/{order_id}/stopped"
    with browser(api, to_confirm(api, order_id)) as seller:
        form = form_of(page(seller, "/seller"), action) | {"outcome": "stopped"}
        said: dict[str, Any] = {"line": ["L1", "L2"], "units": ["1", "0"]}
        none = seller.post(action, data=form | said | {"units": ["0", "0"]})
        some = seller.post(action, data=form | said)

    assert (none.status_code, some.status_code) == (422, 303)
    lines = api.get(f"/orders/{order_id}").json()["lines"]
    processed(api)
    lines = api.get(f"/orders/{order_id}").json()["lines"]
    assert [(one["cancelled"], one["requested"]) for one in lines] == [(1, 1), (0, 1)]


def test_goods_will_ship_as_the_seller_says(api: Api, order_id: str) -> None:
    action = f"/seller/cases/{order_id}/stopped"
    with browser(api, to_confirm(api, order_id)) as seller:
        form = form_of(page(seller, "/seller"), action) | {"outcome": "not_stopped"}
        said: dict[str, Any] = {"line": ["L1", "L2"], "units": ["2", "1"]}
        blank = seller.post(action, data=form | said)
        answer = seller.post(action, data=form | said | {"reason": "on the truck"})
        again = seller.post(action, data=form | said | {"reason": "on the truck"})
        unknown = seller.post(action, data=form | said | {"outcome": "perhaps"})

    assert (blank.status_code, unknown.status_code) == (422, 422)
    assert "Reason" in blank.text
    assert (answer.status_code, again.status_code) == (303, 303)
    assert kinds_of(api, order_id).count("CaseDecided") == 2  # one a line


def test_many_goods_are_answered_for_together(api: Api, order_id: str) -> None:
    seller = f"s-{order_id}"
    released = say("ReleasedToWarehouse", order_id, warehouse_id="W1")
    many = placed(order_id, *[2] * 6, seller_id=seller)
    processed(api.given(many, released, cancel(order_id)))
    action = f"/seller/cases/{order_id}/stopped"
    with browser(api, f"seller:{seller}") as browsing:
        text = page(browsing, "/seller")
        form = form_of(text, action) | {"outcome": "not_stopped", "reason": "on the truck"}
        will_ship = browsing.post(action, data=form)
        form = form_of(text, action) | {"outcome": "stopped", "key": "k-9"}
        were_stopped = browsing.post(action, data=form)

    assert "All 6 goods are answered for together" in text
    assert (will_ship.status_code, were_stopped.status_code) == (303, 303)
    kinds = kinds_of(api, order_id)
    assert (kinds.count("CaseDecided"), kinds.count("CancellationConfirmed")) == (6, 1)


def test_a_page_of_cases_with_long_words_is_not_too_large(api: Api, order_id: str) -> None:
    seller = f"s-{order_id}"
    lines = [
        {"line_id": f"L{n}", "sku": f"S{n}", "title": f"{n} " + "long " * 58, "quantity": 3,
         "unit_price": "1.00"}
        for n in range(4)
    ]  # fmt: skip
    for number in range(17):
        one = f"{order_id}-{number:02}-{'x' * 50}"
        released = say("ReleasedToWarehouse", one, warehouse_id="W1")
        api.given(placed(one, lines=lines, seller_id=seller), released, cancel(one))
    processed(api)
    with browser(api, f"seller:{seller}") as browsing:
        text = page(browsing, "/seller")
        rest = text.partition('class="acts pager"><a class="btn" href="')[2].partition('"')[0]
        following = page(browsing, f"/seller{rest.replace('&amp;', '&')}")

    assert text.count('<details class="decide"') == 12
    assert following.count('<details class="decide"') == 5
