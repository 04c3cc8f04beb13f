"""The views: `order`, `history`, `cancelled`, `refunds`. With --json, the HTTP body."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Annotated, Any

import typer

from runtime.cli_answers import USED_WRONGLY, Json, fail, say, say_json, say_json_line, table

STATES = ("held", "due", "requested", "issued", "failed")
MINUTE = timedelta(minutes=1)
Body = dict[str, Any]

OrderId = Annotated[str, typer.Argument(metavar="ORDER_ID")]
Limit = Annotated[int, typer.Option(metavar="NUMBER", help="Rows on one page.", min=1, max=200)]
Cursor = Annotated[
    str | None,
    typer.Option("--cursor", metavar="CURSOR", help="Go on where the page before ended."),
]


def add_to(app: typer.Typer) -> None:
    for command in (order, history, cancelled, refunds):
        app.command()(command)


def order(
    order_ids: Annotated[list[str] | None, typer.Argument(metavar="ORDER_ID")] = None,
    as_of: Annotated[
        str | None, typer.Option(metavar="TIME", help="With what was recorded by then (RFC 3339).")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Every order, streamed.")] = False,
    as_json: Json = False,
) -> None:
    """Show orders: cancelled goods, remaining goods, refunds.

    With --json one order is one object; of several, and of --all, one a line.
    """
    if bool(order_ids) == everything:
        fail("Which order?", "Name one or more, or ask for --all.", USED_WRONGLY)
    if everything and as_of:
        fail("--as-of is about orders by name.", "Name them, or leave it out.", USED_WRONGLY)
    from runtime import asking

    missing = []
    alone = not everything and len(order_ids or ()) == 1
    with asking.views() as views:
        bodies = _orders(views, order_ids or [], as_of, everything=everything)
        for order_id, body in bodies:
            if body is None:
                missing.append(order_id)
            elif as_json:
                (say_json if alone else say_json_line)(body)
            else:
                show_order(body)
    if missing:
        fail(
            f"Not known{' then' if as_of else ''}: {', '.join(missing)}.",
            "Its messages may be parked, or the views behind: see `countermand status`.",
        )


def _orders(
    views: Any,  # noqa: ANN401
    order_ids: list[str],
    as_of: str | None,
    *,
    everything: bool,
) -> Iterator[tuple[str, Body | None]]:
    if everything:
        return ((str(body["order_id"]), body) for body in views.all_orders())
    if as_of:
        return ((order_id, views.order_as_of(order_id, as_of)) for order_id in order_ids)
    return ((order_id, views.order(order_id)) for order_id in order_ids)


def show_order(body: Body) -> None:
    """Order Information as a person reads it."""
    say(f"Order {body['order_id']}: {body['status'].replace('_', ' ')}")
    when = f", as of {body['as_of']}" if body.get("as_of") else ""
    say(f"buyer {body['buyer_id']}, seller {body['seller_id']}, version {body['version']}{when}")
    columns = ["line", "title", "ordered", "cancelled", "requested", "please refuse", "remaining"]
    names = [
        "line_id",
        "title",
        "ordered",
        "cancelled",
        "requested",
        "refuse_delivery",
        "remaining",
    ]
    lines = ({**line, "title": cut(line["title"])} for line in body["lines"])
    table("", columns, ([line[name] for name in names] for line in lines))
    if body["refuse_parcels"]:
        say(f"parcels to refuse: {', '.join(body['refuse_parcels'])}")
    currency = body["currency"]
    for refund in body["refunds"]:
        until = refund["held_until"]
        until = f", until {minute(until)} at the latest" if until else ""
        why = f" ({shown('reason', refund['reason'])}{until})" if refund["reason"] else ""
        say(f"refund {refund['amount']} {currency}: {refund['state']}{why}  {refund['refund_id']}")
    if body["refunded"].strip("0."):
        say(f"refunded so far: {body['refunded']} {currency}")
    for odd in body["discrepancies"]:
        say(f"discrepancy: {odd['rule']}: {odd['detail']}")
    say()


def shown(name: str, value: object) -> object:
    """Write a field for a person: times to the minute, codes as words."""
    if not isinstance(value, str):
        return value
    if name in ("status", "state", "reason"):
        return value.replace("_", " ")
    return minute(value) if name in ("held_until", "last_cancelled_at") else value


def minute(moment: str) -> str:
    """Cut RFC 3339 in UTC to the minute, as in `2026-11-24 13:24Z`."""
    return f"{moment[:16].replace('T', ' ')}Z"


def cut(text: str, longest: int = 40) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"


def history(order_id: OrderId, as_json: Json = False) -> None:
    """Tell what happened to an order, in sentences."""
    from runtime import asking

    with asking.views() as views:
        body = views.history(order_id)
    if body is None:
        fail(f"Not known: {order_id}.", "Its messages may be parked: see `countermand status`.")
    if as_json:
        say_json(body)
        return
    for event in body["events"]:
        when = event["recorded_at"][:19].replace("T", " ")
        say(f"{event['version']:>4}  {when}  {event['sentence']}{happened(event)}")


def happened(event: Body) -> str:
    """When it happened, where that is more than a minute from when we heard of it."""
    happened, heard = event["occurred_at"], event["recorded_at"]
    apart = datetime.fromisoformat(happened) - datetime.fromisoformat(heard)
    return f" (happened {minute(happened)})" if abs(apart) > MINUTE else ""


def cancelled(
    buyer_id: Annotated[str, typer.Argument(metavar="BUYER_ID")],
    limit: Limit = 50,
    cursor: Cursor = None,
    as_json: Json = False,
) -> None:
    """List a buyer's cancelled orders.

    The latest cancellation first.
    """
    from runtime import asking

    with asking.views() as views:
        body = views.cancelled(buyer_id, limit, cursor)
    if as_json:
        say_json(body)
        return
    _list(body, f"Cancelled orders of {buyer_id}", CANCELLED)


def refunds(
    seller: Annotated[str | None, typer.Option(metavar="ID", help="Of one seller only.")] = None,
    state: Annotated[
        str | None, typer.Option("--state", metavar="STATE", help=f"One of {', '.join(STATES)}.")
    ] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
    as_json: Json = False,
) -> None:
    """List refunds and why they wait."""
    if state is not None and state not in STATES:
        fail(f"No refund is ever {state}.", f"Choose from {', '.join(STATES)}.", USED_WRONGLY)
    from runtime import asking

    with asking.views() as views:
        body = views.refunds(seller, state, limit, cursor)
    if as_json:
        say_json(body)
        return
    _list(body, "Refunds", REFUNDS)


CANCELLED = ("order_id", "status", "cancelled", "requested", "refuse_delivery", "last_cancelled_at")
REFUNDS = ("order_id", "amount", "currency", "state", "reason", "held_until", "refund_id")


def _list(body: Body, title: str, columns: tuple[str, ...]) -> None:
    """Print the one list of a body, and how to see the rest of it."""
    rows = next(value for value in body.values() if isinstance(value, list))
    rows = [{name: shown(name, row.get(name)) for name in columns} for row in rows]
    if not rows:
        say(f"{title}: none.")
        return
    heads = [name.replace("_", " ") for name in columns]
    table(title, heads, (list(row.values()) for row in rows))
    if body.get("next"):
        say(f"More: --cursor {body['next']}")
