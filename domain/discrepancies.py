"""What does not fit together in an order: shown to people, never a reason to refuse a fact."""

from __future__ import annotations

from msgspec import Struct

from domain.events import Event


class Discrepancy(Struct, frozen=True, omit_defaults=True, gc=False):
    """One thing that does not fit: the rule, what is the matter, and which message said it."""

    rule: str
    detail: str
    line_id: str | None = None
    source: str | None = None
    message_id: str | None = None

    @classmethod
    def of(cls, event: Event, rule: str, detail: str, line_id: str | None = None) -> Discrepancy:
        """A discrepancy that one message shows."""
        return cls(rule, detail, line_id, event.source, event.message_id)
