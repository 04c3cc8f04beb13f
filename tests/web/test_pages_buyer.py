"""A buyer's pages, as a browser without scripts sees them."""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx
import pytest

from tests.support.saying import Said, cancel, delivered, placed, say, shipped
from tests.support.web import Api

PEOPLE = {"accept": "text/html,application/xhtml+xml"}
LARGEST = 100_000


@pytest.fixture
def browser(api: Api) -> Iterator[httpx.Client]:
    """The browser of the buyer mira."""
    with httpx.Client(base_url=api.client.base_url, headers=PEOPLE, timeout=30) as client:
        client.get("/persona?as=buyer:mira")
        yield client


def text_of(page: httpx.Response) -> str:
    """What a person reads."""
    assert len(page.content) < LARGEST
    main = page.text[page.text.index("<main") : page.text.index("</main>")]
    return re.sub(r"\s+([.,;:])", r"\1", " ".join(re.sub(r"<[^>]+>", " ", main).split()))


def fields_of(page: httpx.Response) -> dict[str, str]:
    """The hidden fields of the page's own form."""
    main = page.text[page.text.index("<main") :]
    found = re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', main)
    return dict(found)


def released(order_id: str) -> Said:
    return say("ReleasedToWarehouse", order_id, warehouse_id="W1")


def last_form(browser: httpx.Client, order_id: str, **units: str) -> dict[str, str]:
    """The fields of the last step, with a reason."""
    query = {f"quantity.{line}": said for line, said in units.items()}
    page = browser.get(f"/orders/{order_id}/cancel", params={"step": "reason", **query})
    assert page.status_code == 200, page.text
    return {**fields_of(page), "reason": "changed_mind", "note": ""}


def cancellations(api: Api, order_id: str) -> list[str]:
    events = api.get(f"/orders/{order_id}/history").json()["events"]
    return [one["type"] for one in events if one["type"].startswith(("ItemCancel", "Cancellation"))]


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
    assert carried == {"quantity.L1": "3", "step": "reason"}
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

    assert fields_of(check) == {"all": "1", "step": "reason"}
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


def test_an_order_shows_its_goods_in_groups_that_add_up(
    api: Api, browser: httpx.Client, order_id: str
) -> None:
    api.given(placed(order_id, 4, 1), shipped(order_id, 2), cancel(order_id, items=[
        {"line_id": "L1", "quantity": 3}]))  # fmt: skip

    text = text_of(browser.get(f"/orders/{order_id}"))

    assert "Please refuse parcel S1" in text
    assert "1 to refuse 2 remaining 2 cancelled 5 units ordered" in text
    assert "€20.00" in text
    assert "At the latest on" in text
    assert "Waits for the return" in text
    assert "You cancelled 3 x Mug 1" in text


def test_a_wait_for_the_warehouse_is_told(api: Api, browser: httpx.Client, order_id: str) -> None:
    api.given(placed(order_id, 3), released(order_id), cancel(order_id))

    text = text_of(browser.get(f"/orders/{order_id}"))

    assert "Waiting for the warehouse" in text
    assert "Cancellation asked for 3 units" in text
    assert "€30.00 3 x Mug 1 Waits for the warehouse" in text
    assert "You pay in the end €0.00" in text
    assert "Nothing of this order can be cancelled any more." in text


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


def test_goods_that_were_taken_at_the_door_are_the_buyers(
    api: Api, browser: httpx.Client, order_id: str
) -> None:
    api.given(placed(order_id, 1), shipped(order_id, 1), cancel(order_id), delivered(order_id))

    text = text_of(browser.get(f"/orders/{order_id}"))

    assert "You took what you had cancelled" in text
    assert "Please refuse" not in text


def test_what_is_paid_says_when(api: Api, browser: httpx.Client, order_id: str) -> None:
    api.given(placed(order_id, 1), cancel(order_id))
    (refund,) = api.until_seen().get(f"/orders/{order_id}").json()["refunds"]
    paid = {"refund_id": refund["refund_id"], "amount": "10.00", "currency": "EUR"}

    due = text_of(browser.get(f"/orders/{order_id}"))
    api.given(say("RefundIssued", order_id, **paid))
    issued = text_of(browser.get(f"/orders/{order_id}"))

    assert "Due Now. We are about to ask the payment provider." in due
    assert "Paid Paid on" in issued
    assert "€0.00 still comes, €10.00 paid so far" in issued


def test_the_sheet_for_the_door_says_which_parcel_to_refuse_and_which_to_take(
    api: Api, browser: httpx.Client, order_id: str
) -> None:
    api.given(placed(order_id, 1, 1), shipped(order_id, 1))
    api.given(shipped(order_id, 1, "L2", "S2"), cancel(order_id, items=[
        {"line_id": "L1", "quantity": 1}]))  # fmt: skip

    text = text_of(browser.get(f"/orders/{order_id}/refuse"))

    assert "refuse 1 parcel, take the other." in text
    assert text.index("Refuse parcel S1") < text.index("Take parcel S2")
    assert "If it goes otherwise" in text


def test_where_nothing_is_to_be_refused_the_sheet_says_so(
    api: Api, browser: httpx.Client, order_id: str
) -> None:
    api.given(placed(order_id, 1))

    text = text_of(browser.get(f"/orders/{order_id}/refuse"))

    assert "There is nothing to refuse." in text
    assert "I refuse this parcel" not in text


