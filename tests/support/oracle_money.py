"""What each unit is worth, and which refunds an order lists: asked for, due and held."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from decimal import Decimal

from tests.support.oracle_messages import Json

NO_DECIMALS = set(
    "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split()  # noqa: SIM905
)
THREE_DECIMALS = {"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"}


def decimals_of(currency: str) -> int:
    if currency in NO_DECIMALS:
        return 0
    return 3 if currency in THREE_DECIMALS else 2


def to_minor(amount: str, currency: str) -> int:
    return int(Decimal(amount).scaleb(decimals_of(currency)))


def to_text(minor: int, currency: str) -> str:
    decimals = decimals_of(currency)
    whole, rest = divmod(minor, 10**decimals)
    return f"{whole}.{rest:0{decimals}d}" if decimals else str(whole)


@dataclass(frozen=True)
class Terms:
    """The money of an order, fixed when it is placed, in minor units."""

    line_amounts: dict[str, int]
    fee: int
    paid: int
    total: int


def terms_of(placed: Json) -> Terms | None:
    """Work out the order's money; None: a discount is greater than what it is taken from."""
    currency = placed["currency"]

    def minor(holder: Json, name: str) -> int:
        return to_minor(holder.get(name) or "0", currency)

    lines = placed["lines"]
    bases = [
        minor(line, "unit_price") * line["quantity"] - minor(line, "discount") for line in lines
    ]
    discount = minor(placed, "discount")
    if min(bases) < 0 or discount > sum(bases):
        return None
    amounts = {
        line["line_id"]: base - share + minor(line, "tax")
        for line, base, share in zip(lines, bases, spread(discount, bases), strict=True)
    }
    fee = minor(placed, "shipping_fee") + minor(placed, "shipping_tax")
    total = sum(amounts.values()) + fee
    paid = total if placed.get("paid") is None else minor(placed, "paid")
    return Terms(amounts, fee, paid, total)


