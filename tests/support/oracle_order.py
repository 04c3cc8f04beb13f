"""One order as the oracle remembers it: what was heard, decided and asked, nothing worked out."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from tests.support.oracle_ledger import (
    Cancellation,
    Decided,
    Ledger,
    Part,
    count_line,
    ledger_of,
    share_out,
)
from tests.support.oracle_messages import Fact, Heard, Json, Key, add_up, standing_facts
from tests.support.oracle_money import (
    Cause,
    Purse,
    Refund,
    Terms,
    list_unasked,
    to_minor,
)


@dataclass
class Order:
    """The log of one order; every question is answered by reading all of it again."""

    placed: Json
    terms: Terms
    version: int = 0
    heard: list[Heard] = field(default_factory=list)
    claimed: dict[Key, Json] = field(default_factory=dict)  # content by (source, id)
    letters: list[Heard] = field(default_factory=list)
    requests: dict[str, list[Json]] = field(default_factory=dict)  # data by cancellation id
    cancellations: list[Cancellation] = field(default_factory=list)
    decisions: list[Decided] = field(default_factory=list)
    answers: dict[str, list[Json]] = field(default_factory=dict)  # decisions said, by their id
    refusals: list[str] = field(default_factory=list)
    asked: list[Refund] = field(default_factory=list)

    @property
    def order_id(self) -> str:
        return str(self.placed["order_id"])

    @property
    def lines(self) -> dict[str, Json]:
        return {line["line_id"]: line for line in self.placed["lines"]}


def as_of(order: Order, seq: int) -> Order:
    """The order as it was with all that was recorded up to this version."""
    return replace(
        order,
        heard=[each for each in order.heard if each.seq <= seq],
        letters=[each for each in order.letters if each.seq <= seq],
        cancellations=[
            replace(each, withdrawn_seq=None) if (each.withdrawn_seq or 0) > seq else each
            for each in order.cancellations
            if each.seq <= seq
        ],
        decisions=[each for each in order.decisions if each.seq <= seq],
        asked=[each for each in order.asked if each.seq <= seq],
    )


def facts_of(order: Order) -> list[Fact]:
    stopped = [fact for each in order.decisions for fact in each.as_facts()]
    return [*standing_facts(order.heard, order.letters), *stopped]


def active(order: Order) -> list[Cancellation]:
    return [each for each in order.cancellations if each.withdrawn_seq is None]


def ledgers_of(order: Order) -> dict[str, Ledger]:
    facts, cancellations = facts_of(order), active(order)
    return {
        line_id: ledger_of(count_line(line, facts, cancellations))
        for line_id, line in order.lines.items()
    }


def parts_of(order: Order) -> dict[str, dict[str, Part]]:
    """By line: what became of the units of each cancellation."""
    facts, cancellations = facts_of(order), active(order)
    return {
        line_id: share_out(ledger, line_id, facts, cancellations)
        for line_id, ledger in ledgers_of(order).items()
    }


def nothing_to_ship(order: Order) -> bool:
    return not any(ledger.to_ship for ledger in ledgers_of(order).values())


def everything_is_cancelled(order: Order) -> bool:
    return all(ledger.cancelled == ledger.counts.ordered for ledger in ledgers_of(order).values())


def issued_amounts(order: Order) -> dict[str, int]:
    """The first reported amount of each issued refund, in minor units."""
    currency = order.placed["currency"]
    amounts: dict[str, int] = {}
    for each in order.heard:
        data = each.message["data"]
        if each.type == "RefundIssued":
            same = data["currency"] == currency  # another currency cannot be added up
            amounts.setdefault(data["refund_id"], to_minor(data["amount"], currency) * same)
    return amounts


def placed_elsewhere(order: Order) -> set[str]:
    """Refunds issued before a seller looked at what did not fit, and let others go on."""
    looked = [each.seq for each in order.decisions if each.odd and each.outcome == "refund"]
    return set(issued_amounts(as_of(order, max(looked, default=0))))


def failed_refunds(order: Order) -> set[str]:
    return {
        each.message["data"]["refund_id"] for each in order.heard if each.type == "RefundFailed"
    }


def entitled_causes(order: Order, max_hold: int) -> list[Cause]:
    """Every cause with the units it is worth now, by age."""
    by_line = parts_of(order)
    causes = [
        Cause(
            "cancellation",
            each.cancellation_id,
            each.seq,
            {line_id: parts[each.cancellation_id].succeeded for line_id, parts in by_line.items()},
            held_until=each.recorded_at + max_hold,
        )
        for each in active(order)
    ]
    others = [*returned_causes(order), *decided_causes(order)]
    return sorted([*causes, *others], key=lambda cause: cause.age)


def returned_causes(order: Order) -> list[Cause]:
    """Good units of each return fill the crossed ones, in the order they were recorded."""
    room = {line_id: ledger.crossed for line_id, ledger in ledgers_of(order).items()}
    causes = []
    for fact in facts_of(order):
        if fact.type == "ReturnedToWarehouse":
            good = add_up(fact.data["items"], "good")
            units = {line_id: min(good.get(line_id, 0), left) for line_id, left in room.items()}
            room = {line_id: left - units[line_id] for line_id, left in room.items()}
            causes.append(Cause("return", "\n".join(fact.key), fact.seq, units))
    return causes


def decided_causes(order: Order) -> list[Cause]:
    """What decisions entitle to: never a unit that entitles by itself, or one twice."""
    ledgers = ledgers_of(order)
    unwanted = {line: each.crossed - each.back_good for line, each in ledgers.items()}
    others = {
        line: each.counts.ordered - each.crossed - each.succeeded for line, each in ledgers.items()
    }
    causes = []
    for each in order.decisions:
        if each.outcome != "refund":
            continue
        line, units = each.line_id, 0
        for room, wanted in ((unwanted, each.unwanted), (others, each.others)):
            taken = min(room[line], wanted)
            room[line] -= taken
            units += taken
        decided = None if each.amount is None else (each.amount, each.unwanted + each.others)
        cause = Cause("decision", each.decision_id, each.seq, {line: units}, decided=decided)
        causes.append(cause)
    return causes


def completed_by(order: Order) -> Cause | None:
    """The cause of the message that completed "everything cancelled", where it is so now."""
    if not order.terms.fee or not everything_is_cancelled(order):
        return None
    seq = order.version
    while everything_is_cancelled(as_of(order, seq - 1)):
        seq -= 1
    for decision in order.decisions:
        if decision.seq == seq:
            return Cause("cancellation", next(iter(decision.confirms), ""), seq)
    return cause_of_message(next(each for each in order.heard if each.seq == seq))


def cause_of_message(heard: Heard) -> Cause:
    """The cause whose refund this message itself leads to; most messages lead to none."""
    if heard.type in ("ItemCancelRequested", "CancellationConfirmed"):
        return Cause("cancellation", heard.message["data"]["cancellation_id"], heard.seq)
    if heard.type == "ReturnedToWarehouse":
        return Cause("return", "\n".join(heard.key), heard.seq)
    return Cause("nothing", "", heard.seq)


def purse_of(order: Order, now: int, max_hold: int) -> Purse:
    return Purse(
        order_id=order.order_id,
        quantities={line_id: line["quantity"] for line_id, line in order.lines.items()},
        terms=order.terms,
        asked=order.asked,
        entitled=entitled_causes(order, max_hold),
        gate_is_open=nothing_to_ship(order),
        completed_by=completed_by(order),
        issued=issued_amounts(order),
        placed_elsewhere=placed_elsewhere(order),
        now=now,
    )


def refunds_of(order: Order, now: int, max_hold: int) -> list[Refund]:
    """Every listed refund with its state: those asked for, then due, then held."""
    issued, failed = issued_amounts(order), failed_refunds(order)
    shown = []
    for refund in [*order.asked, *list_unasked(purse_of(order, now, max_hold))]:
        if refund.refund_id in issued:
            shown.append(replace(refund, state="issued", held_until=None))
        elif refund.refund_id in failed and refund.state != "held":
            shown.append(replace(refund, state="failed", held_until=None))
        else:
            shown.append(refund)
    return shown
