"""What came too late: `late`, `exposure`, `timeline`, `conformance`. With --json, the HTTP body."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from runtime.cli_answers import USED_WRONGLY, Json, fail, say, say_json, table
from runtime.cli_views import Cursor, Limit, OrderId, happened, minute

STATES = ("open", "overdue", "closed")
Body = dict[str, Any]

Seller = Annotated[str | None, typer.Option(metavar="ID", help="Of one seller only.")]


def add_to(app: typer.Typer) -> None:
    for command in (late, exposure, timeline, conformance):
        app.command()(command)


def late(
    state: Annotated[
        str, typer.Option("--state", metavar="STATE", help=f"One of {', '.join(STATES)}.")
    ] = "open",
    seller: Seller = None,
    limit: Limit = 50,
    cursor: Cursor = None,
    as_json: Json = False,
) -> None:
    """List late cancellations: whom each waits for, why, and until when.

    The overdue come first, then what is due next; closed ones as they ended, the latest first.
    What waits for the seller is a case, to be decided with `decide`.
    """
    if state not in STATES:
        fail(f"No wait is {state}.", f"Choose from {', '.join(STATES)}.", USED_WRONGLY)
    from runtime import asking

    with asking.views() as views:
        body = views.late(state, seller, limit, cursor)
    if as_json:
        say_json(body)
        return
    title = f"Late cancellations, {state}"
    if not body["cases"]:
        say(f"{title}: none.")
        return
    show_cases(title, body["cases"])
    _more(body)
    say("`countermand timeline ORDER_ID` tells what was done about one.")


def show_cases(title: str, cases: list[Body]) -> None:
    heads = ["order id", "waits for", "why", "since", "until", "goods"]
    table(title, heads, (_case(case) for case in cases))


def _case(case: Body) -> list[object]:
    until = minute(case["until"]) if case["until"] else "no deadline"
    if case["ended_at"]:
        until = f"ended {minute(case['ended_at'])}"
    elif case["overdue"]:
        until = f"{until}, overdue"
    return [
        case["order_id"],
        case["waits_for"],
        case["reason"].replace("_", " "),
        minute(case["since"]),
        until,
        _goods(case["items"]),
    ]


def _goods(items: list[Body], most: int = 3) -> str:
    words = [f"{item['quantity']} of line {item['line_id']}" for item in items[:most]]
    more = len(items) - most
    return ", ".join([*words, f"{more} more lines"] if more > 0 else words)


def _more(body: Body) -> None:
    if body["next"]:
        say(f"More: --cursor {body['next']}")


def exposure(
    seller: Seller = None,
    limit: Limit = 50,
    cursor: Cursor = None,
    as_json: Json = False,
) -> None:
    """List money out and goods out: refunded goods that are at large.

    The longest out first, with totals of all that is out, by currency.
    """
    from runtime import asking

    with asking.views() as views:
        body = views.exposure(seller, limit, cursor)
    if as_json:
        say_json(body)
        return
    if not body["totals"]:
        say("Refunded goods at large: none.")
        return
    heads = ["order id", "seller", "out since", "asked for", "paid", "currency", "goods"]
    names = ("amount", "paid", "currency")
    rows = (
        [
            one["order_id"],
            one["seller_id"],
            minute(one["since"]),
            *(one[name] for name in names),
            _goods(one["items"]),
        ]
        for one in body["orders"]
    )
    table("Refunded goods at large", heads, rows)
    _more(body)
    for total in body["totals"]:
        orders = "1 order" if total["orders"] == 1 else f"{total['orders']} orders"
        say(
            f"all together {total['amount']} {total['currency']} asked for and"
            f" {total['paid']} paid, for {orders}, since {minute(total['since'])}"
        )


def timeline(order_id: OrderId, as_json: Json = False) -> None:
    """Tell the whole story of an order: what happened, what was done about it, what is awaited.

    What countermand did by itself is marked with *.
    """
    from runtime import asking

    with asking.views() as views:
        body = views.timeline(order_id)
    if body is None:
        fail(f"Not known: {order_id}.", "Its messages may be parked: see `countermand status`.")
    if as_json:
        say_json(body)
        return
    for entry in body["entries"]:
        mark = "*" if entry["of"] == "process" else " "
        when = entry["recorded_at"][:19].replace("T", " ")
        say(f"{mark} {when}  {entry['sentence']}{happened(entry)}")
    for wait in body["awaited"]:
        until = f", until {minute(wait['until'])}" if wait["until"] else ""
        overdue = ": overdue" if wait["overdue"] else ""
        reason = wait["reason"].replace("_", " ")
        goods = f" ({_goods(wait['items'])})" if wait["items"] else ""
        say(f"waits for {wait['waits_for']}: {reason}{goods}{until}{overdue}")
    if not body["awaited"]:
        say("Nothing is awaited.")


def conformance(limit: Limit = 50, cursor: Cursor = None, as_json: Json = False) -> None:
    """Report how each warehouse keeps its word: its answers to stops, and what went wrong.

    An answer takes from when our request was recorded until the warehouse's own word was.
    """
    from runtime import asking

    with asking.views() as views:
        body = views.conformance(limit, cursor)
    if as_json:
        say_json(body)
        return
    if not body["warehouses"]:
        say("Conformance: no warehouse was asked to stop anything, and nothing went wrong.")
        return
    table("Conformance", list(COLUMNS), (_warehouse(one) for one in body["warehouses"]))
    _more(body)


COLUMNS = (
    "warehouse",
    "stops asked",
    "answered",
    "late",
    "silent",
    "median",
    "p90",
    "max",
    "crossed",
    "over-shipped",
    "short returns",
    "shipped after yes",
)


def _warehouse(one: Body) -> list[object]:
    seconds = one["answer_seconds"]
    share = one["share_crossed"]
    return [
        one["warehouse_id"] or "(not named)",
        one["stops_asked"],
        one["answered"],
        one["answered_late"],
        one["silent"],
        *(_duration(seconds[name]) for name in ("median", "p90", "max")),
        "" if share is None else f"{one['units_crossed']} ({share:.1%})",
        one["over_shipped_units"],
        one["short_return_units"],
        one["units_shipped_after_confirmation"],
    ]


def _duration(seconds: float | None) -> str:
    """Write seconds for a person: the two greatest units, as in `2 d 4 h`."""
    if seconds is None:
        return ""
    left = round(seconds)
    parts: list[str] = []
    for size, name in ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")):
        number, left = divmod(left, size)
        if number:
            parts.append(f"{number} {name}")
    return " ".join(parts[:2]) or "0 s"
