"""How callers are known, and what keeps the others out: what the runtime's settings say."""

from __future__ import annotations

from typing import Literal, NamedTuple

ALGORITHMS = (
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519",
)  # fmt: skip
"""Those that can be asked for: signatures that a public key checks, so no HS256, and no `none`."""


class Claims(NamedTuple):
    """Where a token says who its bearer is. A dot leads into an object: `realm_access.roles`."""

    role: str = "roles"
    """A role's name, or a list that has one of them."""
    buyer: str = "sub"
    seller: str = "seller_id"
    warehouse: str = "warehouse_id"


class Client(NamedTuple):
    """What this service is to the identity provider, when people log in for the pages."""

    client_id: str
    client_secret: str | None = None
    """None: a public client, which PKCE alone protects."""
    scope: str = "openid"


class Oidc(NamedTuple):
    """Whose tokens are taken."""

    issuer: str
    audience: str
    algorithms: tuple[str, ...] = ("RS256", "ES256")
    keys_url: str | None = None
    """None: where the issuer's discovery document says."""
    leeway: int = 10
    """Seconds that clocks may differ."""
    claims: Claims = Claims()
    client: Client | None = None
    """None: nobody logs in here; programs bring tokens."""


class Rate(NamedTuple):
    """Requests a second that are answered, and a burst of them. 0: no limit."""

    caller: float = 0
    address: float = 0
    burst: float = 5
    """Seconds' worth that may come at once after a silence."""


class Auth(NamedTuple):
    """How callers are known. `none`: on loopback only, by the persona that they say they are."""

    mode: Literal["none", "oidc"] = "none"
    oidc: Oidc | None = None
    """With mode `oidc`."""
    public_url: str | None = None
    """Where browsers reach the pages, such as `https://shop.example`; https makes cookies so."""
    secret: bytes | None = None
    """Seals sessions and forms. None: a new one each start, and everybody logs in again."""
    session: int = 8 * 3600
    """Seconds that a session lasts."""
    rate: Rate = Rate()

    @property
    def is_https(self) -> bool:
        return self.public_url is not None and self.public_url.startswith("https://")
