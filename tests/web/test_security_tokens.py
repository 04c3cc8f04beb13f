"""What a token says of itself has to hold; by a real provider over real HTTP."""

from __future__ import annotations

import time
from typing import Any

import pytest

from tests.support.asking_who import Asking
from tests.support.identity import AUDIENCE, Identity


def test_a_good_token_says_who_calls(ask: Asking, identity: Identity) -> None:
    assert ask(identity.token()).json() == ["buyer", "mira", "cancel"]
    assert ask(identity.token(header={"typ": "at+jwt"}, aud=["x", AUDIENCE])).status_code == 200


def test_without_a_token_nobody_is_known_whatever_they_say(ask: Asking) -> None:
    answer = ask(None, **{"Countermand-Persona": "operator", "Cookie": "persona=operator"})

    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"


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
        ({"nbf": int(time.time()) + 86_400}, "not yet valid"),
        ({"iat": int(time.time()) + 86_400}, "issued in the future"),
    ],
)
def test_what_a_token_says_of_itself_has_to_hold(
    ask: Asking, identity: Identity, claims: dict[str, Any], reason: str
) -> None:
    assert reason in ask.is_refused(identity.token(**claims))


def test_clocks_may_differ_a_little(ask: Asking, identity: Identity) -> None:
    now = int(time.time())

    assert ask(identity.token(exp=now)).status_code == 200
    assert ask(identity.token(nbf=now + 5)).status_code == 200


@pytest.mark.parametrize("token", ["x", "...", "a.b.c", "e30.e30.", "é", "a.b.c.d.e", "[[[[.e30.e"])
def test_what_is_no_token_is_refused(ask: Asking, token: str) -> None:
    answer = ask.sent([(b"authorization", b"Bearer " + token.encode())])

    assert answer.status_code == 401


def test_an_oversized_token_is_refused_unread(ask: Asking, identity: Identity) -> None:
    assert ask.is_refused(identity.token(more="x" * 9_000)) == "it is longer than 8192 characters"


def test_two_tokens_are_none(ask: Asking, identity: Identity) -> None:
    bearer = ("Authorization", f"Bearer {identity.token()}")

    assert ask.sent([bearer, bearer]).status_code == 401
