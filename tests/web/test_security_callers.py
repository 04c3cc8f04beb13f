"""Who a good token names: one role with its rights, at a bounded rate."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.asking_who import Asking, asking, oidc_of
from tests.support.identity import Identity, provider
from web.security.auth import Auth, Claims, Rate


@pytest.mark.parametrize(
    ("claims", "caller"),
    [
        ({"roles": "seller", "seller_id": "fjell"},
         ["seller", "fjell", "cancel", "decide", "refund_by_hand"]),
        ({"roles": ["offline_access", "warehouse"], "warehouse_id": "W1"},
         ["warehouse", "W1", "correct", "report"]),
        ({"roles": ["auditor"]}, ["auditor", "mira", "read_audit"]),
        ({"roles": ["operator"]}, ["operator", "mira", "correct", "operate", "report"]),
    ],
)  # fmt: skip
def test_each_role_has_its_rights(
    ask: Asking, identity: Identity, claims: dict[str, Any], caller: list[str]
) -> None:
    assert ask(identity.token(**claims)).json() == caller


@pytest.mark.parametrize(
    "claims",
    [
        {"roles": None},
        {"roles": []},
        {"roles": ["king"]},
        {"roles": ["buyer", "operator"]},
        {"roles": {"buyer": True}},
        {"roles": "seller"},
        {"roles": "warehouse", "warehouse_id": ["W1", "W2"]},
        {"roles": "buyer", "sub": "a b"},
        {"roles": "buyer", "sub": "x" * 65},
    ],
)
def test_a_token_that_names_nobody_of_ours_may_do_nothing(
    ask: Asking, identity: Identity, claims: dict[str, Any]
) -> None:
    answer = ask(identity.token(**claims))

    assert answer.status_code == 403
    assert answer.json()["type"] == "/problems/forbidden"


def test_claims_have_the_names_that_the_settings_say() -> None:
    names = Claims(role="realm_access.roles", buyer="https://shop.example/buyer")
    with provider() as identity, asking(Auth("oidc", oidc_of(identity, claims=names))) as ask:
        said: dict[str, Any] = {
            "realm_access": {"roles": ["buyer"]},
            "https://shop.example/buyer": "juno",
        }
        answer = ask(identity.token(roles=None, **said))

    assert answer.json() == ["buyer", "juno", "cancel"]


def test_who_asks_too_fast_waits_and_others_do_not() -> None:
    with provider() as identity:
        rate = Rate(caller=0.01, burst=300)
        with asking(Auth("oidc", oidc_of(identity), rate=rate)) as ask:
            answers = [ask(identity.token()) for _ in range(4)]
            other = ask(identity.token(sub="juno"))

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[-1].json()["type"] == "/problems/too-many-requests"
    assert 0 < int(answers[-1].headers["retry-after"]) <= 100
    assert other.status_code == 200


def test_an_address_that_asks_too_fast_waits_before_its_token_is_read() -> None:
    with provider() as identity:
        auth = Auth("oidc", oidc_of(identity), rate=Rate(address=0.01, burst=200))
        with asking(auth) as ask:
            statuses = [ask("x").status_code for _ in range(3)]

    assert statuses == [401, 401, 429]
