"""`simulate`: the messages of a small world, or with --live a world that reacts."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from runtime.cli_answers import USED_WRONGLY, Json, fail, progress, say, say_json, table

LIVE = "With --live"
TOLD = "Without --live"


def _share(of: str) -> Any:  # noqa: ANN401
    return typer.Option(min=0, max=1, metavar="SHARE", help=of)


def add_to(app: typer.Typer) -> None:
    app.command()(simulate)


def simulate(
    ctx: typer.Context,
    to: Annotated[
        str,
        typer.Option(metavar="FILE", help=f"{TOLD}: a file (.gz too), - (the output) or kafka."),
    ] = "-",
    seed: Annotated[
        int, typer.Option(metavar="NUMBER", help="The same seed, the same messages.", min=0)
    ] = 1,
    orders: Annotated[
        int | None,
        typer.Option(metavar="NUMBER", help="End after so many orders; live: 100.", min=0),
    ] = None,
    messages: Annotated[
        int | None, typer.Option(metavar="NUMBER", help="End after so many messages.", min=0)
    ] = None,
    world: Annotated[
        str, typer.Option("--world", metavar="WORLD", help="plausible, faults or bench.")
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
    live: Annotated[
        bool, typer.Option("--live", help="A world of programs that react, on Kafka.")
    ] = False,
    speed: Annotated[
        float,
        typer.Option(metavar="NUMBER", help=f"{LIVE}: how many times faster time goes.", min=1),
    ] = 20_000,
    per_day: Annotated[
        float,
        typer.Option(metavar="NUMBER", help=f"{LIVE}: orders in a day of that time.", min=0.1),
    ] = 150,
    troubles: Annotated[float, _share(f"{LIVE}: every fault there, unless --share names it.")] = 0,
    for_seconds: Annotated[
        float | None,
        typer.Option("--for", metavar="SECONDS", help=f"{LIVE}: end then at the latest.", min=0),
    ] = None,
    patience: Annotated[
        float,
        typer.Option(
            metavar="SECONDS",
            help=f"{LIVE}: end when goods are at rest and nothing was settled for so long.",
            min=0,
        ),
    ] = 30,
    folder: Annotated[
        Path | None,
        typer.Option(
            "--folder", metavar="FOLDER", help=f"{LIVE}: where its programs keep their books."
        ),
    ] = None,
    deadlines: Annotated[
        bool,
        typer.Option(
            "--deadlines",
            help=f"{LIVE}: only print settings that make the service's deadlines as fast.",
        ),
    ] = False,
    as_json: Json = False,
) -> None:
    """Tell the messages of a small world, from a seed.

    An open stream, plausible and with the troubles that real ones have.

    Without --orders and --messages it goes on until Ctrl-C.

    A file has fewer messages than Kafka gets: it has no topics, so the broken copies that are
    only on the wrong topic are left out.

    With --live, buyers, a warehouse, a carrier and a payment provider are programs that talk
    over Kafka only, and react to what a running service publishes. It ends when the life of every
    order has ended. Started again with the same words it goes on where it was.
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
    _check_mode(ctx, live=live)
    if deadlines:
        _print_deadlines(speed)
        return
    if live:
        asked = {"speed": speed, "per_day": per_day, "troubles": troubles}
        _live(seed, orders, asked, shares, for_seconds, patience, folder, as_json=as_json)
        return
    told = telling.world_of(world, seed, orders, shares)
    if orders is None and messages is None and to not in ("-", "kafka"):
        fail("That file would never end.", "Give --orders or --messages.", USED_WRONGLY)
    counts = telling.tell(told, to, most=messages, rate=rate)
    if as_json and to != "-":
        say_json(counts)
    elif to != "-":
        say(f"{counts['sent']:,} messages told to {to}")


OF_THE_LIVE = ("speed", "per_day", "troubles", "for_seconds", "patience", "folder", "deadlines")
OF_THE_TOLD = ("to", "messages", "world", "out_of_order", "broken", "orphans", "rate")


def _check_mode(ctx: typer.Context, *, live: bool) -> None:
    """Refuse an option of the other mode: it would do nothing."""
    for name in OF_THE_TOLD if live else OF_THE_LIVE:
        source = ctx.get_parameter_source(name)
        if source is not None and source.name == "COMMANDLINE":
            option = "--" + name.removesuffix("_seconds").replace("_", "-")
            wrong = "has no meaning with" if live else "needs"
            fail(f"{option} {wrong} --live.", "`simulate --help` tells more.", USED_WRONGLY)


def _print_deadlines(speed: float) -> None:
    from runtime import live, settings

    for line in live.settings_lines(speed, settings.load()):
        say(line)


def _live(
    seed: int,
    orders: int | None,
    asked: dict[str, float],
    shares: dict[str, float],
    for_seconds: float | None,
    patience: float,
    folder: Path | None,
    *,
    as_json: bool,
) -> None:
    from runtime import live, settings

    loaded = settings.load()
    world = live.world_of(seed, 100 if orders is None else orders, asked, shares)
    limits = live.Limits(live.FOREVER if for_seconds is None else for_seconds, patience)
    where = folder or live.default_folder(loaded, world)
    with progress("orders settled", world.orders) as bar:
        found = live.run(world, where, loaded, limits, bar.at)
    if as_json:
        say_json(found)
    else:
        _show(found)


def _show(found: dict[str, Any]) -> None:
    over = "have ended" if found["ended"] else "have not all ended in time"
    say(f"The lives of {found['placed']:,} orders {over}: {found['settled']:,} are settled.")
    if found["waiting"]:
        some = ", ".join(found["waiting"][:5])
        say(f"{len(found['waiting']):,} still wait, such as {some}: `countermand late` says why.")
    table("\nTold", ("message", "number"), found["told"].items())
    if found["faults"]:
        table("\nWhat went wrong", ("fault", "number"), found["faults"].items())
    paid = found["refunds"]
    table("\nRefunds paid, by the provider's books", ("currency", "sum"), paid["sums"].items())
    say(f"{paid['paid']:,} refunds paid, {len(paid['paid_twice'])} of them twice.")


def _others(shares: list[str]) -> dict[str, Any]:
    found = {}
    for text in shares:
        name, _, value = text.partition("=")
        try:
            found[name] = float(value)
        except ValueError:
            fail(f"{text!r} is no share.", "Write NAME=0.1, such as lost=0.1.", USED_WRONGLY)
    return found