def spread(discount: int, bases: list[int]) -> list[int]:
    """Largest remainder, ties by the place in the list."""
    whole = sum(bases)
    if not whole:
        return [0] * len(bases)
    shares = [discount * base // whole for base in bases]
    by_remainder = sorted(range(len(bases)), key=lambda i: (-(discount * bases[i] % whole), i))
    for place in by_remainder[: discount - sum(shares)]:
        shares[place] += 1
    return shares


def worth_of_first(units: int, quantity: int, line_amount: int) -> int:
    """A(i), rounded half up."""
    return (2 * line_amount * units + quantity) // (2 * quantity)


@dataclass(frozen=True)
class Cause:
    """Why money may go back: a cancellation, a return, a decision, or the fee on its own."""

    kind: str
    cause: str
    age: int  # seq of the message
    units: dict[str, int] = field(default_factory=dict)
    held_until: int | None = None  # set where the gate or the maximum hold decides
    fee: int = 0
    decided: tuple[int, int] | None = None  # an amount that a seller set, for so many units

    @property
    def name(self) -> tuple[str, str]:
        return self.kind, self.cause


@dataclass(frozen=True)
class Refund:
    """One refund; once asked for, it stays as it is."""

    refund_id: str
    cause: Cause
    line_amounts: dict[str, int]
    state: str
    held_until: int | None = None
    set_to: int | None = None  # what a seller decided, whatever the units are worth
    seq: int = 0  # the order's version at which it was asked for

    @property
    def amount(self) -> int:
        worth = sum(self.line_amounts.values())
        return (worth if self.set_to is None else self.set_to) + self.cause.fee


@dataclass(frozen=True)
class Purse:
    """All that a listing of refunds depends on."""

    order_id: str
    quantities: dict[str, int]
    terms: Terms
    asked: list[Refund]
    entitled: list[Cause]  # by age
    gate_is_open: bool
    completed_by: Cause | None  # the cause, or a fee of its own, where all is cancelled
    issued: dict[str, int]  # first reported amount by refund id
    placed_elsewhere: set[str]  # unknown refunds that a seller looked at, and let others go on
    now: int


def refund_id_of(order_id: str, cause: Cause, asked: list[Refund]) -> str:
    number = 1 + sum(refund.cause.name == cause.name for refund in asked)
    text = f"{order_id}\n{cause.kind}\n{cause.cause}\n{number}"
    return "r-" + hashlib.sha256(text.encode()).hexdigest()[:32]


def unknown_issued(purse: Purse, listed: Iterable[str]) -> list[str]:
    """Issued refunds that are neither asked for nor listed."""
    known = {*(refund.refund_id for refund in purse.asked), *listed}
    return [refund_id for refund_id in purse.issued if refund_id not in known]


def list_unasked(purse: Purse) -> list[Refund]:
    """Due and held refunds with their amounts, the shipping fee with one of them or alone."""
    if not purse.terms.paid:
        return []
    due, held = pending_causes(purse)
    if not purse.completed_by or any(refund.cause.fee for refund in purse.asked):
        return price(purse, due, held)
    completer = purse.completed_by.name
    pays = any(refund.cause.name == completer for refund in price(purse, due, held))
    fee = purse.terms.fee
    if pays:
        due = [replace(each, fee=fee) if each.name == completer else each for each in due]
    else:
        alone = Cause("fee", purse.order_id, purse.completed_by.age, fee=fee)
        due = sorted([*due, alone], key=lambda cause: cause.age)
    return price(purse, due, held)


def asked_units(asked: Iterable[Refund], line_id: str) -> int:
    return sum(refund.cause.units.get(line_id, 0) for refund in asked)


def pending_causes(purse: Purse) -> tuple[list[Cause], list[Cause]]:
    """What each cause may still ask for, first what is due, then what is held, less excess."""
    pending = [
        replace(cause, units={line_id: n for line_id, n in still.items() if n > 0})
        for cause in purse.entitled
        for still in [_not_yet_asked(purse, cause)]
    ]
    due = [cause for cause in pending if _may_be_paid(purse, cause)]
    held = [cause for cause in pending if not _may_be_paid(purse, cause)]
    absorbed = _absorb(_excess(purse), due + held)
    by_age = sorted((cause for cause in absorbed if cause.units), key=lambda cause: cause.age)
    return (
        [replace(cause, held_until=None) for cause in by_age if _may_be_paid(purse, cause)],
        [cause for cause in by_age if not _may_be_paid(purse, cause)],
    )


def _not_yet_asked(purse: Purse, cause: Cause) -> dict[str, int]:
    own = [refund for refund in purse.asked if refund.cause.name == cause.name]
    return {line_id: n - asked_units(own, line_id) for line_id, n in cause.units.items()}


def _may_be_paid(purse: Purse, cause: Cause) -> bool:
    return purse.gate_is_open or cause.held_until is None or purse.now >= cause.held_until


def _excess(purse: Purse) -> dict[str, int]:
    """Units by line asked for under causes that are not, or no longer, entitled to them."""
    entitled = {cause.name: cause.units for cause in purse.entitled}
    excess = dict.fromkeys(purse.quantities, 0)
    for name in {refund.cause.name for refund in purse.asked}:
        own = [refund for refund in purse.asked if refund.cause.name == name]
        for line_id in excess:
            may_have = entitled.get(name, {}).get(line_id, 0)
            excess[line_id] += max(0, asked_units(own, line_id) - may_have)
    return excess


def _absorb(excess: dict[str, int], pending: list[Cause]) -> list[Cause]:
    """No second refund, whatever was paid for before; goods that came back give way first."""
    left = []
    for cause in sorted(pending, key=lambda cause: cause.kind != "return"):
        units = {}
        for line_id, n in cause.units.items():
            absorbed = min(n, excess[line_id])
            excess[line_id] -= absorbed
            units[line_id] = n - absorbed
        left.append(replace(cause, units={line_id: n for line_id, n in units.items() if n}))
    return left


def price(purse: Purse, due: list[Cause], held: list[Cause]) -> list[Refund]:
    """Walk along each line's worth: asked for, then due, then held, each by age."""
    refunds = _walk(purse, due, held, spent=money_out(purse))
    unknown = unknown_issued(purse, [refund.refund_id for refund in refunds])
    if not unknown:
        return refunds
    spent = money_out(purse) + sum(purse.issued[refund_id] for refund_id in unknown)
    looked_at = purse.placed_elsewhere.issuperset(unknown)
    return _walk(purse, due, held, spent=spent, may_pay=looked_at)


def _walk(
    purse: Purse, due: list[Cause], held: list[Cause], *, spent: int, may_pay: bool = True
) -> list[Refund]:
    units = {line_id: asked_units(purse.asked, line_id) for line_id in purse.quantities}
    money = {
        line_id: sum(refund.line_amounts.get(line_id, 0) for refund in purse.asked)
        for line_id in purse.quantities
    }
    refunds, postponed = [], []
    for cause in due:
        amounts = _line_amounts(purse, cause, units, money)
        refund = Refund(_id(purse, cause), cause, amounts, "due", set_to=_set_to(purse, cause))
        issued = purse.issued.get(refund.refund_id)
        if issued is None and (not may_pay or spent + refund.amount > purse.terms.paid):
            postponed.append(cause)
            continue
        spent += max(refund.amount, issued or 0)
        _advance(cause, amounts, units, money)
        refunds.append(refund)
    for cause in sorted(postponed + held, key=lambda cause: cause.age):
        amounts = _line_amounts(purse, cause, units, money)
        _advance(cause, amounts, units, money)
        set_to = _set_to(purse, cause)
        refunds.append(Refund(_id(purse, cause), cause, amounts, "held", cause.held_until, set_to))
    return [refund for refund in refunds if refund.amount]


def _id(purse: Purse, cause: Cause) -> str:
    return refund_id_of(purse.order_id, cause, purse.asked)


def _set_to(purse: Purse, cause: Cause) -> int | None:
    """The part of a seller's amount that these units get, after those asked for before."""
    if cause.decided is None:
        return None
    amount, of = cause.decided
    own = [refund for refund in purse.asked if refund.cause.name == cause.name]
    before = sum(sum(refund.cause.units.values()) for refund in own)
    upto = before + sum(cause.units.values())
    return worth_of_first(upto, of, amount) - worth_of_first(before, of, amount)


def money_out(purse: Purse) -> int:
    """Asked for, or issued with more than that."""
    return sum(max(r.amount, purse.issued.get(r.refund_id, 0)) for r in purse.asked)


def _line_amounts(
    purse: Purse, cause: Cause, units: dict[str, int], money: dict[str, int]
) -> dict[str, int]:
    """A(k + n) less all that was counted on the line before; never below nothing."""
    return {
        line_id: max(
            0,
            worth_of_first(
                units[line_id] + n, purse.quantities[line_id], purse.terms.line_amounts[line_id]
            )
            - money[line_id],
        )
        for line_id, n in cause.units.items()
    }


def _advance(
    cause: Cause, amounts: dict[str, int], units: dict[str, int], money: dict[str, int]
) -> None:
    for line_id, n in cause.units.items():
        units[line_id] += n
        money[line_id] += amounts[line_id]
