"""For operators and auditors: `rebuild`, `dead-letters`, `audit`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from runtime.cli_answers import (
    NO,
    USED_WRONGLY,
    Json,
    fail,
    progress,
    say,
    say_json,
    say_json_line,
    table,
)
from runtime.cli_views import Cursor, Limit

if TYPE_CHECKING:
    from audit.replay import Difference

LetterIds = Annotated[list[int], typer.Argument(metavar="ID")]
LetterId = Annotated[int, typer.Argument(metavar="ID", min=1)]

dead_letters = typer.Typer(no_args_is_help=True, help="Messages that could not be taken.")
audit = typer.Typer(no_args_is_help=True, help="What can be proved.")


def add_to(app: typer.Typer) -> None:
    app.command()(rebuild)
    audit.command()(replay)
    for later in (verify, export, explain):
        audit.command()(later)
    dead_letters.command("list")(list_letters)
    dead_letters.command()(show)
    for verb in (retry, drop):
        dead_letters.command()(verb)
    app.add_typer(audit, name="audit")
    app.add_typer(dead_letters, name="dead-letters")


def rebuild(
    projections: Annotated[list[str] | None, typer.Argument(metavar="PROJECTION")] = None,
    as_json: Json = False,
) -> None:
    """Make the read models again from the events, then swap them.

    They are made beside the live ones, which answer until the swap, and all together: they
    share one position in the log.
    """
    from projections.rebuild import PROJECTIONS
    from runtime import service, settings

    for name in projections or []:
        if name not in PROJECTIONS:
            fail(f"There is no view {name}.", f"There are {', '.join(PROJECTIONS)}.", USED_WRONGLY)
    with progress("rebuilding", None) as bar:
        done = service.rebuild(settings.load(), bar.at)
    if as_json:
        say_json({"projections": PROJECTIONS, **done._asdict()})
    else:
        say(
            f"Rebuilt {', '.join(PROJECTIONS)}: {done.orders:,} orders from {done.events:,} events."
        )


def replay(as_json: Json = False) -> None:
    """Fold the whole log again and compare every order with the views, row by row.

    Exit code 1 when there are differences; each names its order and event.
    """
    from msgspec import structs

    from runtime import service, settings

    found = 0
    with (
        progress("replaying", None) as bar,
        service.replay(settings.load(), bar.at) as replayed,
    ):
        for one in replayed.differences():
            found += 1
            say_json_line(structs.asdict(one)) if as_json else say(_words(one))
    if as_json:
        say_json_line({"events": replayed.events, "orders": replayed.orders, "differences": found})
    else:
        folded = f"{replayed.events:,} events of {replayed.orders:,} orders folded again"
        say(f"{folded}: {f'{found:,} differences' if found else 'the views say the same'}.")
    if found:
        raise typer.Exit(NO)


def _words(one: Difference) -> str:
    since = f" since version {one.version}, {one.event}" if one.version else ""
    return f"{one.order_id}: {one.view}.{one.field} is {one.found!r}, not {one.expected!r}{since}"


def _not_yet(name: str) -> None:
    fail(
        f"`audit {name}` is not built yet.",
        "`audit replay` proves the views, `history` tells an order's story.",
        USED_WRONGLY,
    )


def verify() -> None:
    """Not built yet: prove that nothing was changed, dropped or reordered."""
    _not_yet("verify")


def export() -> None:
    """Not built yet: hand the log and its proof to somebody else."""
    _not_yet("export")


def explain() -> None:
    """Not built yet: say why an amount is what it is."""
    _not_yet("explain")


def list_letters(
    state: Annotated[
        str,
        typer.Option("--state", metavar="STATE", help="open, retried, dropped, resolved or all."),
    ] = "open",
    limit: Limit = 50,
    cursor: Cursor = None,
    as_json: Json = False,
) -> None:
    """List dead letters: what was wrong, in which field, and of which order."""
    from runtime import letters

    if state not in letters.STATES:
        fail(f"No letter is {state}.", f"Choose from {', '.join(letters.STATES)}.", USED_WRONGLY)
    with letters.opened() as box:
        body = box.listed(None if state == "all" else state, limit, cursor)
    if as_json:
        say_json(body)
        return
    rows = body["dead_letters"]
    if not rows:
        say("Dead letters: none.")
        return
    columns = ("dead_letter_id", "order_id", "type", "rule", "field", "detail")
    heads = [name.replace("_", " ") for name in columns]
    table("Dead letters", heads, ([row[name] for name in columns] for row in rows))
    if body["next"]:
        say(f"More: --cursor {body['next']}")


def show(letter_id: LetterId, as_json: Json = False) -> None:
    """Show one dead letter: its bytes, headers, where it came from, and the reason."""
    from runtime import letters

    with letters.opened() as box:
        row = box.one(letter_id)
    if as_json:
        say_json(row)
        return
    for name, value in row.items():
        if value is not None:
            say(f"{name.replace('_', ' ')}: {value}")


def retry(letter_ids: LetterIds, as_json: Json = False) -> None:
    """Hear dead letters again, now that what was wrong with them is mended."""
    _each(letter_ids, "retry", as_json=as_json)


def drop(
    letter_ids: LetterIds,
    reason: Annotated[
        str | None,
        typer.Option(metavar="TEXT", help="Why, 300 characters at most; kept with the letter."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Set dead letters down for good: they are kept, with why, and no longer open."""
    _each(letter_ids, "drop", as_json=as_json, reason=_reason(reason))


def _reason(said: str | None) -> str | None:
    from pydantic import TypeAdapter, ValidationError

    from consumers.fields import ReasonText

    try:
        return TypeAdapter[str | None](ReasonText | None).validate_python(said)
    except ValidationError:
        fail("--reason must be 1 to 300 printable characters.", "Say it shorter.", USED_WRONGLY)


def _each(letter_ids: list[int], verb: str, *, as_json: bool, **said: str | None) -> None:
    from runtime import letters

    dead = False
    with letters.opened() as box:
        for letter_id in letter_ids:
            outcome = getattr(box, verb)(letter_id, **said)
            dead = dead or outcome == "dead"
            answer = {"dead_letter_id": letter_id, "outcome": outcome}
            say_json_line(answer) if as_json else say(f"{letter_id}: {outcome}")
    if dead:
        fail("A letter is as dead as before.", "`dead-letters show ID` says why.")
