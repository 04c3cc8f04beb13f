"""`decide`: a seller decides a case, and is told at once what became of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from runtime.cli_answers import NO, Json, fail, say, say_json

if TYPE_CHECKING:
    from application.deciding import Decided

OUTCOMES = ("refund", "no_refund", "stopped", "not_stopped")


def add_to(app: typer.Typer) -> None:
    app.command()(decide)


def decide(
    order_id: Annotated[str, typer.Argument(metavar="ORDER_ID")],
    line: Annotated[
        str, typer.Option("--line", metavar="LINE_ID", help="The line that it is about.")
    ],
    quantity: Annotated[
        int, typer.Option("--quantity", metavar="NUMBER", help="How many units of it.")
    ],
    outcome: Annotated[
        str, typer.Option("--outcome", metavar="OUTCOME", help=f"One of {', '.join(OUTCOMES)}.")
    ],
    reason: Annotated[
        str,
        typer.Option(
            "--reason", metavar="TEXT", help="Why: a code, or words, which can be erased."
        ),
    ],
    amount: Annotated[
        str | None,
        typer.Option(
            "--amount", metavar="AMOUNT", help="What to refund, such as 12.99. None: their worth."
        ),
    ] = None,
    decision_id: Annotated[
        str | None,
        typer.Option(
            "--decision-id",
            metavar="ID",
            help="Names the decision: the same again changes nothing.",
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Decide a case of an order in the seller's name.

    refund and no_refund are about goods that came back damaged, are missing or lost, or are
    refunded and out. stopped and not_stopped answer in the warehouse's stead.

    Exit code 1 when it was refused: the rule is said, and what can be decided.
    """
    from runtime import deciding

    body: dict[str, Any] = {
        "decision_id": decision_id or deciding.new_id(),
        "line_id": line,
        "quantity": quantity,
        "outcome": outcome,
        "reason": reason,
        "amount": amount,
    }
    made = deciding.decide(order_id, body)
    if as_json:
        say_json(deciding.as_json(order_id, made))
        raise typer.Exit(NO if made.rule else 0)
    if made.rule:
        fail(f"Refused, {made.rule}: {_why(made)}.", _what_can_be(made))
    before = " before" if made.outcome == "repeated" else ""
    say(f"Decided{before}: {quantity} of line {line}, {outcome} ({made.event.decision_id}).")
    say(f"Order {order_id} is at version {made.version}.")


def _why(made: Decided) -> str:
    from domain.wording import broken

    return made.detail or broken(made.rule or "")


def _what_can_be(made: Decided) -> str:
    if not made.still_open:
        return "There is nothing to decide about this order now."
    choices = [
        f"line {one.line_id}: {one.quantity} ({one.what}) as {' or '.join(one.outcomes)}"
        for one in made.still_open
    ]
    return f"What can be decided: {'; '.join(choices)}."
