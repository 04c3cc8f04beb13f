"""How the command line answers: JSON, tables, and errors that say what to do next."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterable, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from typing_extensions import override

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.progress import Progress

NO = 1
USED_WRONGLY = 2
DEAD_LETTERS = 3
UNAVAILABLE = 69
OUR_FAULT = 70
INTERRUPTED = 130

Json = Annotated[bool, typer.Option("--json", help="Answer in JSON, for programs.")]


class Problem(Exception):
    """What is wrong, what to do next, and the exit code that says so."""

    def __init__(self, what: str, then: str, code: int = NO) -> None:
        super().__init__(what)
        self.what = what
        self.next = then
        self.code = code


def fail(what: str, then: str, code: int = NO) -> NoReturn:
    raise Problem(what, then, code)


def explain(error: Exception) -> Problem:
    """Turn any error into words. Knows the errors of the other rooms only if they were loaded."""
    if isinstance(error, Problem):
        return error
    for module, name, code, then in KNOWN:
        kind = getattr(sys.modules.get(module), name, None)
        if kind is not None and isinstance(error, kind):
            gone = then is DATABASE and _is_embedded()
            return Problem(STOPPED if gone else first_line(error), AGAIN if gone else then, code)
    if isinstance(error, OSError):
        return Problem(first_line(error), "Mend that, then run it again.", NO)
    _show_where(error)
    what = f"This should not happen: {type(error).__name__}: {first_line(error)}"
    return Problem(what, "COUNTERMAND_LOG_LEVEL=debug shows where; please report it.", OUR_FAULT)


DATABASE = "See that PostgreSQL runs and COUNTERMAND_DATABASE_URL is right, then run it again."
STOPPED = "The embedded PostgreSQL stopped."
AGAIN = "Run the command again, it starts a new one; what was recorded stays."
KAFKA = "See that Kafka runs and COUNTERMAND_KAFKA_BOOTSTRAP_SERVERS is right, then run it again."
EMBEDDED = "Mend that, or set COUNTERMAND_DATABASE_URL to a PostgreSQL of yours."
SETTINGS = "Nothing was done. Change that setting, then run it again."
KNOWN = (
    ("runtime.settings", "BadSettings", USED_WRONGLY, "`countermand settings --help` tells more."),
    ("application.event_store", "StoreUnavailable", UNAVAILABLE, DATABASE),
    ("psycopg", "OperationalError", UNAVAILABLE, DATABASE),
    ("application.event_store", "UnsafeSettings", USED_WRONGLY, SETTINGS),
    ("application.event_store", "UnknownStoredName", NO, "Run the version that wrote it."),
    ("application.event_store", "UnreadableEvent", NO, "Restore the log from a backup."),
    ("application.migrations", "MigrationRefused", NO, "Nothing was changed."),
    ("runtime.embedded", "EmbeddedFailed", UNAVAILABLE, EMBEDDED),
    ("consumers.kafka", "KafkaUnavailable", UNAVAILABLE, KAFKA),
    ("consumers.kafka", "KafkaRefused", USED_WRONGLY, "Mend that, then run it again."),
    ("consumers.outside.rules", "BadRules", USED_WRONGLY, "`countermand translate rules` has all."),
    ("web.serving", "CannotBind", USED_WRONGLY, "Set COUNTERMAND_HTTP_BIND to a free address."),
    ("application.deciding", "Overtaken", UNAVAILABLE, "Run it again."),
    ("consumers.intake", "Contended", UNAVAILABLE, "Run it again: what was recorded stays."),
    ("projections.pages", "BadPage", USED_WRONGLY, "`--help` says what there is."),
    (
        "projections.rebuild",
        "RebuildRunning",
        UNAVAILABLE,
        "Nothing was changed. Run it again then.",
    ),
    ("builtins", "UnicodeEncodeError", USED_WRONGLY, "Write it in UTF-8."),
    ("builtins", "TimeoutError", UNAVAILABLE, "Run it again; `countermand status` shows more."),
)
"""Errors of others: module, name, exit code, what to do next."""


def _is_embedded() -> bool:
    """Whether the database is ours to start, so that nobody is asked about a setting of theirs."""
    from runtime import settings

    with suppress(settings.BadSettings):
        return settings.load().database_url is None
    return False


def _show_where(error: BaseException) -> None:
    from traceback import print_exception

    from runtime import settings

    with suppress(settings.BadSettings):
        if settings.load().log_level == "debug":
            print_exception(error)


def first_line(error: BaseException) -> str:
    return first_words(str(error)) or type(error).__name__


def first_words(text: str) -> str:
    """Cut a text to its first line, made harmless."""
    from runtime.escaping import escape

    return escape(next(iter(text.strip().splitlines()), ""))


def warn(*lines: str) -> None:
    """Say it on standard error, where it does not mix with an answer."""
    from runtime.escaping import escape

    for line in lines:
        print(escape(line), file=sys.stderr)


def speak_plainly() -> None:
    """Let a command say what is logged in one line; COUNTERMAND_LOG_LEVEL=debug shows where, too.

    A role of the service configures its own log, with everything in it.
    """
    logging.lastResort = _Plain(logging.WARNING)


class _Plain(logging.Handler):
    @override
    def emit(self, record: logging.LogRecord) -> None:
        # The pool warns of each connection that it tries; the error at the end says it once.
        if not record.name.startswith("psycopg"):
            warn(first_words(record.getMessage()))
            if record.exc_info and record.exc_info[1]:
                _show_where(record.exc_info[1])


def say(line: str = "") -> None:
    print(line)


def say_json(answer: Any) -> None:  # noqa: ANN401
    """One JSON value, readable on a terminal, one line elsewhere."""
    indent = 2 if sys.stdout.isatty() else None
    print(json.dumps(answer, ensure_ascii=False, indent=indent))


def say_json_line(answer: Any) -> None:  # noqa: ANN401
    print(json.dumps(answer, ensure_ascii=False))


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a table; numbers to the right, nothing cut off, control characters escaped."""
    from runtime.escaping import escape

    body = [["" if cell is None else cell for cell in row] for row in rows]
    texts = [[escape(str(cell)) for cell in row] for row in body]
    widths = [max(map(len, column)) for column in zip(columns, *texts, strict=True)]
    right = [
        bool(body) and all(type(cell) is int for cell in column)
        for column in zip(*body, strict=True)
    ]
    right = right or [False] * len(columns)
    if title:
        say(title)
    for cells in ([*columns], *texts):
        aligned = (
            cell.rjust(width) if is_number else cell.ljust(width)
            for cell, width, is_number in zip(cells, widths, right, strict=True)
        )
        say("  ".join(aligned).rstrip())


@contextmanager
def progress(what: str, total: int | None) -> Iterator[Bar]:
    """Show a bar on standard error while something long goes on, if it is a terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TimeRemainingColumn

    screen = Console(stderr=True)
    columns = (what, BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=screen, transient=True, disable=not screen.is_terminal) as bar:
        yield Bar(bar, total)


class Bar:
    """A progress bar: `at(done)` moves it, and `of` may set another total."""

    def __init__(self, shown: Progress, total: int | None) -> None:
        self._shown = shown
        self._task = shown.add_task("", total=total)

    def at(self, done: int, of: int | None = None) -> None:
        if of is None:
            self._shown.update(self._task, completed=done)
        else:
            self._shown.update(self._task, completed=done, total=of)
