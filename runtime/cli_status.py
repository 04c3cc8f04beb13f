"""`status` and `settings`: is all well, and how is it set up."""

from __future__ import annotations

from typing import Annotated

import typer

from runtime.cli_answers import NO, Json, say, say_json, table, warn


def add_to(app: typer.Typer) -> None:
    app.command()(status)
    app.command()(settings)


def status(
    wait: Annotated[
        bool, typer.Option(help="Return when all that is in the topics and the log was read.")
    ] = False,
    timeout: Annotated[float, typer.Option(help="Seconds to wait at most.", min=0)] = 60.0,
    as_json: Json = False,
) -> None:
    """Say where everybody stands, and whether all is well.

    Positions, lag, parked messages, dead letters, the views' delay.

    Exit code 0 only when all is well: nothing waits to be read, no dead letter is open, no
    partition has stopped. Parked messages are shown, and are no fault.
    """
    from runtime import settings as configured
    from runtime import standing

    loaded = configured.load()
    found = standing.look(loaded, wait=timeout if wait else None)
    if as_json:
        say_json(found.as_json())
    else:
        _show(found.as_json())
    for wrong in found.wrong:
        warn(wrong)
    if found.wrong:
        raise typer.Exit(NO)


def _show(found: dict[str, object]) -> None:
    """Print each part of the standing: lists of rows as tables, the rest as lines."""
    for name, value in found.items():
        title = name.replace("_", " ")
        if isinstance(value, list):
            rows = [row for row in value if isinstance(row, dict)]
            if rows:
                table(title, list(rows[0]), (list(row.values()) for row in rows))
        else:
            say(f"{title}: {value}")


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
