"""Free text of persons: kept apart from events, under the name that the event holds."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from application.event_store import EventStore, Statement
from consumers.cloudevents import Heard
from domain.commands import RequestCancellation
from domain.events import FactCorrected, RefundFailed, StopRefused

MARK = "note:"


class Note(NamedTuple):
    """A text, and the name under which its event refers to it."""

    ref: str
    order_id: str
    text: str


def note_of(said: Heard) -> Note | None:
    """Return the message's free text, if it has one."""
    if said.note is None:
        return None
    ref = _ref(said)
    return Note(ref.removeprefix(MARK), said.order_id, said.note) if ref else None


def _ref(said: Heard) -> str | None:
    match said.message:
        case RequestCancellation(note_ref=ref):
            return ref
        case StopRefused(reason=reason) | RefundFailed(reason=reason):
            return reason
        case FactCorrected(data=data) if data is not None:
            return data.reason
        case _:
            return None


def keep(notes: Sequence[Note], now: int) -> Statement:
    """Keep these notes. One that is there already stays as it is."""
    refs, order_ids, texts = ([*column] for column in zip(*notes, strict=True))
    return Statement(
        "INSERT INTO countermand.notes (note_ref, order_id, note, recorded_at)"
        " SELECT *, %s::bigint FROM unnest(%s::text[], %s::text[], %s::text[])"
        " ON CONFLICT DO NOTHING",
        (now, refs, order_ids, texts),
    )


def named(kept: Mapping[str, str], refs: Iterable[str]) -> dict[str, str]:
    """Those of the texts that are kept which these names mean; a name may have its mark."""
    bare = {ref: ref.removeprefix(MARK) for ref in refs}
    return {ref: kept[name] for ref, name in bare.items() if name in kept}


def texts(store: EventStore, refs: Collection[str]) -> dict[str, str]:
    """The texts of these names, as far as they are still kept; a name may have its mark."""
    if not refs:
        return {}
    bare = [ref.removeprefix(MARK) for ref in refs]
    with store.connection() as conn:
        found: list[Any] = conn.execute(
            "SELECT note_ref, note FROM countermand.notes WHERE note_ref = ANY(%s)", (bare,)
        ).fetchall()
    return named(dict(found), refs)
