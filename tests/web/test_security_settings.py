"""Settings of the web: what would let others in is refused at start-up."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from runtime import http, identity, settings
from runtime.settings import BadSettings, Settings
from web.security.auth import Auth, Claims, Client, Oidc, Rate

_OIDC = {"auth": "oidc", "oidc_issuer": "https://id.example", "oidc_audience": "countermand"}


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No `.env` and no variables of the machine's."""
    monkeypatch.chdir(tmp_path)
    for name in settings.whole_environment():
        if name.startswith(settings.PREFIX):
            monkeypatch.delenv(name)


def the(**said: Any) -> Settings:  # noqa: ANN401  # any setting
    return Settings(**said)


def test_without_a_provider_it_is_open_on_loopback() -> None:
    assert identity.auth(the()) == Auth()
    assert http.address(the(http_bind="[::1]:0")) == ("::1", 0)
    assert http.address(the(http_bind="localhost:80")) == ("localhost", 80)


@pytest.mark.parametrize("host", ["0.0.0.0", "[::]", "192.0.2.1"])  # noqa: S104  # to be refused
def test_without_a_provider_other_machines_are_not_let_in(host: str) -> None:
    with pytest.raises(BadSettings, match="everybody could do everything"):
        http.address(the(http_bind=f"{host}:8080"))

    assert http.address(the(http_bind=f"{host}:8080", **_OIDC))[1] == 8080


def test_a_port_that_there_is_not_is_said() -> None:
    with pytest.raises(BadSettings, match="65536 is no port"):
        http.address(the(http_bind="127.0.0.1:65536"))

    assert http.address(the(http_bind="127.0.0.1:65535")) == ("127.0.0.1", 65535)


_ALL_SAID: dict[str, Any] = {
    **_OIDC,
    "oidc_algorithms": "PS256,ES384",
    "oidc_role_claim": "realm_access.roles",
    "oidc_client_id": "pages",
    "public_url": "https://shop.example",
    "session_secret": "s" * 32,
    "session_hours": 1,
    "rate_per_caller": 7,
}


def test_a_provider_is_taken_as_the_settings_say() -> None:
    assert identity.auth(the(**_ALL_SAID)) == Auth(
        "oidc",
        Oidc(
            "https://id.example",
            "countermand",
            ("PS256", "ES384"),
            claims=Claims("realm_access.roles"),
            client=Client("pages"),
        ),
        "https://shop.example",
        b"s" * 32,
        3600,
        Rate(7, identity.PER_ADDRESS),
    )


@pytest.mark.parametrize(
    ("said", "complaint"),
    [
        ({"auth": "oidc"}, "COUNTERMAND_OIDC_ISSUER"),
        ({**_OIDC, "oidc_audience": None}, "COUNTERMAND_OIDC_AUDIENCE"),
        ({**_OIDC, "oidc_issuer": "http://id.example"}, "must begin with https://"),
        ({**_OIDC, "oidc_keys_url": "http://id.example/keys"}, "must begin with https://"),
        ({**_OIDC, "oidc_keys_url": "file:///etc/passwd"}, "must begin with https://"),
        ({**_OIDC, "oidc_algorithms": "RS256, HS256"}, "HS256 cannot be used"),
        ({**_OIDC, "oidc_algorithms": "none"}, "none cannot be used"),
        ({**_OIDC, "oidc_client_id": "pages"}, "COUNTERMAND_PUBLIC_URL"),
    ],
)
def test_what_would_let_others_in_is_refused(said: dict[str, Any], complaint: str) -> None:
    with pytest.raises(BadSettings, match=complaint):
        identity.auth(the(**said))


def test_clocks_may_differ_thirty_seconds_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COUNTERMAND_OIDC_LEEWAY", "31")

    with pytest.raises(BadSettings, match="COUNTERMAND_OIDC_LEEWAY"):
        settings.load()


def test_a_secret_that_is_short_is_refused_and_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COUNTERMAND_SESSION_SECRET", "hunter2")

    with pytest.raises(BadSettings) as refused:
        settings.load()

    assert str(refused.value) == ("COUNTERMAND_SESSION_SECRET: must have at least 32 characters")


def test_secrets_are_not_shown() -> None:
    shown = settings.listed(the(session_secret="s" * 32, oidc_client_secret="t" * 9))

    assert not [one for one in shown if one.value and ("sss" in one.value or "ttt" in one.value)]
