"""Whatever stands in an address of a page, it is answered, and no answer is a fault of ours."""

from __future__ import annotations

import httpx
import pytest

from tests.support.pages import browser
from tests.support.saying import placed
from tests.support.web import Api

BAD = ["%00", "a%00b", "%ff", "%ed%a0%80", "9" * 30, "-1", "%D9%A3", "x" * 3_000, "%3Cscript%3E"]
NOBODY = ""
"""In particular: may do everything."""
ORDERS = [
    "/orders/{}",
    "/orders/{}/refuse",
    "/orders/{}/cancel",
    "/orders/A/cancel?step={}",
    "/orders/A/cancel?step=check&quantity.L1={}",
    "/orders/A/cancel?step=check&quantity.{}=1",
    "/orders/A/cancel?step=reason&all=1&key={}",
    "/orders/A/cancel/done?cancellation={}",
    "/cancelled-orders?cursor={}",
    "/orders?status={}",
    "/orders?at_least={}",
]
STAFF = [
    "/?next={}",
    "/static/{}",
    "/seller?state={}",
    "/seller?seller_id={}&cursor={}",
    "/seller?decided={}&by={}",
    "/seller?decided=A&by={}",
    "/seller/refunds?state={}",
    "/seller/refunds?refunded={}&by={}",
    "/seller/refunds?unknown={}",
    "/seller/refunds/by-hand?order_id={}",
    "/operator?letter={}",
    "/operator?done={}&became={}",
    "/operator?cursor={}",
    "/audit?order_id={}",
    "/audit/{}",
    "/audit/A?as_of={}",
    "/audit/A?at={}",
    "/audit/A?step={}",
    "/audit/A?from={}",
    "/audit/A?figure={}",
    "/live/orders/{}",
    "/live/orders/A?at={}",
]


@pytest.fixture(scope="module")
def known(api: Api) -> Api:
    return api.given(placed("A", 1)).until_seen()


@pytest.mark.parametrize("address", ORDERS)
def test_what_stands_in_a_buyers_address_makes_no_fault(known: Api, address: str) -> None:
    assert not _faults(known, "buyer:mira", address)


@pytest.mark.parametrize("address", STAFF)
def test_what_stands_in_an_address_for_staff_makes_no_fault(known: Api, address: str) -> None:
    assert not _faults(known, NOBODY, address)


def _faults(api: Api, persona: str, address: str) -> list[str]:
    with browser(api, persona) as client:
        found = {bad: _status(client, address.replace("{}", bad)) for bad in BAD}
    assert 401 not in found.values()
    return [bad for bad, status in found.items() if status >= 500]


def _status(client: httpx.Client, address: str) -> int:
    with client.stream("GET", address) as answer:  # one that listens would not end
        return answer.status_code
