"""The memory of the service: a table. A row is never changed; of one name the first stays."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import msgspec
from typing_extensions import override

from application.event_store import EventStore
from consumers.outside.memory import MOST, Memory, Remembered, Told, too_much

_COLUMNS = "message_id, digest, does, at, about, order_id, root, undoes, data, value"
_NAMED = (
    f"SELECT {_COLUMNS} FROM countermand.translations"  # noqa: S608 - our own names
    " WHERE source = %s AND message_id = ANY(%s)"
).encode()
LARGEST = 4_000_000
"""Bytes, as the database packs them, of what is known about one shipment or container."""
_ABOUT = (
    f"SELECT {_COLUMNS}, known FROM (SELECT *, count(*) OVER () AS known,"  # noqa: S608
    " sum(coalesce(pg_column_size(data), 0)) OVER (ORDER BY at, message_id) AS size"
    " FROM countermand.translations WHERE source = %s AND about = %s AND about <> '') AS told"
    f" WHERE size < {LARGEST} ORDER BY at, message_id LIMIT {MOST}"
).encode()
_KEEP = (
    f"INSERT INTO countermand.translations (source, {_COLUMNS})"  # noqa: S608
    " SELECT * FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::bigint[],"
    " %s::text[], %s::text[], %s::text[], %s::text[], %s::json[], %s::bytea[])"
    " ON CONFLICT DO NOTHING"
).encode()


class Stored(Memory):
    """What the table holds, and over it what was kept since: `flush` writes that."""

    def __init__(self, store: EventStore) -> None:
        self._store = store
        self._new = Remembered()
        self._unwritten: list[tuple[str, Told]] = []

    @override
    def named(self, source: str, message_ids: Collection[str]) -> dict[str, Told]:
        if not message_ids:
            return {}
        with self._store.connection() as conn:
            rows = conn.execute(_NAMED, (source, list(message_ids))).fetchall()
        return {**self._new.named(source, message_ids), **{row[0]: Told(*row) for row in rows}}

    @override
    def about(self, source: str, subject: str) -> list[Told]:
        with self._store.connection() as conn:
            rows = conn.execute(_ABOUT, (source, subject)).fetchall()
        if rows and rows[0][-1] > len(rows):
            raise too_much(subject)
        new = {one.message_id: one for one in self._new.about(source, subject)}
        return list({**new, **{row[0]: Told(*row[:-1]) for row in rows}}.values())

    @override
    def keep(self, source: str, told: Told) -> None:
        self._new.keep(source, told)
        self._unwritten.append((source, told))

    def flush(self) -> bool:
        """Write what was kept; False: another process kept some of it, and its rows stay.

        Raises StoreUnavailable; written twice is as good as once.
        """
        if not self._unwritten:
            return True
        rows = [(source, *_row(told)) for source, told in self._unwritten]
        with self._store.connection() as conn:
            done = conn.execute(_KEEP, [list(column) for column in zip(*rows, strict=True)])
        self._unwritten.clear()
        return done.rowcount == len(rows)


def _row(told: Told) -> tuple[Any, ...]:
    data = None if told.data is None else msgspec.json.encode(told.data).decode()
    return (
        told.message_id,
        told.digest,
        told.does,
        told.at,
        told.about,
        told.order_id,
        told.root,
        told.undoes,
        data,
        told.value,
    )
