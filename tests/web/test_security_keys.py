"""The provider's keys: found anew, kept a while, asked for seldom; without them all is closed."""

from __future__ import annotations

from tests.support.asking_who import OTHER, asking, oidc_of
from tests.support.identity import AUDIENCE, provider
from web.security.auth import Auth, Oidc
from web.security.keys import OLDEST, PAUSE, RENEW


def test_a_new_key_is_found_and_one_taken_back_is_refused() -> None:
    with provider() as identity, asking(Auth("oidc", oidc_of(identity))) as ask:
        assert ask(identity.token()).status_code == 200
        identity.keys = [OTHER]

        too_soon = ask(identity.token(OTHER)).status_code
        ask.later = PAUSE + 1
        rotated = ask(identity.token(OTHER)).status_code
        taken_back = ask.is_refused(identity.token())

    assert (too_soon, rotated) == (401, 200)
    assert taken_back == "it is signed with a key that its issuer does not have"


def test_unknown_keys_make_nobody_ask_the_provider_more_than_once_a_minute() -> None:
    with provider() as identity, asking(Auth("oidc", oidc_of(identity))) as ask:
        for number in range(20):
            ask.is_refused(identity.token(OTHER, {"kid": f"made-up-{number}"}))

    assert identity.asked.count("/keys") == 1


def test_without_keys_nobody_comes_in() -> None:
    with provider() as identity:
        identity.is_away = True
        with asking(Auth("oidc", oidc_of(identity))) as ask:
            closed = ask(identity.token())
            identity.is_away = False
            ask.later = 6
            open_again = ask(identity.token())

    assert closed.status_code == 503
    assert closed.json()["type"] == "/problems/unavailable"
    assert closed.headers["retry-after"] == "5"
    assert open_again.status_code == 200


def test_keys_that_cannot_be_renewed_are_good_for_an_hour_and_no_longer() -> None:
    with provider() as identity, asking(Auth("oidc", oidc_of(identity))) as ask:
        ask(identity.token())
        identity.is_away = True

        statuses = []
        for ask.later in (RENEW + 1, OLDEST - 1, OLDEST + 1):
            statuses.append(ask(identity.token()).status_code)

    assert statuses == [200, 200, 503]


def test_a_provider_that_calls_itself_another_is_not_believed() -> None:
    with provider() as identity:
        oidc = Oidc(f"{identity.issuer}/", AUDIENCE)
        with asking(Auth("oidc", oidc)) as ask:
            assert ask(identity.token(iss=oidc.issuer)).status_code == 503
