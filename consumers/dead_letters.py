"""Records that nobody could take: kept with their bytes and the reason, until somebody decides."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec

from application.event_store import Conflict, EventStore, Statement
from consumers.cloudevents import Incoming
from consumers.envelope import ONLY
from consumers.letters_of_orders import set_aside
from consumers.record_batches import BATCH_RULES, Source, Unreadable, batches, records
from domain.commands import SetAside

Rows = list[tuple[Any, ...]]
LONGEST = 2_000
"""Characters of a detail that are kept."""


class DeadLetter(NamedTuple):
    """A record and what is wrong with it. `order_id` and what follows: as far as readable."""

    record: Incoming
    rule: str
    field: str
    detail: str
    order_id: str | None = None
    source: str | None = None
    message_id: str | None = None
    type: str | None = None

    @property
    def digest(self) -> bytes:
        return digest(self.record)

    def set_aside(self, now: int) -> SetAside:
        """What its order, when it is known, is told."""
        return set_aside(
            now, self.source, self.message_id, self.type, self.field, self.rule, self.digest
        )


def digest(record: Incoming) -> bytes:
    """SHA-256 of a message's bytes: the same by Kafka, file and HTTP, and at every offset."""
    sha = hashlib.sha256(record.value or b"")
    for name, value in record.headers:
        if name.lower().startswith("ce_"):
            sha.update(b"\n%b: %b" % (name.lower().encode("utf-8", "replace"), value or b""))
    return sha.digest()


def clean(text: str) -> str:
    """Make text fit for a column: no NUL, no lone surrogates, not too long."""
    return text.encode("utf-8", "replace").decode().replace("\0", "\ufffd")[:LONGEST]


_KEEP = """
INSERT INTO countermand.dead_letters
    (received_at, topic, kafka_partition, kafka_offset, key, value, headers, rule, field, detail,
     order_id, source, message_id, type, digest)
SELECT * FROM unnest(%s::bigint[], %s::text[], %s::int[], %s::bigint[], %s::bytea[], %s::bytea[],
                     %s::jsonb[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[],
                     %s::text[], %s::text[], %s::bytea[])
ON CONFLICT DO NOTHING
"""


def keep(letters: Sequence[DeadLetter], now: int) -> Statement:
    """Keep these letters. One that is kept already stays as it is."""
    rows = [
        (
            now,
            one.record.topic,
            one.record.partition,
            one.record.offset,
            one.record.key,
            None if one.record.value is None else bytes(one.record.value),
            _headers(one.record.headers),
            one.rule,
            clean(one.field),
            one.detail,
            one.order_id,
            one.source,
            one.message_id,
            one.type,
            one.digest,
        )
        for one in letters
    ]
    return Statement(_KEEP, [list(column) for column in zip(*rows, strict=True)])


def _headers(headers: Sequence[tuple[str, bytes | None]]) -> str:
    pairs = [(clean(name), None if value is None else _text(value)) for name, value in headers]
    return msgspec.json.encode(pairs).decode()


def _text(value: bytes) -> str:
    return base64.b64encode(value).decode()


class Letter(NamedTuple):
    """A row of the table, for operators. Times in microseconds since 1970 UTC."""

    dead_letter_id: int
    received_at: int
    topic: str | None
    partition: int | None
    offset: int | None
    key: bytes | None
    value: bytes | None
    headers: list[tuple[str, bytes | None]]
    rule: str
    field: str | None
    detail: str | None
    order_id: str | None
    source: str | None
    message_id: str | None
    type: str | None
    state: str
    state_at: int | None
    attempts: int
    drop_reason: str | None = None
    """Why it was dropped, as an operator said."""

    @property
    def is_cut(self) -> bool:
        """Whether only the beginning of its bytes is kept: it cannot be heard again."""
        return self.rule == "too_large" and ONLY in (self.detail or "")

    def record(self, channel: str | None) -> Incoming:
        """Make the record again as it came."""
        return Incoming(
            self.value,
            self.headers,
            self.key,
            channel,
            self.topic,
            self.partition,
            self.offset,
        )