@pytest.mark.parametrize("page", ["", "/cancel", "/refuse", "/cancel/done?cancellation=C1"])
def test_a_foreign_order_is_as_unknown_as_one_that_is_not_there(
    api: Api, browser: httpx.Client, order_id: str, page: str
) -> None:
    api.given(placed(order_id, 1, buyer_id="noor"), cancel(order_id))

    foreign = browser.get(f"/orders/{order_id}{page}")
    unknown = browser.get(f"/orders/none{page}")

    assert (foreign.status_code, unknown.status_code) == (404, 404)
    assert text_of(foreign).replace(order_id, "none") == text_of(unknown)


def test_a_foreign_order_is_not_cancelled(api: Api, browser: httpx.Client, order_id: str) -> None:
    api.given(placed(order_id, 1, buyer_id="noor"), placed(f"{order_id}-mine", 1))
    form = last_form(browser, f"{order_id}-mine", L1="1")

    assert browser.post(f"/orders/{order_id}/cancel", data=form).status_code == 404
    assert cancellations(api, order_id) == []


def test_lists_show_a_buyers_own_orders_and_what_must_be_done_first(
    api: Api, browser: httpx.Client, order_id: str
) -> None:
    mine, other = f"{order_id}-mine", f"{order_id}-other"
    api.given(placed(mine, 2, buyer_id="lin"), placed(other, 1, buyer_id="noor"))
    api.given(shipped(mine, 1), cancel(mine)).until_seen()
    browser.get("/persona?as=buyer:lin")

    orders, cancelled = browser.get("/orders"), browser.get("/cancelled-orders")
    none = browser.get("/orders?status=closed")

    assert f"Please refuse a parcel of order {mine}" in text_of(orders)
    assert f"{mine}" in text_of(cancelled)
    assert "2 x Mug 1" in text_of(cancelled)
    assert other not in orders.text + cancelled.text
    assert "No order of yours is like that now." in text_of(none)


def test_a_list_goes_on_where_a_page_ends(api: Api, browser: httpx.Client, order_id: str) -> None:
    api.given(*[placed(f"{order_id}-{n}", 24, buyer_id="ann") for n in range(27)]).until_seen()
    browser.get("/persona?as=buyer:ann")

    first = browser.get("/orders")
    older = re.search(r'href="(/orders\?cursor=[^"]+)"', first.text)
    assert older
    second = browser.get(older[1])

    assert "25 shown" in text_of(first)
    assert "2 shown" in text_of(second)


def test_whoever_has_no_orders_is_told_so_and_nobody_is_asked_who_they_are(
    browser: httpx.Client,
) -> None:
    browser.get("/persona?as=buyer:new")

    assert "You have no orders yet" in text_of(browser.get("/orders"))
    assert "You have not cancelled anything" in text_of(browser.get("/cancelled-orders"))
    browser.get("/persona?as=operator")
    assert browser.get("/orders").headers["location"] == "/?next=/orders"


def test_an_order_of_many_kinds_is_a_page_that_is_not_too_large(
    api: Api, browser: httpx.Client, order_id: str
) -> None:
    api.given(placed(order_id, *[12] * 600), cancel(order_id))

    pages = [f"/orders/{order_id}{page}" for page in ("", "/refuse")]
    api.given(placed(f"{order_id}-b", *[12] * 600))
    pages += [f"/orders/{order_id}-b", f"/orders/{order_id}-b/cancel"]
    pages += [f"/orders/{order_id}-b/cancel?step={step}&all=1" for step in ("check", "reason")]

    assert {page: text_of(browser.get(page)) != "" for page in pages} == dict.fromkeys(pages, True)


def test_a_lost_parcel_is_said_to_be_lost(api: Api, browser: httpx.Client, order_id: str) -> None:
    api.given(placed(order_id, 1, 1))
    both = [{"line_id": "L1", "quantity": 1}, {"line_id": "L2", "quantity": 1}]
    api.given(say("ShippedFromWarehouse", order_id, shipment_id="S1", items=both))
    api.given(cancel(order_id, items=both[:1]), say("LostInTransit", order_id, shipment_id="S1"))

    text = text_of(browser.get(f"/orders/{order_id}"))

    assert "Lost on the way. The shop is looking into it." in text
    assert "Lost on the way. The shop decides about the money." in text
    assert "Please take it" not in text


def test_an_order_that_was_not_paid_says_that_nothing_comes_back(
    api: Api, browser: httpx.Client, order_id: str
) -> None:
    api.given(placed(order_id, 1, paid="0.00"), cancel(order_id))

    assert "You had not paid for this order." in text_of(browser.get(f"/orders/{order_id}"))


def test_a_parcel_is_named_as_it_is_written(api: Api, browser: httpx.Client, order_id: str) -> None:
    api.given(placed(order_id, 2), shipped(order_id, 1))

    text = text_of(browser.get(f"/orders/{order_id}"))

    assert "1 unit: on its way in parcel S1. Please take it." in text
    assert "1 before shipping, 1 by refusing a parcel at the door" in text


def test_tabs_say_how_many_orders_are_in_each_state(
    api: Api, browser: httpx.Client, order_id: str
) -> None:
    mine = [placed(f"{order_id}-{n}", 1, buyer_id="kim") for n in range(3)]
    api.given(*mine, placed(f"{order_id}-x", 1, buyer_id="noor"))
    api.given(shipped(f"{order_id}-0", 1)).until_seen()
    browser.get("/persona?as=buyer:kim")

    text = text_of(browser.get("/orders"))

    assert "All 3 Shipped 1 Not yet shipped 2" in text
