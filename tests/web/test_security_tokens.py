"""Attacks with tokens: each is refused, by a real provider's keys over real HTTP."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from joserfc import jws
from joserfc.jwk import ECKey, OctKey

from consumers.intake import clock
from tests.support.identity import AUDIENCE, KEY, Identity, b64, new_key, provider
from tests.support.web import served
from web.answering import answer_problems
from web.security import guarding
from web.security.auth import Auth, Claims, Oidc, Rate
from web.security.caller import Known
from web.security.guard import guard_of
from web.security.keys import OLDEST, PAUSE, RENEW

OTHER = new_key("k2")
Who = Any


def an_app(auth: Auth) -> FastAPI:
    """An app that says who calls."""
    app = FastAPI()
    answer_problems(app)
    guarding.guard(app, auth, clock)

    @app.get("/api/v1/who")
    def who(caller: Known) -> list[str | None]:
        return [caller.role, caller.id, *sorted(caller.rights)]

    return app


def an_oidc(identity: Identity, **more: Any) -> Oidc:  # noqa: ANN401  # any setting
    return Oidc(identity.issuer, AUDIENCE, **more)


class Asking:
    """Asks the app with a token; its clock for keys can be moved on."""

    def __init__(self, app: FastAPI, base: str) -> None:
        self.base = base
        self.later = 0.0
        known = guard_of(app).known
        assert known is not None
        known.issuer._seconds = lambda: time.monotonic() + self.later

    def __call__(self, token: str | None, **headers: str) -> httpx.Response:
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        return httpx.get(f"{self.base}/api/v1/who", headers=headers)

    def is_refused(self, token: str) -> str:
        """The reason."""
        answer = self(token)
        assert answer.status_code == 401, answer.text
        assert answer.json()["type"] == "/problems/unauthenticated"
        assert answer.headers["www-authenticate"] == 'Bearer error="invalid_token"'
        reason: str = answer.json()["detail"].removeprefix("the token is not good: ")
        return reason


@pytest.fixture(scope="module")
def identity() -> Iterator[Identity]:
    with provider() as identity:
        yield identity


@pytest.fixture(scope="module")
def ask(identity: Identity) -> Iterator[Asking]:
    app = an_app(Auth("oidc", an_oidc(identity)))
    with served(app) as base:
        yield Asking(app, base)


def alone(identity: Identity) -> FastAPI:
    """An app of one's own, that has no keys yet."""
    return an_app(Auth("oidc", an_oidc(identity)))


def test_a_good_token_says_who_calls(ask: Asking, identity: Identity) -> None:
    assert ask(identity.token()).json() == ["buyer", "mira", "cancel"]
    assert ask(identity.token(header={"typ": "at+jwt"}, aud=["x", AUDIENCE])).status_code == 200


def test_without_a_token_nobody_is_known_whatever_they_say(ask: Asking) -> None:
    answer = ask(None, **{"Countermand-Persona": "operator", "Cookie": "persona=operator"})

    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("name", ["none", "None", "NONE", "nOnE"])
def test_a_token_without_signature_is_refused(ask: Asking, identity: Identity, name: str) -> None:
    head, claims = b64({"alg": name, "kid": KEY.kid}), b64(identity.claims())

    assert ask.is_refused(f"{head}.{claims}.") == "its algorithm is not one of ours"
    _, _, signature = identity.token().split(".")
    assert ask.is_refused(f"{head}.{claims}.{signature}") == "its algorithm is not one of ours"


def test_a_secret_made_of_the_public_key_is_refused(ask: Asking, identity: Identity) -> None:
    head = {"alg": "HS256", "kid": KEY.kid}
    body = json.dumps(identity.claims())
    for secret in (KEY.as_pem(private=False), json.dumps(KEY.as_dict(private=False)).encode()):
        forged = jws.serialize_compact(head, body, OctKey.import_key(b64(secret)), ["HS256"])
        assert ask.is_refused(forged) == "its algorithm is not one of ours"


