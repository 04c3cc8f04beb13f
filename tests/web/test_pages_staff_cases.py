"""A seller's cases: what each choice would do is said before, and comes true, once, in place."""

from __future__ import annotations

import re

import pytest

from tests.support.pages import browser, form_of, kinds_of, page, processed, words_of
from tests.support.saying import Said, cancel, delivered, placed, say, shipped
from tests.support.web import Api

DECIDE = {"outcome": "refund", "reason": "damaged_on_the_way"}


def back(order_id: str, quantity: int, condition: str) -> Said:
    items = [{"line_id": "L1", "quantity": quantity, "condition": condition}]
    return say("ReturnedToWarehouse", order_id, return_id="R1", shipment_id="S1", items=items)


def damaged(api: Api, order_id: str) -> str:
    """An order with one unit that came back damaged; who its seller is."""
    seller = f"s-{order_id}"
    told = [placed(order_id, 1, seller_id=seller), shipped(order_id, 1), cancel(order_id)]
    processed(api.given(*told, back(order_id, 1, "damaged")))
    return f"seller:{seller}"


def test_a_seller_without_cases_reads_that_nothing_is_needed(api: Api) -> None:
    with browser(api, "seller:idle") as seller:
        for state, words in (
            ("open", "Nothing needs you today"),
            ("overdue", "Nothing is overdue"),
            ("closed", "Nothing is closed yet"),
        ):
            assert words in page(seller, "/seller", state=state)


def test_a_case_is_decided_in_place_and_once(api: Api, order_id: str) -> None:
    action = f"/seller/cases/{order_id}"
    with browser(api, damaged(api, order_id)) as seller:
        text = page(seller, "/seller")
        said = form_of(text, action) | DECIDE
        answer = seller.post(action, data=said)
        again = seller.post(action, data=said)
        at_once = words_of(page(seller, answer.headers["location"]))
        processed(api)
        after = page(seller, answer.headers["location"])
        closed = page(seller, "/seller", state="closed")

    before = words_of(text)
    assert "1 x Mug 1 came back damaged" in before
    assert "If you do nothing, it is refunded when the time is up." in before
    assert "Refund it The buyer gets €10.00 back now." in before
    assert "Do not refund it The buyer gets nothing back for it." in before
    assert (answer.status_code, again.headers["location"]) == (303, answer.headers["location"])
    assert "1 x Mug 1: refund it. The payment provider is asked for €10.00." in at_once
    assert "Nothing is left to decide. It closes within a moment." in at_once
    assert "came back damaged" not in after
    assert "came back damaged" in closed
    assert kinds_of(api, order_id).count("CaseDecided") == 1


def test_a_decision_that_was_overtaken_says_why_and_changes_nothing(
    api: Api, order_id: str
) -> None:
    action = f"/seller/cases/{order_id}"
    with browser(api, damaged(api, order_id)) as seller:
        first, second = (form_of(page(seller, "/seller"), action) | DECIDE for _ in range(2))
        seller.post(action, data=first)
        late = seller.post(action, data=second)
        other = seller.post(action, data=first | {"reason": "another one"})

    assert (late.status_code, other.status_code) == (409, 409)
    assert "This case changed while you were reading" in late.text
    assert "there is no case about these goods. Nothing was changed." in late.text
    assert kinds_of(api, order_id).count("CaseDecided") == 1


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"quantity": "one"}, "Units"),
        ({"outcome": ""}, "What shall happen"),
        ({"reason": "  "}, "Reason"),
        ({"amount": "ten"}, "Amount"),
        ({"goods": ""}, "Goods"),
    ],
)
def test_what_is_wrong_with_a_decision_stands_at_the_form(
    api: Api, order_id: str, said: dict[str, str], words: str
) -> None:
    action = f"/seller/cases/{order_id}"
    with browser(api, damaged(api, order_id)) as seller:
        form = form_of(page(seller, "/seller"), action) | DECIDE | said
        wrong = seller.post(action, data=form)

    assert wrong.status_code == 422
    assert "Nothing was decided yet" in wrong.text
    error = wrong.text.partition('<p class="err"')[2].partition("</p>")[0]
    assert words in error
    assert (wrong.text.count(' aria-invalid="true"') == 1) == (
        words in ("Units", "Amount", "Reason")
    )
    case = wrong.text.partition(f'<li id="case-{order_id}-damaged-L1">')[2]
    decide = re.search(r'<details class="decide" id="decide-[0-9a-f]{10}"( open)?>', case)
    assert decide is not None
    assert decide[1] == " open"
    assert "CaseDecided" not in kinds_of(api, order_id)


def test_a_form_of_another_page_is_refused(api: Api, order_id: str) -> None:
    action = f"/seller/cases/{order_id}"
    with browser(api, damaged(api, order_id)) as seller:
        said = form_of(page(seller, "/seller"), action) | DECIDE
        answer = seller.post(action, data=said | {"csrf": "forged"})

    assert answer.status_code == 403
    assert "CaseDecided" not in kinds_of(api, order_id)


