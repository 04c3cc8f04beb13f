"""Ask the views, and the log behind them, what they know: the bodies of the HTTP answers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from runtime import settings, wiring
from runtime.cli_answers import USED_WRONGLY, fail

if TYPE_CHECKING:
    from psycopg import Connection

    from application.event_store import EventStore

Body = dict[str, Any]


@contextmanager
def views() -> Iterator[Views]:
    """Open the views of the configured database."""
    loaded = settings.load()
    with wiring.opened(loaded) as (_, store), store.connection() as conn:
        yield Views(loaded, store, conn)


class Views:
    """What the command line can ask; None where an order is not known."""

    def __init__(self, loaded: settings.Settings, store: EventStore, conn: Connection[Any]) -> None:
        self._settings = loaded
        self._store = store
        self._conn = conn

    def order(self, order_id: str) -> Body | None:
        from projections import order_information

        return order_information.one(self._conn, order_id)

    def all_orders(self) -> Iterator[Body]:
        from projections import order_information

        return order_information.all_orders(self._conn)

    def order_as_of(self, order_id: str, moment: str) -> Body | None:
        from audit import as_of

        at = micros(moment)
        return as_of.as_of(self._store, order_id, at, wiring.policy(self._settings))

    def history(self, order_id: str) -> Body | None:
        from projections.history import history

        return history(self._store, order_id)

    def timeline(self, order_id: str) -> Body | None:
        from projections.timeline import of_order

        return of_order(self._store, order_id, wiring.now())

    def late(self, state: str, seller_id: str | None, limit: int, cursor: str | None) -> Body:
        from projections import late_cancellations as late

        which = late.Which(state, seller_id)
        return late.listed(self._conn, wiring.now(), which, limit=limit, cursor=cursor)

    def exposure(self, seller_id: str | None, limit: int, cursor: str | None) -> Body:
        from projections import exposure

        return exposure.listed(self._conn, seller_id=seller_id, limit=limit, cursor=cursor)

    def conformance(self, limit: int, cursor: str | None) -> Body:
        from projections import conformance

        return conformance.listed(self._conn, limit=limit, cursor=cursor)

    def cancelled(self, buyer_id: str, limit: int, cursor: str | None) -> Body:
        from projections import cancelled_orders

        return cancelled_orders.of_buyer(self._conn, buyer_id, limit=limit, cursor=cursor)

    def refunds(
        self, seller_id: str | None, state: str | None, limit: int, cursor: str | None
    ) -> Body:
        from projections import refunds

        return refunds.listed(
            self._conn, state=state, seller_id=seller_id, limit=limit, cursor=cursor
        )


def micros(moment: str) -> int:
    """Read RFC 3339 with an offset, as in messages, as microseconds since 1970 UTC."""
    from consumers.bad_message import Malformed
    from consumers.times import to_microseconds

    try:
        return to_microseconds(moment)
    except Malformed:
        fail(
            f"{moment!r} is no time.",
            "Write one such as 2026-11-24T13:00:00Z or 2026-11-24T14:00:00+01:00.",
            USED_WRONGLY,
        )
