"""A payment that a case waits for: how much, what the provider said, and when it is asked again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from consumers.times import to_microseconds
from domain.asking import Asked, asked_again_at
from domain.late_cancellation import Terms
from projections import refunds
from web.pages.provider_words import kept, provider_says
from web.pages.showing import brief
from web.pages.words import money
from web.parts import Parts

_PAY = "pay:"
_WAITS = ("requested", "failed")


class Paying(NamedTuple):
    """What is known of the payments that cases wait for."""

    refunds: Mapping[tuple[str, str], Mapping[str, Any]]
    """By order and refund."""
    texts: Mapping[str, str]
    """What providers wrote, by the names under which it is kept."""


def is_payment(case: Mapping[str, Any]) -> bool:
    """Whether a case waits for a payment; its seller has nothing to decide then."""
    wait: str = case["wait"]
    return wait.startswith(_PAY)


def paying(parts: Parts, cases: Iterable[Mapping[str, Any]]) -> Paying:
    """All of it for the cases of a page, read at once."""
    wanted = [_key(case) for case in cases if is_payment(case)]
    if not wanted:
        return Paying({}, {})
    with parts.store.connection() as conn:
        found = refunds.many(conn, wanted)
    return Paying(found, kept(parts, [one["problem"] for one in found.values()]))


def _key(case: Mapping[str, Any]) -> tuple[str, str]:
    return case["order_id"], case["wait"].removeprefix(_PAY)


def has_failed(case: Mapping[str, Any], known: Paying) -> bool:
    """Whether the provider said that it could not pay."""
    refund = known.refunds.get(_key(case))
    return refund is not None and refund["state"] == "failed"


def title_and_words(
    case: Mapping[str, Any], known: Paying, terms: Terms, now: int
) -> tuple[str, str]:
    """What has to be paid, and what was done so that it is."""
    refund = known.refunds.get(_key(case))
    if refund is None:
        return "A refund has to be paid", ""
    amount = money(refund["amount"], refund["currency"])
    if refund["state"] == "issued":
        return f"A refund of {amount} was paid", "It closes within a moment."
    title = f"The payment provider has not paid {amount}"
    if refund["state"] == "failed":
        title = f"A refund of {amount} could not be paid"
    said = [
        provider_says(refund["problem"], known.texts),
        _asked(refund),
        asked_again(refund, terms, now),
        "Do not refund it by hand as well: that would be another refund.",
    ]
    return title, " ".join(one for one in said if one)


def _asked(refund: Mapping[str, Any]) -> str:
    """How often it was asked."""
    times = refund["times_asked"]
    if times < 2:  # noqa: PLR2004  # a word of its own
        return "It was asked once." if times else ""
    last = brief(to_microseconds(refund["last_asked_at"]))
    return f"It was asked {times} times, last at {last}."


def asked_again(refund: Mapping[str, Any], terms: Terms, now: int) -> str:
    """When the provider is asked again; empty: it is not."""
    next_at = next_asked_at(refund, terms)
    if next_at is None:
        return ""
    when = f"at {brief(next_at)}" if next_at > now else "within a moment"
    return f"It is asked again {when}, under the same number: it cannot be paid twice."


def next_asked_at(refund: Mapping[str, Any], terms: Terms) -> int | None:
    """When a refund is asked for again, in microseconds; none: it is not."""
    if refund["state"] not in _WAITS or refund["last_asked_at"] is None:
        return None
    # One that was written before this was noted has no answer in it, until the next rebuild.
    answered = refund.get("answered_at")
    told = Asked(
        refund["times_asked"],
        to_microseconds(refund["last_asked_at"]),
        refund["problem"],
        None if answered is None else to_microseconds(answered),
    )
    return asked_again_at(told, terms)