def test_a_seller_sees_the_own_cases_only_and_decides_no_others(api: Api, order_id: str) -> None:
    with browser(api, damaged(api, order_id)) as own, browser(api, "seller:other") as other:
        said = form_of(page(own, "/seller"), f"/seller/cases/{order_id}") | DECIDE
        csrf = form_of(page(other, "/seller"), "/persona")["csrf"]
        seen = page(other, "/seller") + page(other, "/seller/refunds")
        decided = other.post(f"/seller/cases/{order_id}", data=said | {"csrf": csrf})
        told = other.get("/seller", params={"decided": order_id, "by": said["key"]})
        listed = other.get("/seller", params={"seller_id": f"s-{order_id}"})

    assert order_id not in seen
    assert (decided.status_code, told.status_code, listed.status_code) == (404, 404, 404)


def test_a_decision_is_about_the_units_of_its_case_only(api: Api, order_id: str) -> None:
    """One of two refused units came back damaged: what is decided is the one that is missing."""
    seller = f"s-{order_id}"
    told = [placed(order_id, 2, seller_id=seller), shipped(order_id, 2), cancel(order_id)]
    refused = say("DeliveryRejected", order_id, shipment_id="S1")
    processed(api.given(*told, refused, back(order_id, 1, "damaged")))
    action = f"/seller/cases/{order_id}"
    with browser(api, f"seller:{seller}") as browsing:
        text = page(browsing, "/seller")
        missing = text[text.index(f'id="case-{order_id}-return-L1"') :]
        said = form_of(missing, action) | {"outcome": "no_refund", "reason": "never came"}
        browsing.post(action, data=said)
        processed(api)
        after = page(browsing, "/seller")

    assert f'id="case-{order_id}-damaged-L1"' in after
    assert f'id="case-{order_id}-return-L1"' not in after


def test_lost_goods_that_are_wanted_can_be_decided_about(api: Api, order_id: str) -> None:
    seller = f"s-{order_id}"
    lost = say("LostInTransit", order_id, shipment_id="S1")
    processed(
        api.given(placed(order_id, 1, seller_id=seller), shipped(order_id, 1), cancel(order_id))
    )
    other = f"{order_id}-w"
    kept = [placed(other, 1, seller_id=seller), shipped(other, 1)]
    processed(api.given(lost, *kept, say("LostInTransit", other, shipment_id="S1")))
    with browser(api, f"seller:{seller}") as browsing:
        text = page(browsing, "/seller")
    for one in (order_id, other):
        assert form_of(text, f"/seller/cases/{one}")["quantity"] == "1"


def test_a_payment_says_when_it_is_tried_again_and_offers_no_choice(
    api: Api, order_id: str
) -> None:
    seller = f"s-{order_id}"
    processed(api.given(placed(order_id, 1, seller_id=seller), cancel(order_id)))
    refund = api.get(f"/orders/{order_id}").json()["refunds"][0]["refund_id"]
    processed(api.given(say("RefundFailed", order_id, refund_id=refund, reason="card_closed")))
    with browser(api, f"seller:{seller}") as browsing:
        text = page(browsing, "/seller")

    assert "A refund of €10.00 could not be paid" in text
    assert "The provider says: card closed. It was asked once. It is asked again at" in text
    assert f'action="/seller/cases/{order_id}"' not in text


def test_what_a_provider_says_in_its_own_words_is_read_on_cases_and_refunds(
    api: Api, order_id: str
) -> None:
    """A text is kept apart from events; the pages put it back."""
    seller = f"s-{order_id}"
    processed(api.given(placed(order_id, 1, seller_id=seller), cancel(order_id)))
    refund = api.get(f"/orders/{order_id}").json()["refunds"][0]["refund_id"]
    text = "The card is closed, ask <again>."
    processed(api.given(say("RefundFailed", order_id, refund_id=refund, reason=text)))
    with browser(api, f"seller:{seller}") as browsing:
        pages = [page(browsing, address) for address in ("/seller", "/seller/refunds")]

    for one in pages:
        assert "The provider says: The card is closed, ask &lt;again&gt;." in one
        assert "note:" not in one


def test_what_is_out_is_told_with_its_sum(api: Api, order_id: str) -> None:
    seller_id = f"s-{order_id}"
    api.given(placed(order_id, 1, seller_id=seller_id), cancel(order_id))
    processed(api).given(shipped(order_id, 1))
    processed(api)
    with browser(api, f"seller:{seller_id}") as seller:
        text = words_of(page(seller, "/seller"))
    assert "€10.00 for 1 order" in text
    assert "must be refused at the door" in text
    assert "waits for the buyer" in text
    assert "There is nothing to do for you now." in text


def test_pages_open_for_their_readers_only(api: Api, order_id: str) -> None:
    api.given(placed(order_id, 1), delivered(order_id))
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


def test_a_seller_reads_of_the_buyer_what_the_buyer_is_asked_to_do(api: Api, order_id: str) -> None:
    api.given(placed(order_id, 1), shipped(order_id, 1), cancel(order_id))
    with browser(api, "seller:fjell") as seller:
        text = words_of(page(seller, f"/orders/{order_id}"))

    assert "The buyer has to refuse parcel S1" in text
    assert "goods that were cancelled: 1 x Mug 1." in text
    assert "The buyer gets €10.00 when the goods are in the warehouse again." in text
    assert "Would you rather keep the goods?" not in text
