"""Answers to commands, kept by the caller's own key, in the transaction of the command's events.

Whoever asks again, because an answer was lost or out of impatience, gets the first answer. Of two
at once one writes, and the other finds what was written.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from application.event_store import EventStore
from application.recording import Conflict, Statement

DAY = 86_400_000_000
LIFE = 7 * DAY
"""Microseconds for which an answer is kept: longer than anybody's patience, retries included."""


class Key(NamedTuple):
    """Names one command of one caller."""

    scope: str
    """Whose key it is: that of one caller is not another's."""
    key: str
    digest: bytes
    """Of what was asked: another command under the same key is a mistake."""


class Answer(NamedTuple):
    """What was answered."""

    status: int
    body: bytes
    """JSON, without the position."""
    position: int
    """From where on followers have seen what the command did."""


class KeyReused(Exception):
    """The key was used for another command. Says which key."""


_FIND = b"""
SELECT digest, status, body, position FROM countermand.answers
WHERE scope = %s AND key = %s AND answered_at > %s
"""
# Under the log's lock nobody else draws numbers, so the last one is that of our last event.
_KEEP = """
INSERT INTO countermand.answers AS known
    (scope, key, digest, status, body, position, answered_at)
VALUES (%s, %s, %s, %s, %s,
    coalesce(%s, currval('countermand.orders_events_notification_id_seq')), %s)
ON CONFLICT (scope, key) DO UPDATE SET digest = excluded.digest, status = excluded.status,
    body = excluded.body, position = excluded.position, answered_at = excluded.answered_at
WHERE known.answered_at <= %s
RETURNING true
"""
_FORGET = b"""
DELETE FROM countermand.answers WHERE ctid = ANY(ARRAY(
    SELECT ctid FROM countermand.answers WHERE answered_at <= %s LIMIT %s
    FOR UPDATE SKIP LOCKED
))
"""
_AT_ONCE = 1_000


def find(store: EventStore, key: Key, now: int) -> Answer | None:
    """What was answered under this key; none: nothing yet. Raises KeyReused."""
    with store.connection() as conn:
        asked = (key.scope, key.key, now - LIFE)
        row: Any = conn.execute(_FIND, asked, prepare=True, binary=True).fetchone()
    if row is None:
        return None
    digest, *answer = row
    if bytes(digest) != key.digest:
        raise KeyReused(key.key)
    return Answer(*answer)


def keep(key: Key, status: int, body: bytes, position: int | None, now: int) -> Statement:
    """Keep an answer; `position` none: that of the last event of the same transaction.

    Its transaction fails with Conflict where another one has answered under this key.
    """
    values = (*key, status, body, position, now, now - LIFE)
    return Statement(_KEEP, values, _is_first)


def _is_first(rows: list[tuple[Any, ...]]) -> None:
    if not rows:
        raise Conflict("this key was answered meanwhile")


def forget(store: EventStore, now: int) -> int:
    """Drop answers whose time has passed; return how many there were."""
    dropped = 0
    with store.connection() as conn:
        while True:
            done = conn.execute(_FORGET, (now - LIFE, _AT_ONCE)).rowcount
            dropped += done
            if done < _AT_ONCE:
                return dropped