COLUMNS = (
    "dead_letter_id, received_at, topic, kafka_partition, kafka_offset, key, value, headers, rule,"
    " field, detail, order_id, source, message_id, type, state, state_at, attempts,"
    " drop_reason"
)


def listed(
    store: EventStore, *, state: str | None = "open", after: int = 0, limit: int = 200
) -> list[Letter]:
    """Letters by number, `limit` behind the number `after`; `state` None: all of them."""
    return _letters(
        store,
        f"SELECT {COLUMNS} FROM countermand.dead_letters WHERE dead_letter_id > %s"  # noqa: S608
        " AND (%s::text IS NULL OR state = %s) ORDER BY dead_letter_id LIMIT %s",
        (after, state, state, limit),
    )


def shown(store: EventStore, letter_id: int) -> Letter | None:
    found = _letters(
        store,
        f"SELECT {COLUMNS} FROM countermand.dead_letters WHERE dead_letter_id = %s",  # noqa: S608
        (letter_id,),
    )
    return found[0] if found else None


def counted(store: EventStore) -> dict[str, int]:
    """How many letters there are, by state."""
    with store.connection() as conn:
        rows = conn.execute("SELECT state, count(*) FROM countermand.dead_letters GROUP BY state")
        return dict(rows.fetchall())


def drop(store: EventStore, letter_id: int, now: int, reason: str | None = None) -> bool:
    """Say that an open letter needs nothing more. Its row stays; False: there is no such letter."""
    return _close(store, letter_id, "dropped", now, reason)


def close_retried(store: EventStore, letter_id: int, now: int) -> bool:
    return _close(store, letter_id, "retried", now)


_CLOSE = (
    "UPDATE countermand.dead_letters SET state = %s, state_at = %s, drop_reason = %s"
    " WHERE dead_letter_id = %s AND state = 'open' RETURNING true"
)


def _close(
    store: EventStore, letter_id: int, state: str, now: int, reason: str | None = None
) -> bool:
    with store.connection() as conn:
        done = conn.execute(_CLOSE.encode(), (state, now, reason, letter_id))
        return done.rowcount == 1


def closing(letter_id: int, state: str, now: int, reason: str | None = None) -> Statement:
    """Close an open letter together with something else. Conflict: somebody closed it before."""

    def check(rows: Rows) -> None:
        if not rows:
            raise Conflict("the letter was closed meanwhile")

    return Statement(_CLOSE, (state, now, reason, letter_id), check)


def tried(store: EventStore, letter_id: int) -> None:
    """Count a try to hear a letter again."""
    with store.connection() as conn:
        conn.execute(
            "UPDATE countermand.dead_letters SET attempts = attempts + 1 WHERE dead_letter_id = %s",
            (letter_id,),
        )


def _letters(store: EventStore, sql: str, params: tuple[Any, ...]) -> list[Letter]:
    with store.connection() as conn:
        rows = conn.execute(sql.encode(), params).fetchall()
    return [letter_of(row) for row in rows]


def letter_of(row: Sequence[Any]) -> Letter:
    """Read a row of `COLUMNS`."""
    return Letter._make((*row[:7], _pairs(row[7]), *row[8:]))


def _pairs(headers: list[list[str | None]] | None) -> list[tuple[str, bytes | None]]:
    return [
        (str(name), None if value is None else base64.b64decode(value))
        for name, value in headers or []
    ]


def heard_again(letter: Letter, channel: str | None) -> list[Incoming | Unreadable]:
    """Return what to hear again: the record, or those of the record batch that was unreadable."""
    record = letter.record(channel)
    if letter.value is None or letter.rule not in BATCH_RULES or letter.offset is None:
        return [record]
    source = Source(letter.topic or "", letter.partition or 0, channel)
    found: list[Incoming | Unreadable] = []
    for batch in batches(letter.value):
        read, bad = records(batch, source, letter.offset)
        found += [*read, *([bad] if bad else [])]
    return found or [record]
