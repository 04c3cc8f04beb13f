"""Records whose key is not their order's id: taken all the same, and counted by topic.

Such a record may be read by another process than the order's others: no harm, but it is slower.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from application.event_store import EventStore, Statement
from consumers.batch import Record, Said
from consumers.cloudevents import Heard

_COUNT = """
INSERT INTO countermand.other_keys AS known (topic, counted)
SELECT * FROM unnest(%s::text[], %s::bigint[])
ON CONFLICT (topic) DO UPDATE SET counted = known.counted + excluded.counted
"""


def count(records: Sequence[Record], said: Sequence[Said]) -> list[Statement]:
    """What to write, in the transaction of the batch, where it holds such records."""
    found = Counter(
        record.topic  # type: ignore[union-attr]  # what was heard came as a record
        for record, one in zip(records, said, strict=True)
        if type(one) is Heard
        and record.topic is not None  # type: ignore[union-attr]
        and record.key != one.order_id.encode()  # type: ignore[union-attr]
    )
    return [Statement(_COUNT, (list(found), list(found.values())))] if found else []


def counted(store: EventStore) -> dict[str, int]:
    """How many there were of each topic that had any."""
    with store.connection() as conn:
        rows = conn.execute("SELECT topic, counted FROM countermand.other_keys ORDER BY topic")
        return dict(rows.fetchall())