def test_a_shared_key_is_no_key_even_if_the_provider_shows_it() -> None:
    shared = OctKey.generate_key(256, {"kid": "shared"})
    with provider() as careless:
        careless.keys = [KEY, shared]
        app = an_app(Auth("oidc", an_oidc(careless)))
        with served(app) as base:
            ask = Asking(app, base)
            forged = careless.token(header={"kid": "shared"})
            reason = ask.is_refused(forged)

    assert reason == "it is signed with a key that its issuer does not have"


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({"iss": "https://evil.example"}, "iss"),
        ({"iss": None}, "iss"),
        ({"aud": "another-service"}, "aud"),
        ({"aud": []}, "aud"),
        ({"aud": None}, "aud"),
        ({"exp": 1}, "expired"),
        ({"exp": int(time.time()) - 60}, "expired"),
        ({"exp": None}, "exp"),
        ({"exp": "9999999999"}, "exp"),
        ({"nbf": int(time.time()) + 3600}, "not yet valid"),
        ({"iat": int(time.time()) + 3600}, "issued in the future"),
    ],
)
def test_what_a_token_says_of_itself_has_to_hold(
    ask: Asking, identity: Identity, claims: dict[str, Any], reason: str
) -> None:
    assert reason in ask.is_refused(identity.token(**claims))


def test_clocks_may_differ_a_little(ask: Asking, identity: Identity) -> None:
    now = int(time.time())

    assert ask(identity.token(exp=now - 2)).status_code == 200
    assert ask(identity.token(nbf=now + 5)).status_code == 200


@pytest.mark.parametrize("critical", [["exp"], ["https://evil.example/ext"], ["b64"], []])
def test_a_critical_extension_is_refused(
    ask: Asking, identity: Identity, critical: list[str]
) -> None:
    head = {"alg": "RS256", "kid": KEY.kid, "crit": critical, "b64": True, "exp": 1}
    text = f"{b64(head)}.{b64(identity.claims())}"
    signer = jws.JWSRegistry.algorithms["RS256"]
    forged = f"{text}.{b64(signer.sign(text.encode(), KEY))}"

    assert ask.is_refused(forged) == "it asks for an extension that is not known here"


@pytest.mark.parametrize("place", ["jku", "x5u", "jwk"])
def test_a_key_that_the_token_brings_is_not_looked_at(
    ask: Asking, identity: Identity, place: str
) -> None:
    with provider() as evil:
        evil.keys = [OTHER]
        brought = OTHER.as_dict(private=False) if place == "jwk" else f"{evil.issuer}/keys"
        reasons = [
            ask.is_refused(identity.token(OTHER, {place: brought, "kid": KEY.kid})),
            ask.is_refused(identity.token(OTHER, {place: brought, "kid": OTHER.kid})),
        ]

    assert evil.asked == []
    assert reasons[0] == "it is not signed by its issuer"
    assert reasons[1] == "it is signed with a key that its issuer does not have"


def test_another_key_under_the_same_name_is_refused(ask: Asking, identity: Identity) -> None:
    reason = ask.is_refused(identity.token(OTHER, {"kid": KEY.kid}))
    of_a_curve = ECKey.generate_key("P-256", {"kid": "k1"})

    assert reason == "it is not signed by its issuer"
    ask.is_refused(identity.token(of_a_curve, {"alg": "ES256"}))


def test_a_token_that_was_changed_is_refused(ask: Asking, identity: Identity) -> None:
    head, _, signature = identity.token().split(".")

    reason = ask.is_refused(f"{head}.{b64(identity.claims(roles=['operator']))}.{signature}")

    assert reason == "it is not signed by its issuer"


@pytest.mark.parametrize("token", ["x", "...", "a.b.c", "e30.e30.", "é", "a.b.c.d.e", "[[[[.e30.e"])
def test_what_is_no_token_is_refused(ask: Asking, token: str) -> None:
    answer = httpx.get(
        f"{ask.base}/api/v1/who", headers=[(b"authorization", b"Bearer " + token.encode())]
    )

    assert answer.status_code == 401


def test_an_oversized_token_is_refused_unread(ask: Asking, identity: Identity) -> None:
    assert ask.is_refused(identity.token(more="x" * 9_000)) == "it is longer than 8192 characters"


