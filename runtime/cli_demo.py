"""`demo` and `simulate`: a small world around the service."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from runtime.cli_answers import USED_WRONGLY, Json, fail, say, say_json


def _share(of: str) -> Any:  # noqa: ANN401
    return typer.Option(min=0, max=1, metavar="SHARE", help=of)


def add_to(app: typer.Typer) -> None:
    app.command()(demo)
    app.command()(simulate)


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

    PostgreSQL, Kafka and each role are processes of their own. Orders are placed, cancelled in
    time or too late, refused at the door and come back.

    On a terminal it stays until Ctrl-C; elsewhere, or with CI set, it ends by itself.
    """
    from runtime import demo as world

    raise typer.Exit(world.run(seed=seed, orders=orders, kafka=kafka))


def simulate(
    to: Annotated[
        str, typer.Option(metavar="FILE", help="A file (.gz too), - (the output) or kafka.")
    ] = "-",
    seed: Annotated[
        int, typer.Option(metavar="NUMBER", help="The same seed, the same messages.", min=0)
    ] = 1,
    orders: Annotated[
        int | None, typer.Option(metavar="NUMBER", help="End after so many orders.", min=0)
    ] = None,
    messages: Annotated[
        int | None, typer.Option(metavar="NUMBER", help="End after so many messages.", min=0)
    ] = None,
    world: Annotated[
        str, typer.Option(metavar="WORLD", help="plausible, faults or bench.")
    ] = "plausible",
    cancel: Annotated[float | None, _share("Of orders: something is cancelled.")] = None,
    crossings: Annotated[float | None, _share("Of those: heard while the warehouse ships.")] = None,
    duplicates: Annotated[float | None, _share("Of messages: sent before.")] = None,
    out_of_order: Annotated[float | None, _share("Of messages: overtaken.")] = None,
    broken: Annotated[float | None, _share("Of messages: a damaged copy beside it.")] = None,
    orphans: Annotated[float | None, _share("Of orders: never placed.")] = None,
    share: Annotated[
        list[str] | None, typer.Option(metavar="NAME=SHARE", help="Any other habit of the world.")
    ] = None,
    rate: Annotated[
        float,
        typer.Option(metavar="NUMBER", help="Messages a second; 0: as fast as may be.", min=0),
    ] = 0,
    as_json: Json = False,
) -> None:
    """Tell the messages of a small world, from a seed.

    An open stream, plausible and with the troubles that real ones have.

    Without --orders and --messages it goes on until Ctrl-C.

    A file has fewer messages than Kafka gets: it has no topics, so the broken copies that are
    only on the wrong topic are left out.
    """
    from runtime import telling

    named = {
        "cancel": cancel,
        "crossings": crossings,
        "duplicates": duplicates,
        "out_of_order": out_of_order,
        "broken": broken,
        "orphans": orphans,
    }
    shares = {name: value for name, value in named.items() if value is not None}
    shares |= _others(share or [])
    told = telling.world_of(world, seed, orders, shares)
    if orders is None and messages is None and to not in ("-", "kafka"):
        fail("That file would never end.", "Give --orders or --messages.", USED_WRONGLY)
    counts = telling.tell(told, to, most=messages, rate=rate)
    if as_json and to != "-":
        say_json(counts)
    elif to != "-":
        say(f"{counts['sent']:,} messages told to {to}")


def _others(shares: list[str]) -> dict[str, Any]:
    found = {}
    for text in shares:
        name, _, value = text.partition("=")
        try:
            found[name] = float(value)
        except ValueError:
            fail(f"{text!r} is no share.", "Write NAME=0.1, such as lost=0.1.", USED_WRONGLY)
    return found
