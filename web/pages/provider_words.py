"""Why a payment provider could not pay, in its own words: a code, or a text that is kept apart."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from consumers import notes
from web.parts import Parts


def kept(parts: Parts, reasons: Collection[str | None]) -> Mapping[str, str]:
    """The texts that some of these reasons stand for, as far as they are still kept."""
    return notes.texts(parts.store, {one for one in reasons if one and one.startswith(notes.MARK)})


def provider_says(reason: str | None, texts: Mapping[str, str]) -> str:
    """A sentence of it; empty: it said nothing, or nothing that is still kept."""
    if not reason:
        return ""
    is_text = reason.startswith(notes.MARK)
    said = texts.get(reason, "") if is_text else reason.replace("_", " ")
    return f"The provider says: {said.strip().rstrip('.')}." if said else ""
