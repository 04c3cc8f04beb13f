"""The contract bounds units and prices, and their product is more than a database's integer."""

from __future__ import annotations

from application.event_store import EventStore
from application.late_cancellations import Rules
from application.processing import processes
from consumers.intake import Intake
from domain.late_cancellation import Terms
from projections import counts, exposure
from projections.rebuild import rebuild
from tests.support.following import LATER, POLICY, differences, follower
from tests.support.recorded import START
from tests.support.saying import record, say

MOST = 10**9
PRICE = "999999999999.99"
PAID = "1999999999999980000000.00"


def test_the_greatest_amounts_are_listed_summed_and_made_again(
    postgres_url: str, store: EventStore
) -> None:
    lines = [
        {"line_id": name, "sku": "S", "title": "T", "quantity": MOST, "unit_price": PRICE}
        for name in ("L1", "L2")
    ]
    parties = {"buyer_id": "mira", "seller_id": "fjell", "currency": "EUR"}
    asked = {"cancellation_id": "c1", "requested_by": "buyer", "reason": "other"}
    goods = [{"line_id": name, "quantity": MOST} for name in ("L1", "L2")]
    intake = Intake(store, now=lambda: START)
    intake.take([record(say("OrderPlaced", "A-1", **parties, lines=lines))])
    intake.take([record(say("ItemCancelRequested", "A-1", **asked))])
    processes(postgres_url, store, Rules(POLICY, Terms()), lambda: LATER).catch_up()
    intake.take([record(say("ShippedFromWarehouse", "A-1", shipment_id="S1", items=goods))])

    follower(postgres_url, store).catch_up()

    assert differences(store) == []
    rebuild(postgres_url, store, POLICY, lambda: LATER)
    assert differences(store) == []
    with store.connection() as conn:
        (out,) = exposure.listed(conn)["totals"]
        sums = counts.refunds(conn, ["requested"], None)
    assert (out["amount"], out["paid"]) == (PAID, "0.00")
    assert sums == {"requested": counts.Sum(1, {"EUR": 199_999_999_999_998_000_000_000})}
