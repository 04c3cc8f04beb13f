"""The cancel flow of a buyer's pages, as a browser without scripts goes through it."""

from __future__ import annotations

import httpx
import pytest

from tests.support.buying import cancellations, fields_of, last_form, released, text_of
from tests.support.saying import cancel, delivered, placed, say, shipped
from tests.support.web import Api


def test_goods_are_cancelled_in_plain_forms(api: Api, browser: httpx.Client, order_id: str) -> None:
    api.given(placed(order_id, 3, 1, shipping_fee="2.00"), shipped(order_id, 1))
    address = f"/orders/{order_id}/cancel"

    choose = browser.get(address)
    check = browser.get(address, params={"step": "check", "quantity.L1": "3", "quantity.L2": "0"})
    carried = fields_of(check)
    reason = browser.get(address, params=carried)
    form = {**fields_of(reason), "reason": "found_cheaper", "note": "thank you"}
    confirmed = browser.post(address, data=form)
    done = browser.get(confirmed.headers["location"])

    assert "Which goods do you want to cancel?" in text_of(choose)
    assert "You are about to cancel 3 units" in text_of(check)
    assert "Stopped at once 2 units" in text_of(check)
    assert "On its way: you refuse it at the door 1 unit" in text_of(check)
    assert "€30.00 comes back" in text_of(check)
    assert carried == {"quantity.L1": "3", "step": "reason", "key": form["key"]}
    assert "Cancel 3 units now" in text_of(reason)
    assert " checked" not in reason.text
    assert confirmed.status_code == 303
    assert "One thing is left for you to do" in text_of(done)
    assert "2 cancelled in time" in text_of(done)
    assert "1 left already: please refuse" in text_of(done)
    assert cancellations(api, order_id) == ["ItemCancelRequested"]


def test_sending_the_last_form_again_cancels_nothing_more(
    api: Api, browser: httpx.Client, order_id: str
) -> None:
    api.given(placed(order_id, 3))
    form = last_form(browser, order_id, L1="1")

    answers = [browser.post(f"/orders/{order_id}/cancel", data=form) for _ in range(3)]

    assert [one.status_code for one in answers] == [303, 303, 303]
    assert len({one.headers["location"] for one in answers}) == 1
    assert cancellations(api, order_id) == ["ItemCancelRequested"]


def test_everything_is_chosen_by_one_button(api: Api, browser: httpx.Client, order_id: str) -> None:
    api.given(placed(order_id, 2, 2))

    check = browser.get(f"/orders/{order_id}/cancel?step=check&all=1&quantity.L1=1")

    assert {**fields_of(check), "key": ""} == {"all": "1", "step": "reason", "key": ""}
    assert "You are about to cancel 4 units" in text_of(check)


def test_a_form_without_its_token_cancels_nothing(
    api: Api, browser: httpx.Client, order_id: str
) -> None:
    api.given(placed(order_id, 3))
    form = last_form(browser, order_id, L1="1")

    without = browser.post(f"/orders/{order_id}/cancel", data={**form, "csrf": ""})

    assert without.status_code == 403
    assert "Nothing was changed" in text_of(without)
    assert cancellations(api, order_id) == []


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({}, "Say of at least one kind how many units to cancel."),
        ({"quantity.L1": "two"}, "Mug 1: say a number of units, such as 1."),
        ({"quantity.L1": "-1"}, "Mug 1: say a number of units, such as 1."),
        ({"quantity.L1": "4"}, "Mug 1: 3 units can be cancelled, and no more."),
        ({"quantity.L9": "1"}, "Some goods are not of this order."),
    ],
)
def test_units_that_cannot_be_meant_are_shown_at_their_field(
    api: Api, browser: httpx.Client, order_id: str, said: dict[str, str], words: str
) -> None:
    api.given(placed(order_id, 3))

    page = browser.get(f"/orders/{order_id}/cancel", params={"step": "check", **said})

    assert page.status_code == 422
    assert words in text_of(page)
    assert f'href="#{"main" if "quantity.L9" in said else "q-L1"}"' in page.text


def test_a_reason_has_to_be_given_and_a_note_is_kept_while_it_is_not(
    api: Api, browser: httpx.Client, order_id: str
) -> None:
    api.given(placed(order_id, 3))
    form = last_form(browser, order_id, L1="1")

    page = browser.post(
        f"/orders/{order_id}/cancel", data={**form, "reason": "out_of_stock", "note": "a <b>"}
    )

    assert page.status_code == 422
    assert "Say why: choose one of the reasons." in text_of(page)
    assert "a &lt;b&gt;</textarea>" in page.text
    assert fields_of(page)["key"] == form["key"]
    assert cancellations(api, order_id) == []


def test_a_refusal_says_that_nothing_was_changed_and_what_can_be_cancelled_now(
    api: Api, browser: httpx.Client, order_id: str
) -> None:
    api.given(placed(order_id, 2, 1))
    form = last_form(browser, order_id, L1="2")
    api.given(shipped(order_id, 1), delivered(order_id))

    page = browser.post(f"/orders/{order_id}/cancel", data=form)

    assert page.status_code == 409
    assert "Nothing was changed. You can still cancel: 1 x Mug 1, 1 x Mug 2." in text_of(page)
    assert cancellations(api, order_id) == ["CancellationRefused"]


