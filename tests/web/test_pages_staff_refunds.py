"""A seller's refunds: why each waits, and one by hand, whose sum is seen before it is paid."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.support.pages import browser, form_of, kinds_of, page, processed, words_of
from tests.support.saying import cancel, delivered, placed, say, shipped
from tests.support.web import Api

CHECK, DO = "/seller/refunds/by-hand/check", "/seller/refunds/by-hand"


def kept(api: Api, order_id: str) -> str:
    """An order of 3 and 1 units that the buyer has; who its seller is."""
    seller = f"s-{order_id}"
    told = [placed(order_id, 3, 1, seller_id=seller), shipped(order_id, 3), delivered(order_id)]
    processed(api.given(*told, shipped(order_id, 1, "L2", "S2")))
    return f"seller:{seller}"


def test_refunds_say_in_which_state_they_are_and_why_they_wait(api: Api, order_id: str) -> None:
    seller_id = f"s-{order_id}"
    api.given(placed(order_id, 3, 1, seller_id=seller_id))
    part = [{"line_id": "L1", "quantity": 1}]
    processed(api.given(cancel(order_id, items=part)))
    with browser(api, f"seller:{seller_id}") as seller:
        held = words_of(page(seller, "/seller/refunds"))
        only_due = page(seller, "/seller/refunds", state="due")
        api.given(shipped(order_id, 2), shipped(order_id, 1, "L2", "S2"))
        processed(api)
        asked = page(seller, "/seller/refunds")

    assert "Other goods of the order are still to ship." in held
    assert "€10.00 1 x Mug 1" in held
    assert "none" in only_due
    assert "All other goods have left." in asked
    assert "asked once" in asked


def test_a_refund_that_failed_says_when_it_is_asked_for_again_and_then_when_it_was_paid(
    api: Api, order_id: str
) -> None:
    seller_id = f"s-{order_id}"
    api.given(placed(order_id, 2, 1, seller_id=seller_id, shipping_fee="5.00", paid="35.00"))
    processed(api.given(cancel(order_id)))
    refund_id = api.until_seen().get(f"/orders/{order_id}").json()["refunds"][0]["refund_id"]
    no = {"refund_id": refund_id, "reason": "card_closed"}
    processed(api.given(say("RefundFailed", order_id, **no)))
    with browser(api, f"seller:{seller_id}") as seller:
        failed = words_of(page(seller, "/seller/refunds"))
        case = words_of(page(seller, "/seller"))
        paid = {"refund_id": refund_id, "amount": "35.00", "currency": "EUR"}
        processed(api.given(say("RefundIssued", order_id, **paid)))
        issued = words_of(page(seller, "/seller/refunds"))

    assert "€35.00 the whole order, and shipping Everything was cancelled." in failed
    assert re.search(r"asked once, again at \d+ \w{3}, \d\d:\d\d, see the case", failed)
    assert "A refund of €35.00 could not be paid" in case
    assert "The provider says: card closed. It was asked once. It is asked again at " in case
    assert "For Cause Paid" in issued
    assert re.search(r"Everything was cancelled. \d+ \w{3}, \d\d:\d\d A refund by hand", issued)


def test_what_is_in_each_state_is_added_up_by_currency(api: Api, order_id: str) -> None:
    seller_id = f"s-{order_id}"
    part = [{"line_id": "L1", "quantity": 1}]
    for number, currency in enumerate(("EUR", "EUR", "JPY")):
        each = f"{order_id}-{number}"
        yen = {"lines": [_yen()], "currency": "JPY"} if currency == "JPY" else {}
        api.given(placed(each, 2, seller_id=seller_id, **yen), cancel(each, items=part))
    api.given(placed(f"{order_id}-9", 1, seller_id=seller_id), cancel(f"{order_id}-9"))
    processed(api)
    with browser(api, f"seller:{seller_id}") as seller:
        text = page(seller, "/seller/refunds")
        held = page(seller, "/seller/refunds", state="held")

    strip = words_of(text[text.index('<dl class="sums">') : text.index("</dl>")])
    assert strip.split("Failed ")[1] == (
        "nothing Due nothing Requested €10.00 1 refund Held €20.00 ¥1,000 3 refunds Issued nothing"
    )
    assert '<a href="?state=held" aria-current="true">' in held
    assert "Refunds in all states" in held
    assert "Refunds in all states" not in text


def _yen() -> dict[str, Any]:
    return {"line_id": "L1", "sku": "S", "title": "Mug 1", "quantity": 2, "unit_price": "1000"}


def test_a_refund_that_waits_for_its_seller_leads_to_its_case(api: Api, order_id: str) -> None:
    seller_id = f"s-{order_id}"
    nobody = {"refund_id": "r-nobody", "amount": "1.00", "currency": "EUR"}
    issued = say("RefundIssued", order_id, **nobody)
    processed(api.given(placed(order_id, 1, seller_id=seller_id), issued, cancel(order_id)))
    with browser(api, f"seller:{seller_id}") as seller:
        text = page(seller, "/seller/refunds", state="held")
        cases = page(seller, "/seller")

    assert "Money was paid back that nobody can place." in text
    link = re.search(r'href="/seller#(case-[^"]+)"', text)
    assert link is not None
    assert f'<li id="{link[1]}">' in cases


def test_units_are_refunded_by_hand_as_the_check_says_and_once(api: Api, order_id: str) -> None:
    said: dict[str, Any] = {"line": ["L1", "L2"], "units": ["2", "0"], "reason": "a scratch"}
    with browser(api, kept(api, order_id)) as seller:
        text = page(seller, DO, order_id=order_id)
        checked = seller.post(CHECK, data=form_of(text, CHECK) | said)
        nothing_yet = kinds_of(api, order_id)
        form = form_of(checked.text, DO)
        answer = seller.post(DO, data=form)
        again = seller.post(DO, data=form)
        after = words_of(page(seller, answer.headers["location"]))

    assert "€40.00 is left of what was paid" in words_of(text)
    assert "3 units can be refunded" in text
    assert checked.status_code == 200
    assert "€20.00 would go back to the buyer" in words_of(checked.text)
    assert "Left for other refunds by hand €20.00" in words_of(checked.text)
    assert "Refund €20.00 now" in checked.text
    assert "RefundGranted" not in nothing_yet
    assert (answer.status_code, again.headers["location"]) == (303, answer.headers["location"])
    assert "Refunded by hand : 2 x Mug 1. The payment provider is asked for €20.00." in after
    assert kinds_of(api, order_id).count("RefundGranted") == 1


def test_an_amount_is_refunded_for_no_goods(api: Api, order_id: str) -> None:
    with browser(api, kept(api, order_id)) as seller:
        form = form_of(page(seller, DO, order_id=order_id), CHECK)
        said = {"line": [], "units": [], "amount": "5.00", "reason": "goodwill"}
        checked = seller.post(CHECK, data=form | said)
        answer = seller.post(DO, data=form_of(checked.text, DO))
        after = words_of(page(seller, answer.headers["location"]))

    assert "For no goods goodwill" in words_of(checked.text)
    assert "an amount, for no goods. The payment provider is asked for €5.00." in after


def test_a_refund_that_was_overtaken_says_why_and_what_is_left(api: Api, order_id: str) -> None:
    with browser(api, kept(api, order_id)) as seller:
        form = form_of(page(seller, DO, order_id=order_id), CHECK) | {"reason": "goodwill"}
        said = {"line": [], "units": [], "amount": "30.00"}
        first, second = (form_of(seller.post(CHECK, data=form | said).text, DO) for _ in range(2))
        seller.post(DO, data=first)
        late = seller.post(DO, data=second)
        too_much = seller.post(CHECK, data=form | said)

    for refused in (late, too_much):
        assert refused.status_code == 409
        assert "the amount is more than is left of what was paid" in refused.text
        assert "€10.00 can be refunded now" in refused.text
    assert kinds_of(api, order_id).count("RefundGranted") == 1


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"units": ["0", "0"]}, "Amount is required where there are no items."),
        ({"amount": "ten"}, "Amount"),
        ({"amount": "0.00"}, "Amount must be more than 0."),
        ({"reason": " "}, "Reason"),
        ({"units": ["x", "0"]}, "Units"),
    ],
)
def test_what_is_wrong_with_a_refund_stands_at_its_form(
    api: Api, order_id: str, said: dict[str, Any], words: str
) -> None:
    with browser(api, kept(api, order_id)) as seller:
        form = form_of(page(seller, DO, order_id=order_id), CHECK) | {"reason": "goodwill"}
        whole: dict[str, Any] = {"line": ["L1", "L2"], "units": ["1", "0"]}
        wrong = seller.post(CHECK, data=form | whole | said)

    assert wrong.status_code == 422
    assert "Nothing was refunded" in wrong.text
    assert words in words_of(wrong.text).partition("Nothing was refunded")[2][:90]


def test_nobody_refunds_an_order_that_is_unknown_or_another_s(api: Api, order_id: str) -> None:
    with browser(api, kept(api, order_id)) as own, browser(api, "seller:other") as other:
        form = form_of(page(own, DO, order_id=order_id), CHECK) | {"amount": "1", "reason": "x"}
        checked = form_of(own.post(CHECK, data=form).text, DO)
        csrf = form_of(page(other, "/seller"), "/persona")["csrf"]
        posted = [
            other.post(address, data=data | {"csrf": csrf})
            for address, data in ((CHECK, form), (DO, checked))
        ]
        looks = [
            page(other, other.get(DO, params={"order_id": one}).headers["location"])
            for one in (order_id, "none-such", "no id")
        ]
    with browser(api, "buyer:mira") as buyer:
        assert buyer.get(DO, params={"order_id": order_id}).status_code == 403

    assert [one.status_code for one in posted] == [404, 404]
    for text in looks:
        assert "There is no order" in text
    assert "RefundGranted" not in kinds_of(api, order_id)


def test_a_forged_form_refunds_nothing(api: Api, order_id: str) -> None:
    with browser(api, kept(api, order_id)) as seller:
        form = form_of(page(seller, DO, order_id=order_id), CHECK)
        said = {"amount": "1.00", "reason": "x", "csrf": "forged", "key": "k-1"}
        assert seller.post(CHECK, data=form | said).status_code == 403
        assert seller.post(DO, data=form | said).status_code == 403
    assert "RefundGranted" not in kinds_of(api, order_id)
