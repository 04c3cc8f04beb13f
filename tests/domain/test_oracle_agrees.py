"""The product and an oracle written apart from it, from the rules alone, agree."""

from __future__ import annotations

import json
from random import Random
from typing import Any

import pytest

from domain.money import to_text
from tests.support.histories import History
from tests.support.oracle import Oracle
from tests.support.shop import NOW, SECOND, Shop

FIGURES = (
    *("line_id", "ordered", "cancelled", "requested", "refuse_delivery", "remaining", "to_ship"),
    *("shipped", "delivered", "rejected", "returned", "cancellable"),
)
HISTORIES = 10_000
WATCHED = 500  # of them are compared after every message, the others at their end
PARTS = 20
DECIDES = 0.25
"""How often a seller decides something after a message, or tries to."""
THREE_DAYS = 3 * 24 * 3600 * SECOND


def shown(shop: Shop, now: int) -> dict[str, Any]:
    """What the product shows of order A1, in the oracle's words."""
    seen = shop.information(now=now)
    return {
        "order_id": seen.order_id,
        "status": seen.status,
        "version": seen.version,
        "currency": seen.currency,
        "lines": [{name: getattr(line, name) for name in FIGURES} for line in seen.lines],
        "refunds": sorted(
            (r.refund_id, to_text(r.amount, seen.currency), r.state, r.held_until)
            for r in seen.refunds
        ),
        "refunded": to_text(seen.refunded, seen.currency),
    }


def expected(oracle: Oracle, now: int) -> dict[str, Any]:
    """What the oracle says of order A1, refunds in a fixed order, without discrepancies."""
    said = dict(oracle.order("A1", now))
    del said["discrepancies"]
    said["refunds"] = sorted(
        (r["refund_id"], r["amount"], r["state"], r["held_until"]) for r in said["refunds"]
    )
    return said


def disagreement(seed: int, *, watched: bool = True) -> str | None:
    """Tell one history to both; none: they agree, in the end or after every message."""
    shop, oracle, chance, at = Shop(), Oracle(), Random(seed), NOW
    history = History(seed)
    messages = history.messages()
    for number, message in enumerate(messages, 1):
        at += THREE_DAYS
        ours, theirs = shop.outcome(message, at), oracle.hear(message, at)
        if ours != theirs:
            return f"seed {seed}: {ours}, not {theirs}: {json.dumps(message)}"
        if chance.random() < 0.3:
            ask_for_one(shop, oracle, at)
        if "A1" in shop.orders and chance.random() < DECIDES:
            said = history.decision()
            mine, his = shop.answer(**said, at=at), oracle.decide("A1", said, at)
            if mine != his:
                return f"seed {seed}: {mine}, not {his}: {json.dumps(said)}"
        if watched or number == len(messages):
            difference = compared(shop, oracle, at)
            if difference:
                return f"seed {seed} after {json.dumps(message)}: {difference}"
    return None


def ask_for_one(shop: Shop, oracle: Oracle, at: int) -> None:
    """What the process manager does: ask for the first refund that is due."""
    if "A1" not in shop.orders:
        return
    due = [refund for refund in shop.information(now=at).refunds if refund.state == "due"]
    if due:
        assert shop.ask(due[0].refund_id, at=at) == "recorded"
        assert oracle.ask("A1", due[0].refund_id, at)


def compared(shop: Shop, oracle: Oracle, at: int) -> str | None:
    """What is shown differently, first ours."""
    if "A1" not in shop.orders:
        return None
    ours, theirs = shown(shop, at), expected(oracle, at)
    different = {key: (ours[key], theirs[key]) for key in ours if ours[key] != theirs[key]}
    return json.dumps(different) if different else None


@pytest.mark.parametrize("part", range(PARTS))
def test_product_and_oracle_agree_on_random_histories(part: int) -> None:
    size = HISTORIES // PARTS

    wrong = [
        disagreement(seed, watched=seed < WATCHED) for seed in range(part * size, (part + 1) * size)
    ]

    assert [text for text in wrong if text] == []
