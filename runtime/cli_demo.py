"""`demo`: the service on real parts, and a small world around it."""

from __future__ import annotations

from typing import Annotated

import typer


def add_to(app: typer.Typer) -> None:
    app.command()(demo)


def demo(
    seed: Annotated[
        int, typer.Option(metavar="NUMBER", help="Another seed, another world.", min=0)
    ] = 39,
    orders: Annotated[
        int, typer.Option(metavar="NUMBER", help="How many orders are placed.", min=1, max=5000)
    ] = 40,
    kafka: Annotated[bool, typer.Option(help="With a real broker, or by file.")] = True,
) -> None:
    """Show the service on real parts, with a small world around it.

    PostgreSQL, Kafka and each role are processes of their own, and so are the buyers, the
    warehouse, the carrier and the payment provider. Orders are placed, cancelled in time or too
    late, refused at the door, come back, and are paid back. What gets stuck becomes a case.

    On a terminal it stays until Ctrl-C; elsewhere, or with CI set, it ends by itself.
    """
    from runtime import demo as world

    raise typer.Exit(world.run(seed=seed, orders=orders, kafka=kafka))
