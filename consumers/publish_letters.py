"""Dead letters to their topic: the bytes as they came, and in the headers where from and why not.

Each row is marked when it was sent. Numbers of rows are drawn before they are committed, so a
position would step over a letter whose transaction ends later than that of one behind it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from psycopg import Connection

from consumers.dead_letters import COLUMNS, Letter, letter_of
from consumers.envelope import Incoming
from consumers.outgoing import Header, Headers, Outgoing, id_of
from consumers.saying import SOURCE, schema_of
from consumers.times import to_rfc3339
from consumers.traces import trace_of

CHANNEL, TYPE = "dead-letters", "DeadLetter"
ORIGINAL, ORIGINAL_NULL = "original:", "original-null:"
"""Before the name of each header that the record came with; none of ours begins so."""
WHOLE, HEADERS, KEY = 1_500_000, 250_000, 10_000
"""Bytes of a record's value, headers and key that are published; what is longer is cut.

So much is more than a message may have: it was no message, or a batch that cannot be unpacked.
"""
_AT_ONCE, _BYTES = 200, 8_000_000

_UNPUBLISHED = f"""
SELECT {COLUMNS}, digest FROM countermand.dead_letters WHERE dead_letter_id IN (
    SELECT dead_letter_id FROM (
        SELECT dead_letter_id, sum(coalesce(octet_length(value), 0)) OVER before AS bytes_before
        FROM (
            SELECT dead_letter_id, value FROM countermand.dead_letters
            WHERE published_at IS NULL ORDER BY dead_letter_id LIMIT {_AT_ONCE}
        ) AS next
        WINDOW before AS (ORDER BY dead_letter_id ROWS UNBOUNDED PRECEDING EXCLUDE CURRENT ROW)
    ) AS summed WHERE coalesce(bytes_before, 0) < {_BYTES}
)
ORDER BY dead_letter_id
"""  # noqa: S608 - our own words
_PUBLISHED = b"""
UPDATE countermand.dead_letters SET published_at = %s
WHERE dead_letter_id = ANY(%s) AND published_at IS NULL
"""


def unpublished(conn: Connection[Any]) -> list[tuple[int, Outgoing]]:
    """Return the next letters to send, by number: not too many, and not too large together."""
    rows: Iterable[Any] = conn.execute(_UNPUBLISHED.encode()).fetchall()
    return [(row[0], message(letter_of(row[:-1]), bytes(row[-1]))) for row in rows]


def mark(conn: Connection[Any], numbers: list[int], now: int) -> None:
    """Remember that these were sent. One that somebody else has marked stays as it is."""
    conn.execute(_PUBLISHED, (now, numbers))


def count(conn: Connection[Any]) -> int:
    """How many wait to be sent."""
    row: Any = conn.execute(
        "SELECT count(*) FROM countermand.dead_letters WHERE published_at IS NULL"
    ).fetchone()
    return int(row[0])


def message(letter: Letter, digest: bytes) -> Outgoing:
    """A CloudEvent in binary mode, whose data are the record's bytes."""
    originals = _originals(letter)
    attributes = {
        **_envelope(letter, digest),
        **_place(letter),
        **_reason(letter),
        **_cut(letter, originals),
    }
    headers: list[Header] = [
        (f"ce_{name}", text.encode()) for name, text in attributes.items() if text
    ]
    if letter.value is not None:
        headers.append(("content-type", b"application/octet-stream"))
    trace = trace_of(Incoming(None, letter.headers))
    traced = trace.headers if trace else ()
    return Outgoing(
        CHANNEL, _key(letter), _first(letter.value, WHOLE), (*headers, *traced, *originals)
    )


def _key(letter: Letter) -> bytes | None:
    """The record's own, or its order's id where it had none."""
    if letter.key is None:
        return None if letter.order_id is None else letter.order_id.encode()
    return letter.key[:KEY]


def _first(value: bytes | None, size: int) -> bytes | None:
    return None if value is None else value[:size]


def _originals(letter: Letter) -> Headers:
    found: list[Header] = []
    room = HEADERS
    for name, value in letter.headers:
        room -= len(name) + len(value or b"") + len(ORIGINAL_NULL)
        if room < 0:
            break
        found.append((ORIGINAL_NULL + name, b"") if value is None else (ORIGINAL + name, value))
    return tuple(found)


def _cut(letter: Letter, originals: Headers) -> dict[str, str]:
    """How much there was of what is not whole."""
    sizes = {
        "originalsize": len(letter.value or b"") if len(letter.value or b"") > WHOLE else 0,
        "originalkeysize": len(letter.key or b"") if len(letter.key or b"") > KEY else 0,
        "originalheaders": len(letter.headers) if len(letter.headers) > len(originals) else 0,
    }
    return {name: str(size) for name, size in sizes.items() if size}


def _envelope(letter: Letter, digest: bytes) -> dict[str, str]:
    # As the table tells letters apart, so that one that is kept anew has its id again.
    place = (str(letter.topic), str(letter.partition), str(letter.offset))
    told = place if letter.partition is not None else (letter.rule,)
    return {
        "specversion": "1.0",
        "id": id_of(CHANNEL, *told, digest.hex()),
        "source": SOURCE,
        "type": TYPE,
        "subject": letter.order_id or "",
        "time": to_rfc3339(letter.received_at),
        "dataschema": schema_of(CHANNEL, TYPE),
    }


def _place(letter: Letter) -> dict[str, str]:
    if letter.partition is None:
        return {}
    return {
        "originaltopic": letter.topic or "",
        "originalpartition": str(letter.partition),
        "originaloffset": str(letter.offset),
    }


def _reason(letter: Letter) -> dict[str, str]:
    return {
        "rule": letter.rule,
        "field": letter.field or "",
        "detail": letter.detail or "",
        "originalsource": letter.source or "",
        "originalid": letter.message_id or "",
        "originaltype": letter.type or "",
    }
