"""The command `countermand`: its frame.

Each command lives in a `cli_*.py` and imports what it needs when it runs, so that `--help`
answers at once.
"""

from __future__ import annotations

import signal
import sys
from types import FrameType
from typing import Annotated, NoReturn

import typer

from runtime import (
    cli_decide,
    cli_demo,
    cli_ingest,
    cli_late,
    cli_operate,
    cli_run,
    cli_schema,
    cli_simulate,
    cli_status,
    cli_translate,
    cli_views,
)
from runtime.cli_answers import INTERRUPTED, explain, speak_plainly, warn

HELP = """Cancelling an order, in time or too late: event-sourced, exactly once.

Messages go in by `ingest` or Kafka, orders decide, the views answer. Settings are environment
variables with the prefix COUNTERMAND_; `countermand settings` lists them.
"""

EXIT_CODES = """Exit codes: 0 done; 1 the answer is no (not found, not well, differences);
2 used wrongly, or not built yet; 3 there were dead letters; 69 a part does not answer (database,
Kafka); 70 a fault of countermand; 130 interrupted."""

app = typer.Typer(
    help=HELP,
    epilog=EXIT_CODES,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for part in (
    cli_demo,
    cli_simulate,
    cli_run,
    cli_ingest,
    cli_translate,
    cli_views,
    cli_late,
    cli_decide,
    cli_status,
    cli_operate,
    cli_schema,
):
    part.add_to(app)


def _version(wanted: bool) -> None:  # typer calls it with the flag
    if wanted:
        from importlib.metadata import version

        print(f"countermand {version('countermand')}")
        raise typer.Exit


@app.callback()
def countermand(
    _version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say which one.")
    ] = False,
) -> None:
    pass


def main() -> None:
    """Run the command line; an error is one line what is wrong and one line what to do next."""
    before = signal.signal(signal.SIGINT, _interrupted)
    speak_plainly()
    try:
        app(prog_name="countermand")
    except Exception as error:  # noqa: BLE001  # the last line of defence against a traceback
        problem = explain(error)
        warn(problem.what, problem.next)
        sys.exit(problem.code)
    finally:
        signal.signal(signal.SIGINT, before)


def _interrupted(_number: int, _frame: FrameType | None) -> NoReturn:
    warn("Interrupted; what was done until now stays.")
    sys.exit(INTERRUPTED)


if __name__ == "__main__":
    main()
