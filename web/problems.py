"""Problem details (RFC 9457): what is wrong, under a type that never changes.

Raise `Problem`; nothing of a fault of ours but an id of it leaves the house.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

MEDIA_TYPE = "application/problem+json"


class Kind(NamedTuple):
    """A kind of problem: its status, its title, and what its reader may do."""

    status: int
    title: str
    then: str


KINDS: dict[str, Kind] = {
    "malformed": Kind(422, "The request breaks a rule", "Mend the fields that `errors` names."),
    "unreadable": Kind(400, "The request cannot be read", "Send JSON in UTF-8."),
    "idempotency-key-required": Kind(
        400,
        "A command needs an Idempotency-Key",
        "Send the header with a key of your own, and the same one when you try again.",
    ),
    "idempotency-key-reused": Kind(
        409,
        "The Idempotency-Key was used for something else",
        "Take a new key for a new command.",
    ),
    "unauthenticated": Kind(401, "Nobody knows who calls", "Send a token that is good."),
    "forbidden": Kind(403, "This caller may not do that", "Ask somebody who has the right."),
    "cross-site": Kind(
        403, "This came from somebody else's page", "Go to a page of this service first."
    ),
    "stale-form": Kind(
        403, "The form is too old, or somebody else's", "Load the page again, and send it then."
    ),
    "misdirected": Kind(
        421, "This service has another name", "Ask it by the address that it was started on."
    ),
    "not-found": Kind(404, "There is no such thing", "See that the address is right."),
    "method-not-allowed": Kind(405, "This address takes other methods", "See `allow`."),
    "not-acceptable": Kind(406, "This is not to be had in that form", "Ask for JSON."),
    "too-large": Kind(413, "The request is too large", "Send less."),
    "unsupported-media-type": Kind(415, "This is not what is taken here", "Send JSON."),
    "too-many-requests": Kind(429, "Too many requests", "Wait as long as Retry-After says."),
    "cancellation-refused": Kind(
        409, "The cancellation was refused", "Ask for what `cancellable` says."
    ),
    "withdrawal-refused": Kind(
        409, "The withdrawal was refused", "What has succeeded or crossed stays cancelled."
    ),
    "confirmation-refused": Kind(
        409, "There is nothing to confirm", "See what is still requested of the order."
    ),
    "decision-refused": Kind(409, "The decision was refused", "Decide what can be decided."),
    "refund-refused": Kind(409, "The refund was refused", "Refund at most what `refundable` says."),
    "dead-letter-closed": Kind(
        409, "The dead letter was closed before", "Nothing more is to be done."
    ),
    "dead-letter-cut": Kind(
        409, "The dead letter's bytes are not whole", "Its producer has to send it again, smaller."
    ),
    "overtaken": Kind(503, "Others were faster every time", "Try again with the same key."),
    "not-there-yet": Kind(
        503, "The view has not reached that position", "Wait as long as Retry-After says."
    ),
    "unavailable": Kind(503, "A part of the service does not answer", "Try again later."),
    "fault": Kind(500, "A fault of countermand", "Report the `instance`."),
}
"""By name; `/problems/<name>` is the type."""


class Problem(Exception):
    """An answer that says no. `more` are fields beside the standard ones."""

    def __init__(
        self,
        name: str,
        detail: str,
        headers: Mapping[str, str] | None = None,
        **more: Any,  # noqa: ANN401  # a problem's own fields
    ) -> None:
        super().__init__(detail)
        self.kind = KINDS[name]
        self.status = self.kind.status
        self.headers = dict(headers or {})
        self.body: dict[str, Any] = {
            "type": f"/problems/{name}",
            "title": self.kind.title,
            "status": self.status,
            "detail": detail,
            **more,
        }


def not_found(what: str) -> Problem:
    """The same for what is unknown and for what is somebody else's."""
    return Problem("not-found", f"there is no {what}")