def test_a_seller_cancels_with_a_sellers_reasons(
    api: Api, browser: httpx.Client, order_id: str
) -> None:
    api.given(placed(order_id, 3))
    browser.get("/persona?as=seller:fjell")
    form = last_form(browser, order_id, L1="1")

    refused = browser.post(f"/orders/{order_id}/cancel", data=form)
    taken = browser.post(f"/orders/{order_id}/cancel", data={**form, "reason": "out_of_stock"})

    assert (refused.status_code, taken.status_code) == (422, 303)


def test_a_cancellation_is_taken_back_while_nothing_of_it_is_settled(
    api: Api, browser: httpx.Client, order_id: str
) -> None:
    api.given(placed(order_id, 3), released(order_id), cancel(order_id))
    form = fields_of(browser.get(f"/orders/{order_id}"))

    back = [browser.post(f"/orders/{order_id}/withdraw", data=form) for _ in range(2)]
    after = browser.get(back[0].headers["location"])

    assert [one.status_code for one in back] == [303, 303]
    assert "3 remaining 3 units ordered" in text_of(after)
    assert cancellations(api, order_id) == ["ItemCancelRequested", "CancellationWithdrawn"]
    assert "Keep the goods after all" not in after.text


def test_a_cancellation_that_was_settled_meanwhile_is_not_taken_back(
    api: Api, browser: httpx.Client, order_id: str
) -> None:
    api.given(placed(order_id, 3), released(order_id), cancel(order_id))
    form = fields_of(browser.get(f"/orders/{order_id}"))
    api.given(shipped(order_id, 1))

    page = browser.post(f"/orders/{order_id}/withdraw", data=form)

    assert page.status_code == 409
    assert "Nothing was changed." in text_of(page)


def test_a_foreign_order_is_not_cancelled(api: Api, browser: httpx.Client, order_id: str) -> None:
    api.given(placed(order_id, 1, buyer_id="noor"), placed(f"{order_id}-mine", 1))
    form = last_form(browser, f"{order_id}-mine", L1="1")

    assert browser.post(f"/orders/{order_id}/cancel", data=form).status_code == 404
    assert cancellations(api, order_id) == []


def test_the_check_says_what_else_is_in_a_parcel_and_how_all_of_it_adds_up(
    api: Api, browser: httpx.Client, order_id: str
) -> None:
    api.given(placed(order_id, 3, 1), shipped(order_id, 2))

    address = f"/orders/{order_id}/cancel"
    some = text_of(browser.get(f"{address}?step=check&quantity.L1=2"))
    all_of_it = text_of(browser.get(f"{address}?step=check&quantity.L1=3"))

    assert "Parcel S1 also holds something you keep" in some
    assert "You cancel 1 x Mug 1 of it, and keep 1 x Mug 1." in some
    assert "What you keep 2 units 1 x Mug 1 and 1 x Mug 2." in some
    assert "To refuse 1 Remaining 2 Cancelled 1 Ordered 4" in some
    assert "Paid €40.00 Comes back in all €20.00 Paid in the end €20.00" in some
    assert "You must refuse parcel S1" in all_of_it
    assert "€20.00 comes back when the goods are in the warehouse again." in all_of_it


def test_only_what_the_warehouse_has_is_asked_for(
    api: Api, browser: httpx.Client, order_id: str
) -> None:
    one = [{"line_id": "L2", "quantity": 1}]
    api.given(placed(order_id, 2, 2))
    api.given(say("ReleasedToWarehouse", order_id, warehouse_id="W1", items=one))

    check = text_of(browser.get(f"/orders/{order_id}/cancel?step=check&all=1"))

    assert "Stopped at once 3 units Mug 1 2 of 2 Mug 2 1 of 2" in check
    assert "We ask the warehouse to stop it 1 unit Mug 2 1 of 2" in check


def test_the_last_form_keeps_its_key_when_its_page_is_asked_for_again(
    api: Api, browser: httpx.Client, order_id: str
) -> None:
    api.given(placed(order_id, 3))
    check = browser.get(f"/orders/{order_id}/cancel?step=check&quantity.L1=1")

    pages = [browser.get(f"/orders/{order_id}/cancel", params=fields_of(check)) for _ in range(2)]

    assert {fields_of(page)["key"] for page in pages} == {fields_of(check)["key"]}


def test_a_form_sent_again_with_another_reason_says_that_the_first_one_counts(
    api: Api, browser: httpx.Client, order_id: str
) -> None:
    api.given(placed(order_id, 3))
    form = last_form(browser, order_id, L1="1")
    browser.post(f"/orders/{order_id}/cancel", data=form)

    page = browser.post(f"/orders/{order_id}/cancel", data={**form, "reason": "other"})

    assert page.status_code == 409
    assert "This form was sent before, with another reason or note" in text_of(page)
    assert "Nothing was changed. You can still cancel: 2 x Mug 1." in text_of(page)
    assert cancellations(api, order_id) == ["ItemCancelRequested"]
