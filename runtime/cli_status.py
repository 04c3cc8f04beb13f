"""`status` and `settings`: is all well, and how is it set up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from runtime.cli_answers import NO, Json, say, say_json, table, warn

if TYPE_CHECKING:
    from runtime.standing import Found


def add_to(app: typer.Typer) -> None:
    app.command()(status)
    app.command()(settings)


def status(
    wait: Annotated[
        bool,
        typer.Option("--wait", help="Return when all that is in the topics and the log was read."),
    ] = False,
    timeout: Annotated[
        float, typer.Option(metavar="SECONDS", help="How long to wait at most.", min=0)
    ] = 60.0,
    alive: Annotated[
        bool, typer.Option("--alive", help="Ask only whether the parts answer (health checks).")
    ] = False,
    as_json: Json = False,
) -> None:
    """Say where everybody stands, and whether all is well.

    Positions, lag, parked messages, dead letters, the followers' delay, open late cancellations.
    A follower is shown where it has ever run.

    Exit code 0 only when all is well: nothing waits to be read, no dead letter is open, no
    partition has stopped, no deadline that has passed waits for somebody to fire it. Parked
    messages, and cancellations that wait or are overdue, are shown and are no fault.
    """
    from runtime import settings as configured
    from runtime import standing

    loaded = configured.load()
    if alive:
        standing.answers(loaded)
        say_json({"alive": True}) if as_json else say("The parts answer.")
        return
    found = standing.look(loaded, wait=timeout if wait else None)
    if as_json:
        say_json(found.as_json())
    else:
        _show(found)
    for wrong in found.wrong:
        warn(wrong)
    if found.wrong:
        raise typer.Exit(NO)


def _show(found: Found) -> None:
    """Say it line by line, the good news first."""
    if not found.wrong:
        say("All is well.")
    say(f"log: position {found.position}")
    for one in found.followers:
        late = f", for {one['delay_seconds']} s" if one["behind"] else ""
        say(f"{one['name']}: position {one['position']}, {one['behind']} behind{late}")
    if found.partitions:
        table("", list(found.partitions[0]), (list(row.values()) for row in found.partitions))
    say("late cancellations: {open} waits open, {overdue} overdue".format(**found.cases))
    say(f"parked: {found.parked} messages whose order is not known yet")
    letters = ", ".join(f"{number} {state}" for state, number in found.dead_letters.items())
    say(f"dead letters: {letters or 'none'}")
    for topic, number in found.other_keys.items():
        say(f"{topic}: {number} taken under another key than their order's id")


def settings(as_json: Json = False) -> None:
    """List every setting, its default and its reason.

    Settings are environment variables, or lines of a `.env` file in the working folder.
    Secrets are masked.
    """
    from runtime import settings as configured

    rows = list(configured.listed(configured.load()))
    unknown = configured.unknown_names()
    if as_json:
        say_json({"settings": [row._asdict() for row in rows], "unknown": unknown})
    else:
        for row in rows:
            say(f"{row.name}={'' if row.value is None else row.value}")
            unit = f" [{row.unit}]" if row.unit else ""
            changed = "" if row.value == row.default else f" (default: {row.default or 'absent'})"
            say(f"    {row.reason}{unit}{changed}")
    for name in unknown:
        warn(f"{name} is no setting; see the list for how it is spelled.")
