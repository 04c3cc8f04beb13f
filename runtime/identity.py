"""How callers of pages and API are known, made of the settings, and checked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runtime.settings import BadSettings, Settings

if TYPE_CHECKING:
    from web.security.auth import Auth, Client, Oidc, Rate

PER_CALLER, PER_ADDRESS = 100.0, 300.0
"""Requests a second, with OIDC: more than a person or a page needs, less than hurts."""


def auth(settings: Settings) -> Auth:
    """How callers are known. Raises BadSettings."""
    from web.security.auth import Auth

    secret = settings.session_secret
    return Auth(
        settings.auth,
        _oidc(settings) if settings.auth == "oidc" else None,
        settings.public_url,
        None if secret is None else secret.get_secret_value().encode(),
        round(settings.session_hours * 3600),
        _rate(settings),
    )


def _oidc(settings: Settings) -> Oidc:
    from web.security.auth import Claims, Oidc
    from web.security.fetching import is_safe

    if not (settings.oidc_issuer and settings.oidc_audience):
        raise BadSettings(
            "COUNTERMAND_AUTH is oidc: COUNTERMAND_OIDC_ISSUER and COUNTERMAND_OIDC_AUDIENCE"
            " must be set, too"
        )
    for name in ("oidc_issuer", "oidc_keys_url"):
        url = getattr(settings, name)
        if url is not None and not is_safe(url):
            raise BadSettings(
                f"COUNTERMAND_{name.upper()}: {url} must begin with https://, or be on this"
                " machine: else anybody on the way could sign tokens"
            )
    return Oidc(
        settings.oidc_issuer,
        settings.oidc_audience,
        _algorithms(settings.oidc_algorithms),
        settings.oidc_keys_url,
        settings.oidc_leeway,
        Claims(
            settings.oidc_role_claim,
            settings.oidc_buyer_claim,
            settings.oidc_seller_claim,
            settings.oidc_warehouse_claim,
        ),
        _client(settings),
    )


def _algorithms(said: str) -> tuple[str, ...]:
    from web.security.auth import ALGORITHMS

    named = tuple([name.strip() for name in said.split(",")])
    for name in named:
        if name not in ALGORITHMS:
            raise BadSettings(
                f"COUNTERMAND_OIDC_ALGORITHMS: {name} cannot be used; choose from"
                f" {', '.join(ALGORITHMS)}"
            )
    return named


def _client(settings: Settings) -> Client | None:
    from web.security.auth import Client

    if settings.oidc_client_id is None:
        return None
    if settings.public_url is None:
        raise BadSettings(
            "COUNTERMAND_OIDC_CLIENT_ID is set: COUNTERMAND_PUBLIC_URL must be, too, for your"
            " provider has to send people back"
        )
    secret = settings.oidc_client_secret
    told = None if secret is None else secret.get_secret_value()
    return Client(settings.oidc_client_id, told, settings.oidc_scope)


def _rate(settings: Settings) -> Rate:
    from web.security.auth import Rate

    is_open = settings.auth == "none"
    caller, address = settings.rate_per_caller, settings.rate_per_address
    return Rate(
        (0 if is_open else PER_CALLER) if caller is None else caller,
        (0 if is_open else PER_ADDRESS) if address is None else address,
    )
