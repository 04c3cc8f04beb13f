"""Tokens that somebody made or changed: each is refused, by a provider's keys over real HTTP."""

from __future__ import annotations

import json

import pytest
from joserfc import jws
from joserfc.jwk import ECKey, OctKey

from tests.support.asking_who import OTHER, Asking, asking, oidc_of
from tests.support.identity import KEY, Identity, b64, provider
from web.security.auth import Auth


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
        with asking(Auth("oidc", oidc_of(careless))) as ask:
            forged = careless.token(header={"kid": "shared"})
            reason = ask.is_refused(forged)

    assert reason == "it is signed with a key that its issuer does not have"


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
