"""An order's story: each number with the entries that made it, the narrow picture, what crossed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import httpx
import pytest

from application.event_store import process_stream_id, stream_id
from application.late_cancellations import Rules
from application.processing import processes
from consumers.times import to_microseconds
from domain.late_cancellation import Terms
from domain.refunds import Policy
from domain.timeline import timeline
from tests.support.following import SECONDS
from tests.support.saying import Said, cancel, delivered, placed, say, shipped
from tests.support.web import Api
from web.pages.story_figures import Figure, Figures, figures
from web.pages.story_knowing import unknown
from web.pages.story_marks import Mark, marks

LARGEST = 100_000
TOO_LATE: dict[str, Any] = {"cancellation_id": "C1", "reason": "too_late"}


@pytest.fixture
def auditor(api: Api) -> Iterator[httpx.Client]:
    """The browser of an auditor."""
    with httpx.Client(
        base_url=api.client.base_url, headers={"Accept": "text/html"}, timeout=SECONDS
    ) as client:
        client.cookies.set("persona", "auditor")
        yield client


def page(client: httpx.Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, answer.text[:2000]
    assert len(answer.content) < LARGEST
    return answer.text


def processed(api: Api) -> Api:
    processes(api.url, api.store, Rules(api.policy, Terms()), api.now).catch_up()
    return api


def at(api: Api, clock: str) -> Api:
    """The same API at a time of the first of February."""
    now = to_microseconds(f"2026-02-01T{clock}:00Z")
    return replace(api, now=lambda: now)


def a_part(line_id: str, quantity: int) -> list[dict[str, object]]:
    return [{"line_id": line_id, "quantity": quantity}]


def crossed(api: Api, order_id: str) -> None:
    """2 of 4 mugs cancelled in time, a torch cancelled too late, refused, back, paid."""
    released = say("ReleasedToWarehouse", order_id, warehouse_id="W1", items=a_part("L2", 1))
    both = [*a_part("L1", 2), *a_part("L2", 1)]
    processed(api.given(placed(order_id, 4, 1), released, cancel(order_id, items=both)))
    late = say("StopRefused", order_id, **TOO_LATE, items=a_part("L2", 1))
    processed(api.given(shipped(order_id, 1, "L2"), late))
    processed(api.given(say("DeliveryRejected", order_id, shipment_id="S1")))
    back: Said = say("ReturnedToWarehouse", order_id, return_id="R1", items=a_part("L2", 1))
    processed(api.given(back))
    paid = {"amount": "10.00", "currency": "EUR", "refund_id": refund_ids(api, order_id)[0]}
    processed(api.given(say("RefundIssued", order_id, **paid)))


def refund_ids(api: Api, order_id: str) -> list[str]:
    events = api.get(f"/orders/{order_id}/history").json()["events"]
    return [one["data"]["refund_id"] for one in events if one["type"] == "RefundRequested"]


def told(api: Api, order_id: str, at: int | None = None) -> list[Mark]:
    recorded = api.store.load([stream_id(order_id), process_stream_id(order_id)])
    events = [event for _, event in recorded[stream_id(order_id)]]
    did = [event for _, event in recorded[process_stream_id(order_id)]]
    return marks(timeline(events, did), at)  # type: ignore[arg-type]  # a process's own stream


def known_numbers(story: list[Mark]) -> Figures | None:
    known = [mark for mark in story if mark.is_known]
    return figures(known, known[-1].recorded, Policy()) if known else None


def signed(words: str) -> int:
    """`+8`, `−3`, `+€23.80` as a number."""  # noqa: RUF002
    digits = re.sub(r"[^0-9]", "", words)
    return -int(digits) if words.startswith("−") else int(digits)  # noqa: RUF001


def by_entry(figure: Figure) -> list[tuple[int, str]]:
    return [(one.first, one.words) for one in figure.changes]


def test_each_number_is_the_sum_of_what_its_entries_did_as_of_every_moment(
    api: Api, order_id: str
) -> None:
    crossed(api, order_id)
    moments = sorted({mark.recorded for mark in told(api, order_id)})

    for then in moments:
        story = told(api, order_id, then)
        numbers = known_numbers(story)
        assert numbers is not None
        known = {mark.number for mark in story if mark.is_known}
        for one in (*numbers.goods, *numbers.money):
            assert sum(signed(change.words) for change in one.changes) == signed(one.value)
            assert {change.first for change in one.changes} <= known
        units = {one.name: signed(one.value) for one in numbers.goods}
        assert sum(units.values()) == 2 * units["ordered"]


def test_a_number_names_the_entries_that_made_it(api: Api, order_id: str) -> None:
    crossed(api, order_id)
    story = told(api, order_id)
    of = {type(mark.entry.event).__name__: mark.number for mark in story}
    numbers = known_numbers(story)
    assert numbers is not None
    refused, cancelled = numbers.named("refuse_delivery"), numbers.named("cancelled")
    assert refused is not None
    assert cancelled is not None

    assert by_entry(refused) == [
        (of["ShippedFromWarehouse"], "+1"),
        (of["ReturnedToWarehouse"], "−1"),  # noqa: RUF001
    ]
    assert by_entry(cancelled) == [
        (of["ItemCancelRequested"], "+2"),
        (of["ReturnedToWarehouse"], "+1"),
    ]
    returned = next(one for one in numbers.refunds if one.value == "€10.00")
    assert [words for _, words in by_entry(returned)] == ["€10.00 due", "requested", "issued"]
    assert returned.notes[0] == "1 of 1 x Mug 2, worth €10.00: €10.00"


def test_a_refund_that_is_due_by_time_alone_says_so(api: Api, order_id: str) -> None:
    api.given(placed(order_id, 2), cancel(order_id, items=a_part("L1", 1)))
    story = told(api, order_id)

    numbers = figures(story, story[-1].recorded + Policy().maximum_hold, Policy())

    assert numbers is not None
    assert [(one.last, one.words) for one in numbers.refunds[0].changes] == [
        (2, "€10.00 held"),
        (0, "due"),
    ]


def test_every_number_links_to_rows_that_are_there(
    api: Api, auditor: httpx.Client, order_id: str
) -> None:
    crossed(api, order_id)

    text = page(auditor, f"/audit/{order_id}")
    side = text.partition('class="numbers"')[2].partition("</aside>")[0]
    links = re.findall(r'class="ref" href="#(e\d+)"', side)

    assert len(links) > 10
    assert all(f'<tr id="{link}">' in text for link in links)


def test_the_list_tells_only_what_made_a_number(
    api: Api, auditor: httpx.Client, order_id: str
) -> None:
    crossed(api, order_id)
    refund = refund_ids(api, order_id)[0]

    text = page(auditor, f"/audit/{order_id}?figure=cancelled")
    of_refund = page(auditor, f"/audit/{order_id}?figure={refund}")
    unknown = auditor.get(f"/audit/{order_id}?figure=none-such")

    assert "What made cancelled goods 3" in text
    assert re.findall(r'<td class="e-by"><b>([^<]+)</b> <span class="sub">([^<]+)<', text) == [
        ("+2", "to 2"),
        ("+1", "to 3"),
    ]
    assert "What made this refund €10.00" in of_refund
    assert of_refund.count('<td class="e-by">') == 3
    assert unknown.status_code == 404


def test_of_400_entries_a_number_names_the_first_and_the_last(
    api: Api, auditor: httpx.Client, order_id: str
) -> None:
    parcels = [shipped(order_id, 1, shipment_id=f"S{n}") for n in range(200)]
    back = [say("DeliveryRejected", order_id, shipment_id=f"S{n}") for n in range(200)]
    api.given(placed(order_id, 200), *parcels, *back)

    text = page(auditor, f"/audit/{order_id}")
    made = page(auditor, f"/audit/{order_id}?figure=refuse_delivery&from=1")

    assert "and 192 more" in text
    assert "200 of 401 entries" in made
    assert 'href="?from=46&amp;figure=refuse_delivery#evs"' in made


def test_what_crossed_is_drawn_for_wide_and_for_narrow_screens(
    api: Api, auditor: httpx.Client, order_id: str
) -> None:
    released = say("ReleasedToWarehouse", order_id, warehouse_id="W1")
    left = {**shipped(order_id, 1), "time": "2026-02-01T11:58:00Z"}
    late = {**say("StopRefused", order_id, **TOO_LATE), "time": "2026-02-01T12:31:00Z"}
    processed(at(api, "12:02").given(placed(order_id, 1), released, cancel(order_id)))
    processed(at(api, "12:22").given(left))
    processed(at(api, "12:31").given(late))

    text = page(auditor, f"/audit/{order_id}")

    assert text.count('<circle class="cross"') == 3  # wide, narrow, and what it means
    assert '<title id="nart">' in text
    assert text.count('<a class="ev ') % 2 == 0


def test_what_was_not_known_is_listed_by_who_and_how_long(api: Api, order_id: str) -> None:
    api.given(placed(order_id, 1), shipped(order_id, 1), delivered(order_id))

    story = told(api, order_id)

    assert {one.who for one in unknown(story)} == {"Shop"}
    assert sorted(one.number for one in unknown(story)) == [1, 2, 3]
