"""How states, amounts, times and counts read on the pages: the words of people, not of records."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from markupsafe import Markup

from domain.wording import counted, with_sign
from web.pages.showing import made_once

# Hebrew, Arabic and their like, with what stands between two such words, figures too.
_LEFTWARDS = "\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc"
_FROM_THE_RIGHT = re.compile(f"[{_LEFTWARDS}](?:[^A-Za-z,;.]*[{_LEFTWARDS}])*")
_COUNTED = re.compile(r"(?<=\d) x (?=\S)")


class State(NamedTuple):
    """A word and a shape; the colour goes with the shape."""

    word: str
    shape: str


ORDER_STATES = {
    "refuse_delivery": State("Refuse at the door", "refuse"),
    "returning": State("Going back", "back"),
    "cancellation_requested": State("Waiting for the warehouse", "ask"),
    "refund_due": State("Refund due", "due"),
    "refunded": State("Refunded", "paid"),
    "cancelled": State("Cancelled", "cancel"),
    "closed": State("Complete", "done"),
    "partly_cancelled": State("Partly cancelled", "partcancel"),
    "shipped": State("Shipped", "ship"),
    "partly_shipped": State("Partly shipped", "partship"),
    "coming_soon": State("Coming soon", "soon"),
    "not_yet_shipped": State("Not yet shipped", "ring"),
}
REFUND_STATES = {
    "held": State("Held", "held"),
    "due": State("Due", "due"),
    "requested": State("On its way", "sent"),
    "issued": State("Paid", "paid"),
    "failed": State("Failed", "fail"),
}
REASONS = {
    "changed_mind": "I changed my mind",
    "ordered_by_mistake": "I ordered it by mistake",
    "found_cheaper": "I found it cheaper elsewhere",
    "arrives_too_late": "It arrives too late",
    "wrong_address": "The address is wrong",
    "wrong_payment_method": "I chose the wrong way to pay",
    "out_of_stock": "It is out of stock",
    "cannot_deliver": "It cannot be delivered",
    "price_error": "The price was wrong",
    "suspected_fraud": "Fraud is suspected",
    "other": "Something else",
}

When = str | int | datetime

money = with_sign
"""An amount of the contract (`"19.98"`) as people write it."""


def isolated(text: str) -> str:
    """A sentence whose words from the right do not move the figures and words beside them.

    Its figures stay with what they count: no line ends within `2 x Mug`.
    """
    if not text.isascii():
        text = _FROM_THE_RIGHT.sub("\u2068\\g<0>\u2069", text)
    return _COUNTED.sub("\u00a0x\u00a0", text)


def as_datetime(when: When) -> datetime:
    """A moment from RFC 3339 text or microseconds, in UTC."""
    if isinstance(when, datetime):
        return when.astimezone(UTC)
    if isinstance(when, int):
        return datetime.fromtimestamp(when / 1_000_000, UTC)
    return datetime.fromisoformat(when).astimezone(UTC)


@made_once
def day(when: When, *, weekday: bool = False, year: bool = True) -> Markup:
    """`17 November 2026`, or with its weekday."""
    at = as_datetime(when)
    shown = f"{at:%A} " if weekday else ""
    shown += f"{at.day} {at:%B}" + (f" {at.year}" if year else "")
    return _time(f"{at:%Y-%m-%d}", shown)


@made_once
def short_day(when: When) -> Markup:
    """`17 Nov 2026`."""
    at = as_datetime(when)
    text = f"{at.day} {at:%b} {at.year}"
    return _time(f"{at:%Y-%m-%d}", text)


@made_once
def time_of(when: When, *, with_day: bool = False) -> Markup:
    """`14:02`, or with its day behind it: `14:02, Tuesday 17 November 2026`."""
    at = as_datetime(when)
    shown = f"{at:%H:%M}"
    if with_day:
        shown += f", {at:%A} {at.day} {at:%B} {at.year}"
    return _time(f"{at:%Y-%m-%dT%H:%MZ}", shown)


@made_once
def moment(when: When) -> Markup:
    """`17 Nov 2026, 14:02`."""
    at = as_datetime(when)
    text = f"{at.day} {at:%b} {at.year}, {at:%H:%M}"
    return _time(f"{at:%Y-%m-%dT%H:%M:%SZ}", text)


def _time(exact: str, shown: str) -> Markup:
    # Both are made of a moment, and there are many on a page: nothing to escape.
    return Markup(f'<time datetime="{exact}">{shown}</time>')  # noqa: S704


def since(when: When, before: When) -> Markup:
    """`at 14:22`, where that was on the same day as `before`; else `on 18 Nov 2026, 09:31`."""
    is_same_day = as_datetime(when).date() == as_datetime(before).date()
    return (
        Markup("at {}").format(time_of(when))
        if is_same_day
        else Markup("on {}").format(moment(when))
    )


FILTERS: Mapping[str, Callable[..., Any]] = {
    "money": money,
    "day": day,
    "short_day": short_day,
    "time_of": time_of,
    "moment": moment,
    "since": since,
    "counted": counted,
    "isolated": isolated,
}
TABLES: Mapping[str, Any] = {
    "ORDER_STATES": ORDER_STATES,
    "REFUND_STATES": REFUND_STATES,
    "REASONS": REASONS,
}