def test_two_tokens_are_none(ask: Asking, identity: Identity) -> None:
    bearer = ("Authorization", f"Bearer {identity.token()}")

    assert httpx.get(f"{ask.base}/api/v1/who", headers=[bearer, bearer]).status_code == 401


def test_a_new_key_is_found_and_one_taken_back_is_refused() -> None:
    with provider() as identity:
        app = alone(identity)
        with served(app) as base:
            ask = Asking(app, base)
            assert ask(identity.token()).status_code == 200
            identity.keys = [OTHER]

            too_soon = ask(identity.token(OTHER)).status_code
            ask.later = PAUSE + 1
            rotated = ask(identity.token(OTHER)).status_code
            taken_back = ask.is_refused(identity.token())

    assert (too_soon, rotated) == (401, 200)
    assert taken_back == "it is signed with a key that its issuer does not have"


def test_unknown_keys_make_nobody_ask_the_provider_more_than_once_a_minute() -> None:
    with provider() as identity:
        app = alone(identity)
        with served(app) as base:
            ask = Asking(app, base)
            for number in range(20):
                ask.is_refused(identity.token(OTHER, {"kid": f"made-up-{number}"}))

    assert identity.asked.count("/keys") == 1


def test_without_keys_nobody_comes_in() -> None:
    with provider() as identity:
        identity.is_away = True
        app = alone(identity)
        with served(app) as base:
            ask = Asking(app, base)
            closed = ask(identity.token())
            identity.is_away = False
            ask.later = 6
            open_again = ask(identity.token())

    assert closed.status_code == 503
    assert closed.json()["type"] == "/problems/unavailable"
    assert closed.headers["retry-after"] == "5"
    assert open_again.status_code == 200


def test_keys_that_cannot_be_renewed_are_good_for_an_hour_and_no_longer() -> None:
    with provider() as identity:
        app = alone(identity)
        with served(app) as base:
            ask = Asking(app, base)
            ask(identity.token())
            identity.is_away = True

            statuses = []
            for ask.later in (RENEW + 1, OLDEST - 1, OLDEST + 1):
                statuses.append(ask(identity.token()).status_code)

    assert statuses == [200, 200, 503]


def test_a_provider_that_calls_itself_another_is_not_believed() -> None:
    with provider() as identity:
        oidc = Oidc(f"{identity.issuer}/", AUDIENCE)
        app = an_app(Auth("oidc", oidc))
        with served(app) as base:
            assert Asking(app, base)(identity.token(iss=oidc.issuer)).status_code == 503


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
    ask: Asking, identity: Identity, claims: dict[str, Any], caller: Who
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
    with provider() as identity:
        app = an_app(Auth("oidc", an_oidc(identity, claims=names)))
        with served(app) as base:
            said: dict[str, Any] = {
                "realm_access": {"roles": ["buyer"]},
                "https://shop.example/buyer": "juno",
            }
            answer = Asking(app, base)(identity.token(roles=None, **said))

    assert answer.json() == ["buyer", "juno", "cancel"]


def test_who_asks_too_fast_waits_and_others_do_not() -> None:
    with provider() as identity:
        rate = Rate(caller=0.01, burst=300)
        app = an_app(Auth("oidc", an_oidc(identity), rate=rate))
        with served(app) as base:
            ask = Asking(app, base)
            answers = [ask(identity.token()) for _ in range(4)]
            other = ask(identity.token(sub="juno"))

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[-1].json()["type"] == "/problems/too-many-requests"
    assert 90 <= int(answers[-1].headers["retry-after"]) <= 100
    assert other.status_code == 200


def test_an_address_that_asks_too_fast_waits_before_its_token_is_read() -> None:
    with provider() as identity:
        auth = Auth("oidc", an_oidc(identity), rate=Rate(address=0.01, burst=200))
        app = an_app(auth)
        with served(app) as base:
            ask = Asking(app, base)
            statuses = [ask("x").status_code for _ in range(3)]

    assert statuses == [401, 401, 429]
