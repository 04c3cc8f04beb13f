"""A dead letter is heard again, or dropped."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from http import HTTPStatus

from application.answers import Answer, Key
from application.event_store import Statement
from application.orders import Orders
from consumers import dead_letters, letters_told
from consumers.dead_letters import Letter
from web.commanding import Done, once
from web.parts import Parts
from web.problems import Problem, not_found
from web.security.caller import Caller


def retry(parts: Parts, who: Caller, key: str, letter_id: int) -> Answer:
    """Hear it again, by the one way in; it stays open where it is dead again."""

    def work(_: Orders, now: int) -> Done:
        letter = _open(parts, letter_id)
        if letter.is_cut:
            detail = f"of its bytes not all are kept: it {letters_told.size_of(letter)}"
            raise Problem("dead-letter-cut", detail)
        if parts.hear_again is None:
            raise Problem("unavailable", "this service hears no dead letters again")
        dead_letters.tried(parts.store, letter_id)
        outcome = parts.hear_again(letter)
        if outcome == "dead":
            return _became(letter_id, outcome, "open")
        closing = dead_letters.closing(letter_id, "retried", now)
        return _became(letter_id, outcome, "retried", [closing])

    return once(parts, _key(who, key, "retry", letter_id), work)


def drop(parts: Parts, who: Caller, key: str, letter_id: int, reason: str | None = None) -> Answer:
    """Say that nothing more is to be done about it. It is kept, with why."""

    def work(_: Orders, now: int) -> Done:
        _open(parts, letter_id)
        closing = dead_letters.closing(letter_id, "dropped", now, reason)
        return _became(letter_id, "dropped", "dropped", [closing])

    return once(parts, _key(who, key, "drop", letter_id, reason or ""), work)


def _key(who: Caller, key: str, call: str, letter_id: int, said: str = "") -> Key:
    told = f"{call} {letter_id}\n{said}" if said else f"{call} {letter_id}"
    return Key(who.scope, key, hashlib.sha256(told.encode()).digest())


def _open(parts: Parts, letter_id: int) -> Letter:
    letter = dead_letters.shown(parts.store, letter_id)
    if letter is None:
        raise not_found(f"dead letter {letter_id}")
    if letter.state != "open":
        detail = f"dead letter {letter_id} was {letter.state} before"
        raise Problem("dead-letter-closed", detail, state=letter.state)
    return letter


def _became(letter_id: int, outcome: str, state: str, also: Sequence[Statement] = ()) -> Done:
    body = {"dead_letter_id": letter_id, "outcome": outcome, "state": state}
    return Done(HTTPStatus.OK, body, also)
