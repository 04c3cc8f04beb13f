"""A seller's decision, from what was asked for to what is answered."""

from __future__ import annotations

from secrets import token_hex
from typing import TYPE_CHECKING, Any

from runtime import settings, wiring
from runtime.cli_answers import USED_WRONGLY, fail

if TYPE_CHECKING:
    from application.deciding import Decided
    from consumers.decisions import CaseDecision


def new_id() -> str:
    """Make a decision id that nobody has used."""
    return f"d-{token_hex(16)}"


def decide(order_id: str, body: dict[str, Any]) -> Decided:
    """Decide at the configured database. Says in two lines what is wrong with the question."""
    from application.deciding import UnknownOrder
    from consumers import decisions
    from consumers.bad_message import Malformed

    try:
        asked = decisions.read(body)
        return _decide(order_id, asked)
    except Malformed as wrong:
        then = "Nothing was decided. `--help` tells more."
        fail(f"{wrong.field} {wrong.detail}.", then, USED_WRONGLY)
    except UnknownOrder:
        then = "Nothing was decided. Its messages may be parked: see `countermand status`."
        fail(f"Not known: {order_id}.", then)


def _decide(order_id: str, asked: CaseDecision) -> Decided:
    from application import deciding
    from consumers import decisions, notes
    from consumers.intake import note_key

    loaded = settings.load()
    with wiring.opened(loaded) as (_, store):
        now, placed = wiring.now(), deciding.order_of(store, order_id).placed
        command, note = decisions.command(asked, placed, now, note_key(store))
        also = [notes.keep([note], now)] if note else []
        return deciding.decide_case(store, order_id, command, wiring.policy(loaded), also)


def as_json(order_id: str, made: Decided) -> dict[str, Any]:
    """Answer programs."""
    return {
        "order_id": order_id,
        "decision_id": made.event.decision_id,
        "outcome": made.outcome,
        "rule": made.rule,
        "detail": made.detail or None,
        "version": made.version,
        "position": str(made.position),
        "can_be_decided": [one._asdict() for one in made.still_open],
    }
