"""Names of cookies and addresses, known to all who guard."""

from __future__ import annotations

PERSONA = "persona"
"""Who somebody plays, where nobody has to prove it. Lasts until the browser is closed."""
SESSION = "session"
"""Who somebody is, sealed by us."""
VISIT = "visit"
"""A random value that forms are bound to."""
LOGGING_IN = "login"
"""What a login under way has to come back with."""

API = "/api/"
HEALTH = "/health/"
STATIC = "/static/"
LIVE = "/live/"
LOG_IN = "/login"
BACK = "/login/back"
LOG_OUT = "/logout"
SWITCH = "/persona"
