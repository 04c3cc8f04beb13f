"""How fast views are rebuilt, beside the least that any rebuild has to do.

Side by side in one run: our rebuild against COPY out, decode, fold and COPY in of exactly the
rows that it writes (no figures worked out, no JSON made, no index, no swap). Medians of rounds.

    python -m bench.rebuild [--orders 40000] [--lines 2] [--rounds 3] [--json]
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice, repeat
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from psycopg import Connection

from application.collecting import no_collection
from application.event_store import Append, EventStore, stream_id
from application.migrations import migrate
from application.stored_events import Decoders
from application.streams import processes, streams
from bench.meter import Lap, Meter
from domain import events
from domain.information import order_information
from domain.items import Item, Line, ReturnedItem
from domain.order import Order, evolve
from domain.process_events import ProcessEvent
from domain.refunds import Policy
from projections import beside
from projections.loading import Rows, Worked, connect, folded
from projections.rebuild import rebuild
from projections.tables import LIVE, Tables
from runtime import embedded

START = 1_800_000_000_000_000
NOW = START + 3_600_000_000
IN_FLIGHT = 1_000
AT_ONCE = 2_000
POLICY = Policy()


def main() -> None:
    asked = _arguments()
    with (
        TemporaryDirectory(prefix="cm-bench-") as folder,
        embedded.start(Path(folder)) as server,
    ):
        migrate(server.url)
        with EventStore.open(server.url) as store:
            postgres = next(Path(folder).rglob("postmaster.pid")).read_text().split()[0]
            meter = Meter({"client": [os.getpid()], "database": [int(postgres)]})
            found = _measure(server.url, store, asked, meter)
    print(json.dumps(found) if asked.json else _table(found))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--orders", type=int, default=40_000, help="of five events each")
    parser.add_argument("--lines", type=int, default=2, help="of each order")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


def _measure(
    url: str, store: EventStore, asked: argparse.Namespace, meter: Meter
) -> dict[str, Any]:
    recorded = _fill(store, asked.orders, asked.lines)
    rebuild(url, store, POLICY, lambda: NOW)  # the rows that both write, and warm caches
    ours: list[Lap] = []
    least: list[Lap] = []
    with connect(url) as conn:
        rows = _live_rows(conn)
        for _ in range(asked.rounds):
            ours.append(_lap(meter, lambda: rebuild(url, store, POLICY, lambda: NOW)))
            least.append(_lap(meter, lambda: _least(url, store.head(), rows)))
        stages = _stages(url, store.head())
    return {
        "events": recorded,
        "orders": asked.orders,
        "lines": asked.lines,
        "rebuild": _figures(ours, recorded),
        "least": _figures(least, recorded),
        "ratio": round(
            median([lap.seconds for lap in least]) / median([lap.seconds for lap in ours]), 2
        ),
        "stages_us_per_event": {
            name: round(seconds * 1e6 / recorded, 2) for name, seconds in stages.items()
        },
    }


def _lap(meter: Meter, work: Callable[[], object]) -> Lap:
    gc.collect()
    meter.start()
    work()
    return meter.lap()


def _figures(laps: list[Lap], recorded: int) -> dict[str, float]:
    """Medians: events a second, and CPU microseconds an event of each part."""
    rate = round(recorded / median([lap.seconds for lap in laps]))
    cpu = {
        f"{part}_us": round(median([lap.cpu[part] for lap in laps]) * 1e6 / recorded, 1)
        for part in laps[0].cpu
    }
    return {"events_per_second": rate, **cpu}


def _live_rows(conn: Connection[Any]) -> list[list[tuple[Any, ...]]]:
    return [
        conn.cursor(binary=True)
        .execute(f"SELECT * FROM countermand.{table.name}".encode())  # noqa: S608  # our own names
        .fetchall()
        for table in LIVE
    ]


def _least(url: str, upto: int, rows: list[list[tuple[Any, ...]]]) -> None:
    """COPY out, decode, fold, and COPY in of ready rows into tables without indexes."""
    with connect(url) as conn, no_collection():
        tables = beside.make(conn, "bench")
        orders: dict[bytes, Order] = {}
        for stream, event in _logged(conn, upto):
            if not isinstance(event, ProcessEvent):
                orders[stream] = evolve(orders.get(stream), event)
        with conn.transaction(), conn.cursor() as cursor:
            for table, ready in zip(tables, rows, strict=True):
                table.copy(cursor, ready)


def _logged(conn: Connection[Any], upto: int) -> Iterator[tuple[bytes, events.Event]]:
    decoders = Decoders()
    sql = (
        "COPY (SELECT uuid_send(originator_id), topic, state FROM countermand.orders_events"  # noqa: S608  # a number
        f" WHERE notification_id <= {upto} ORDER BY notification_id) TO STDOUT (FORMAT BINARY)"
    )
    with conn.cursor() as cursor, cursor.copy(sql.encode()) as copy:
        copy.set_types(["bytea", "text", "bytea"])
        for stream, name, state in copy.rows():
            yield stream, decoders[name](state)


def _stages(url: str, upto: int) -> dict[str, float]:
    """Where the time of a rebuild goes, in one process, in seconds."""
    spent: dict[str, float] = {}
    with connect(url) as reading, connect(url) as conn, no_collection():
        tables = beside.make(conn, "stages")
        found = streams(reading, upto)
        while True:
            with _spent(spent, "read sorted, decode"):
                chunk = list(islice(found, 1_000))
            if not chunk:
                break
            with _spent(spent, "fold"):
                orders = [folded(stream.events) for stream in chunk]
            with _spent(spent, "work out the figures"):
                infos = [order_information(order, NOW, POLICY) for order in orders]
            with _spent(spent, "look for processes"):
                processes(conn, [order.order_id for order in orders], upto)
            with _spent(spent, "make the rows"):
                worked = map(Worked, orders, infos, repeat(()), repeat(1))
                rows = Rows.of(worked, NOW, POLICY)
            with _spent(spent, "COPY in"):
                _copy(conn, tables, rows)
        with _spent(spent, "index, analyze"):
            beside.index(conn, tables)
    return spent


@contextmanager
def _spent(spent: dict[str, float], stage: str) -> Iterator[None]:
    began = time.perf_counter()
    yield
    spent[stage] = spent.get(stage, 0.0) + time.perf_counter() - began


def _copy(conn: Connection[Any], tables: Tables, rows: Rows) -> None:
    with conn.transaction(), conn.cursor() as cursor:
        for table, ready in zip(tables, rows, strict=True):
            table.copy(cursor, ready)


def _fill(store: EventStore, orders: int, lines: int) -> int:
    """Write the log: five events an order, a thousand orders in flight; how many events."""
    chance = random.Random(1)
    waiting = iter(range(orders))
    live = [_story(number, lines) for number in islice(waiting, IN_FLIGHT)]
    batch: dict[str, Append] = {}
    recorded = size = 0
    while live:
        place = chance.randrange(len(live))
        order_id, told = live[place]
        version = 6 - len(told)
        before = batch.setdefault(order_id, Append(stream_id(order_id), version, []))
        batch[order_id] = before._replace(events=[*before.events, told.pop(0)])
        size += 1
        if not told:
            following = next(waiting, None)
            live[place] = live[-1] if following is None else _story(following, lines)
            if following is None:
                live.pop()
        if size == AT_ONCE or not live:
            store.append(list(batch.values()))
            recorded, size, batch = recorded + size, 0, {}
    return recorded


def _story(number: int, lines: int) -> tuple[str, list[events.Event]]:
    """Placed, part cancelled, shipped, one unit refused at the door, and back."""
    order_id, at = f"A-{number:07}", START + number * 1_000
    known: dict[str, Any] = {"occurred_at": at, "recorded_at": at, "source": "/bench"}
    goods = tuple(
        Line(str(n), f"SKU-{n}", f"Enamel mug, 0.35 l, no. {n}", 3, 1_190, 3_570)
        for n in range(1, lines + 1)
    )
    left = tuple(Item(line.line_id, 2 if line.line_id == "1" else 3) for line in goods)
    return order_id, [
        events.OrderPlaced(
            **known,
            message_id=f"{number}-1",
            order_id=order_id,
            buyer_id=f"b{number % 500}",
            seller_id=f"s{number % 7}",
            currency="EUR",
            lines=goods,
            shipping_fee=490,
            paid=3_570 * lines + 490,
        ),
        events.ItemCancelRequested(
            **known,
            message_id=f"{number}-2",
            cancellation_id=f"C-{number}",
            requested_by="buyer",
            reason="changed_mind",
            items=(Item("1", 2),),
            asked=(Item("1", 2),),
        ),
        events.ShippedFromWarehouse(
            **known, message_id=f"{number}-3", shipment_id=f"S-{number}", items=left
        ),
        events.DeliveryRejected(
            **known, message_id=f"{number}-4", shipment_id=f"S-{number}", items=(Item("1", 1),)
        ),
        events.ReturnedToWarehouse(
            **known,
            message_id=f"{number}-5",
            return_id=f"R-{number}",
            shipment_id=f"S-{number}",
            items=(ReturnedItem("1", 1),),
        ),
    ]


def _table(found: dict[str, Any]) -> str:
    lines = [
        f"{found['events']:,} events of {found['orders']:,} orders with {found['lines']} lines",
        f"{'':<36}{'events/s':>10}{'client us':>12}{'database us':>12}",
        _line("rebuild", found["rebuild"]),
        _line("COPY out, decode, fold, COPY in", found["least"]),
        f"  {'ratio':<34}{found['ratio']:>10}",
        "where the time goes, one process, microseconds an event:",
    ]
    lines += [f"  {name:<38}{us:>9}" for name, us in found["stages_us_per_event"].items()]
    return "\n".join(lines)


def _line(name: str, figures: dict[str, float]) -> str:
    rate, client, database = figures.values()
    return f"  {name:<34}{rate:>10,}{client:>12}{database:>12}"


if __name__ == "__main__":
    main()
