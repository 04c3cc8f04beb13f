"""Dead letters, for an operator: list, show, hear again, drop."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from runtime import settings, wiring
from runtime.cli_answers import fail

if TYPE_CHECKING:
    from application.event_store import EventStore
    from consumers.dead_letters import Letter

STATES = ("open", "retried", "dropped", "resolved", "all")
Body = dict[str, Any]


@contextmanager
def opened() -> Iterator[Box]:
    loaded = settings.load()
    with wiring.opened(loaded) as (_, store):
        yield Box(loaded, store)


class Box:
    """The dead letters of one database."""

    def __init__(self, loaded: settings.Settings, store: EventStore) -> None:
        self._settings = loaded
        self._store = store

    def listed(self, state: str | None, limit: int, cursor: str | None) -> Body:
        from consumers import letters_told

        return letters_told.listed(self._store, state=state, limit=limit, cursor=cursor)

    def one(self, letter_id: int) -> Body:
        from consumers import letters_told

        return letters_told.told(self._found(letter_id), whole=True)

    def retry(self, letter_id: int) -> str:
        """Hear it again, the one way in; return what became of it."""
        from consumers import dead_letters, letters_told
        from runtime import service

        letter = self._open(letter_id)
        if letter.is_cut:
            fail(
                f"The bytes of letter {letter_id} are not whole:"
                f" it {letters_told.size_of(letter)}.",
                "Its producer has to send it again, smaller; then `dead-letters drop` it.",
            )
        dead_letters.tried(self._store, letter_id)
        outcome = service.hear_again(self._settings, self._store, letter)
        if outcome != "dead":
            dead_letters.close_retried(self._store, letter_id, wiring.now())
        return outcome

    def drop(self, letter_id: int, reason: str | None = None) -> str:
        from consumers import dead_letters

        self._open(letter_id)
        dead_letters.drop(self._store, letter_id, wiring.now(), reason)
        return "dropped"

    def _found(self, letter_id: int) -> Letter:
        from consumers import dead_letters

        letter = dead_letters.shown(self._store, letter_id)
        if letter is None:
            then = "`dead-letters list --state all` has them."
            fail(f"There is no dead letter {letter_id}.", then)
        return letter

    def _open(self, letter_id: int) -> Letter:
        letter = self._found(letter_id)
        if letter.state != "open":
            fail(f"Letter {letter_id} was {letter.state} before.", "Nothing more is to be done.")
        return letter
