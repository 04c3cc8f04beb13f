"""`ingest`: messages from a file, the same way in as Kafka."""

from __future__ import annotations

from typing import Annotated

import typer

from runtime.cli_answers import DEAD_LETTERS, Json, progress, say, say_json, warn


def add_to(app: typer.Typer) -> None:
    app.command()(ingest)


def ingest(
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="JSON lines, .gz too; - reads standard input.")
    ],
    as_json: Json = False,
) -> None:
    """Record messages from a file, one CloudEvent a line.

    In structured mode; blank lines are passed over. The same way in as Kafka, and as safe: run
    it again after an interruption, and what was recorded before is only repeated. The views are
    up to date when it returns. What is in an open pipe is recorded within a second.

    The five counts say what became of each line by the end: one that was parked and then
    released counts as what it became. Exit code 3 when there were dead letters; any other than
    0 and 3: not every line was taken care of.
    """
    from runtime import reading, service, settings

    loaded = settings.load()
    with reading.opened(file) as lines, progress("recording", lines.size) as bar:
        counts, position = service.ingest(
            loaded, lines, lambda: bar.at(lines.read), lines.is_silent
        )
    answer = {**counts, "position": str(position)}
    if as_json:
        say_json(answer)
    else:
        say(", ".join(f"{counts[name]:,} {name}" for name in counts))
    if counts["dead"]:
        warn("`countermand dead-letters list` shows why; nothing of them is lost.")
        raise typer.Exit(DEAD_LETTERS)
