"""An operator's page: the flow with its rates, what is parked, and dead letters closed in place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from consumers import dead_letters
from consumers.dead_letters import Letter
from consumers.intake import Intake
from tests.support.pages import browser, form_of, page, words_of
from tests.support.saying import say
from tests.support.web import Api, api_of

STANDING: dict[str, Any] = {
    "well": False,
    "position": "88120417",
    "followers": [
        {"name": "publish", "position": "88119004", "behind": 1413, "delay_seconds": 240.2},
        {"name": "process", "position": "88120405", "behind": 12, "delay_seconds": 0.06},
        {"name": "views", "position": "88120417", "behind": 0, "delay_seconds": 0.0},
    ],
    "partitions": [
        {"topic": "countermand.warehouse", "partition": 0, "position": 3, "end": 9, "lag": 5,
         "stopped": None},
        {"topic": "countermand.payments", "partition": 0, "position": 3, "end": 9, "lag": 5,
         "stopped": "too much of it is dead"},
    ],
    "cases": {"open": 4, "overdue": 1},
    "parked": 3,
    "dead_letters": {"open": 2, "dropped": 7},
    "other_keys": {},
    "wrong": ["2 open dead letters"],
}  # fmt: skip
FLOWING: dict[str, Any] = {
    "recorded": 638.2,
    "of_process": 0.5,
    "topics": {"countermand.warehouse": 384.0, "countermand.orders": 0.1},
    "followers": {
        "views": {"works": True, "rate": None},
        "process": {"works": True, "rate": 7.0},
        "publish": {"works": False, "rate": 0.0},
    },
}
ROWS = (
    "warehouse to ingest 384/s 5 not known 0 of 1 at the end Behind",
    "payments to ingest not known yet 5 not known 0 of 1 at the end Stopped",
    "ingest to event log 638/s 0 0 s at 88,120,417 Up to date",
    "log to views 638/s 0 0 s at 88,120,417 Up to date",
    "log to process 7/s 12 under 1 s at 88,120,405 Behind",
    "log to relay 0/min 1,413 4 min at 88,119,004 Stopped",
    "process to log 30/min 0 0 s its own events Up to date",
    "relay to orders 6/min 0 0 s topic Stopped",
)
"""The steps of the table, as they are read."""


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
            flowing=lambda: FLOWING,
        ) as api:
            yield api


def letter(api: Api, content: str | bytes) -> int:
    """The number of a new dead letter."""
    headers = {"Content-Type": "application/cloudevents+json"}
    api.client.post("/api/v1/messages", content=content, headers=headers)
    return int(api.get("/dead-letters", limit=200).json()["dead_letters"][-1]["dead_letter_id"])


def test_the_picture_and_its_table_say_the_same(api: Api) -> None:
    with browser(api, "operator") as operator:
        text = page(operator, "/operator")
    picture = words_of(text.partition('<title id="flt">')[2].partition("</svg>")[0])
    small = words_of(text.partition('<title id="nft">')[2].partition("</svg>")[0])
    table = words_of(text.partition('id="steps"')[2].partition("</table>")[0])

    for words in (
        "384/s 5 wait",
        "stopped, 5 wait",
        "638/s nothing waits",
        "7/s 12 wait, under 1 s",
    ):
        assert words in picture
        assert words in small
    for row in ROWS:
        assert row in table, row
    assert "Nobody does this now: relay." in words_of(text)
    assert "4 open, 1 overdue" in text
    assert "countermand.payments/0" in text


def test_where_nobody_can_say_how_all_stand_the_rest_is_shown(api: Api) -> None:
    with api_of(api.url, store=api.store) as alone, browser(alone, "operator") as operator:
        assert "Nobody can say" in page(operator, "/operator")
    with (
        api_of(api.url, store=api.store, standing=lambda: STANDING) as slow,
        browser(slow, "operator") as operator,
    ):
        text = words_of(page(operator, "/operator"))
    assert "log to views not known yet 0 0 s" in text


def test_what_is_parked_says_for_which_order_and_for_how_long(api: Api, order_id: str) -> None:
    api.given(
        say("Delivered", order_id, shipment_id="S1"), say("Delivered", order_id, shipment_id="S2")
    )
    with browser(api, "operator") as operator:
        text = words_of(page(operator, "/operator"))
    assert f"{order_id} 2 x Delivered /warehouse under 1 s" in text
    assert "the oldest for" in text


@pytest.mark.parametrize(("act", "became"), [("retry", "stays open"), ("drop", "was dropped")])
def test_a_dead_letter_is_retried_or_dropped(api: Api, act: str, became: str) -> None:
    number = letter(api, f"bytes for {act}")
    action = f"/operator/dead-letters/{number}/{act}"
    with browser(api, "operator") as operator:
        shown = page(operator, "/operator", letter=number)
        said = form_of(shown, action) | ({"reason": "sent again"} if act == "drop" else {})
        forged = operator.post(action, data=said | {"csrf": "forged"})
        answer = operator.post(action, data=said)
        again = operator.post(action, data=said)
        other = operator.post(action, data=said | {"key": f"another-{act}"})
        after = page(operator, answer.headers["location"])
        dropped = words_of(page(operator, "/operator", state="dropped"))

    assert f"bytes for {act}" in shown
    assert forged.status_code == 403
    assert (answer.status_code, again.headers["location"]) == (303, answer.headers["location"])
    assert other.status_code == (409 if act == "drop" else 303)
    assert became in after
    assert (action in after) == (act == "retry")
    if act == "drop":
        assert "was dropped before" in other.text
        assert "“sent again”" in dropped


def test_a_reason_that_is_too_long_drops_nothing(api: Api) -> None:
    number = letter(api, "bytes to keep")
    action = f"/operator/dead-letters/{number}/drop"
    with browser(api, "operator") as operator:
        form = form_of(page(operator, "/operator"), action)
        wrong = operator.post(action, data=form | {"reason": "x" * 301})
        unknown = operator.post("/operator/dead-letters/9999/drop", data=form)

    assert (wrong.status_code, unknown.status_code) == (422, 404)
    assert "The reason must be 300 characters at most" in wrong.text
    assert f'id="drop-{number}" open>' in wrong.text
    assert api.get(f"/dead-letters/{number}").json()["state"] == "open"


def test_bytes_do_nothing_to_who_reads_them(api: Api) -> None:
    number = letter(api, b'\x00\x1b[31m\xff \xe2\x80\xae <script>alert("1")</script>')
    with browser(api, "operator") as operator:
        text = page(operator, "/operator", letter=number)
    shown = text.partition(f'aria-label="Dead letter {number}"><code>')[2].partition("</code>")[0]
    assert shown.startswith(r"\u{0}\u{1b}[31m\xff \u{202e} &lt;script&gt;")
