"""`translate`: what warehouses and carriers send, said in the words of the contract."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from runtime.cli_answers import DEAD_LETTERS, Json, say, warn

if TYPE_CHECKING:
    from consumers.outside.rules import Rules
    from consumers.outside.said import Bad, Translated

translate = typer.Typer(
    no_args_is_help=True, help="Say in the contract's words what others send in theirs."
)

File = Annotated[
    str,
    typer.Argument(
        metavar="FILE", help="A JSON document, or one a line; .gz too; - reads standard input."
    ),
]
RulesFile = Annotated[
    Path | None,
    typer.Option(
        "--rules", metavar="FILE", help="Rules in TOML; else those of COUNTERMAND_ADAPTER_RULES."
    ),
]


def add_to(app: typer.Typer) -> None:
    translate.command()(epcis)
    translate.command()(carrier)
    translate.command()(rules)
    app.add_typer(translate, name="translate")


def epcis(file: File, rules_file: RulesFile = None, as_json: Json = False) -> None:
    """Translate GS1 EPCIS 2.0 documents, or captures of single events.

    Messages go to standard output, one a line, ready for `countermand ingest -`; what cannot be
    said goes to standard error, with its reason, and so does the count at the end. Exit code 3
    when there was any. Events know of each other within the file; the role translate of
    `countermand run` remembers more.
    """
    from consumers.epcis import translate as one_document
    from consumers.outside.memory import Remembered

    told, memory = _rules(rules_file).epcis, Remembered()
    _translate(file, lambda document: one_document(document, told, memory), as_json=as_json)


def carrier(file: File, rules_file: RulesFile = None, as_json: Json = False) -> None:
    """Translate carriers' statuses: AfterShip's webhooks and lists, or others by rules.

    Output and exit codes as of `translate epcis`. A failed attempt is no rejection: it says
    nothing.
    """
    from consumers.carriers import translate as one_document

    told = _rules(rules_file).carrier
    _translate(file, lambda document: one_document(document, told), as_json=as_json)


def rules() -> None:
    """Print the rules that hold where a file of yours says nothing else, with explanations."""
    from consumers.outside.rules import default_text

    say(default_text().rstrip())


def _rules(file: Path | None) -> Rules:
    from consumers.outside.rules import load
    from runtime import settings

    return load(file or settings.load().adapter_rules)


def _translate(file: str, one: Callable[[bytes], Translated], *, as_json: bool) -> None:
    from consumers.outside.bounded import MAX_DOCUMENT_BYTES
    from runtime import reading
    from runtime.documents import documents

    counts: Counter[str] = Counter()
    by_type: Counter[str] = Counter()
    out = sys.stdout.buffer
    with reading.opened(file, MAX_DOCUMENT_BYTES) as lines:
        for document in documents(lines, MAX_DOCUMENT_BYTES):
            counts["documents"] += 1
            found = one(document)
            for message in found.messages:
                out.write(message.value + b"\n")
                by_type[message.type] += 1
            out.flush()
            for bad in found.bad:
                _warn(bad, counts["documents"], as_json=as_json)
            counts["messages"] += len(found.messages)
            counts["ignored"] += found.ignored
            counts["dead"] += len(found.bad)
    _sum_up(counts, by_type, as_json=as_json)


def _warn(bad: Bad, document: int, *, as_json: bool) -> None:
    import json

    left = bad.left
    if as_json:
        told = {
            "document": document,
            "field": bad.field,
            "rule": bad.rule,
            "detail": bad.detail,
            "order_id": left.order_id,
            "id": left.message_id,
        }
        print(json.dumps(told), file=sys.stderr)
        return
    named = ", ".join(filter(None, (left.message_id, left.order_id and f"order {left.order_id}")))
    which = f"document {document}: {bad.field}: {bad.detail} ({bad.rule})"
    warn(f"{which}; {named}" if named else which)


def _sum_up(counts: Counter[str], by_type: Counter[str], *, as_json: bool) -> None:
    import json

    names = ("documents", "messages", "ignored", "dead")
    if as_json:
        told = {name: counts[name] for name in names} | {"by_type": dict(sorted(by_type.items()))}
        print(json.dumps(told), file=sys.stderr)
    else:
        warn(", ".join(f"{counts[name]:,} {name}" for name in names))
    if counts["dead"]:
        raise typer.Exit(DEAD_LETTERS)
