"""The settings of pages and API: where they are, who calls, how fast, and whose word is taken."""

from __future__ import annotations

from typing import Literal

from pydantic import SecretStr

from runtime.declared import Declared, setting

NAMES = r"^[A-Za-z0-9]+(,\s*[A-Za-z0-9]+)*$"


class DeclaredWeb(Declared):
    """All settings, those of the web among them."""

    # Pages and API
    http_bind: str = setting(
        "127.0.0.1:8080",
        "Where pages and API are served. Other machines are let in with AUTH=oidc only.",
        "host:port",
        pattern=r"^([^\s:]+|\[[0-9A-Fa-f:.]+\]):\d{1,5}$",
    )
    auth: Literal["none", "oidc"] = setting(
        "none",
        "How callers are known: by tokens of your identity provider, or not at all, and then on "
        "this machine only.",
    )
    public_url: str | None = setting(
        None,
        "Where browsers reach the pages: people log in only if it is set, and with https cookies "
        "are kept to https.",
        "URL",
        pattern=r"^https?://[^\s/?#]+/?$",
    )
    session_secret: SecretStr | None = setting(
        None,
        "Seals sessions and forms: the same for all that serve. Absent: a new one at each start, "
        "and everybody logs in again.",
        "at least 32 characters",
        min_length=32,
    )
    session_hours: float = setting(
        8.0,
        "How long a login lasts: a working day. A session that was stolen is good for as long.",
        "hours",
        gt=0,
        le=720,
    )
    rate_per_caller: float | None = setting(
        None,
        "Requests of one caller that are answered, on average; 0: no limit. Absent: 100 with "
        "AUTH=oidc, no limit without.",
        "requests/s",
        ge=0,
    )
    rate_per_address: float | None = setting(
        None,
        "The same of one address, before it is known who calls. Behind a proxy everybody has the "
        "proxy's: limit there, and set 0 here. Absent: 300 with AUTH=oidc, no limit without.",
        "requests/s",
        ge=0,
    )

    http_listeners: int = setting(
        500,
        "Open pages that are told at once when they would look different; each keeps a connection "
        "for it while it is looked at. 0: pages are renewed by loading them again.",
        "pages",
        ge=0,
        le=100_000,
    )

    # Your identity provider, with AUTH=oidc
    oidc_issuer: str | None = setting(None, "Who signs the tokens, as they say it.", "URL")
    oidc_audience: str | None = setting(
        None, "For whom the tokens have to be: this service's name at your provider."
    )
    oidc_algorithms: str = setting(
        "RS256, ES256",
        "How tokens may be signed; what a token says of it changes nothing. Public keys only.",
        "names",
        pattern=NAMES,
    )
    oidc_keys_url: str | None = setting(
        None, "Where its keys are. Absent: where its discovery document says.", "URL"
    )
    oidc_leeway: int = setting(
        10, "How much its clock and ours may differ.", "seconds", ge=0, le=30
    )
    oidc_role_claim: str = setting(
        "roles",
        "The claim with the role: buyer, seller, warehouse, operator or auditor; exactly one of "
        "them. A dot leads into an object, such as `realm_access.roles`.",
    )
    oidc_buyer_claim: str = setting("sub", "The claim with a buyer's id.")
    oidc_seller_claim: str = setting("seller_id", "The claim with a seller's id.")
    oidc_warehouse_claim: str = setting("warehouse_id", "The claim with a warehouse's id.")
    oidc_client_id: str | None = setting(
        None, "This service's name when people log in. Absent: programs only."
    )
    oidc_client_secret: SecretStr | None = setting(
        None, "The secret of that client. Absent: a public client, with PKCE alone."
    )
    oidc_scope: str = setting("openid", "What is asked for at a login, separated by spaces.")
