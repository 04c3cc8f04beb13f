"""What money is due, held (with the reason and the latest date) or at large.

A pure function of the ledger, of what was asked for, and of now. A refund's amount is final once
it is asked for; until then it is worked out anew each time.
"""

from __future__ import annotations

from msgspec.structs import replace

from domain.claims import claims, possible_ids
from domain.events import STILL, Event, OrderPlaced, RefundIssued, RefundRequested
from domain.goods import Goods, goods
from domain.payments import PAYMENT_EVENTS, Payments
from domain.refund_listing import Listing, Moment
from domain.refunds import Money, Policy, Refund

NOTHING = Money((), 0, (), None, ())


def money(
    placed: OrderPlaced, events: tuple[Event, ...], where: Goods, now: int, policy: Policy
) -> Money:
    """List the refunds of an order as they stand at `now` (microseconds)."""
    if not _concerns_money(events, where):
        return NOTHING
    payments = Payments.of(placed, events, _recognised(placed, events, policy))
    return _list_refunds(placed, events, where, payments, Moment(now, policy.maximum_hold))


def _concerns_money(events: tuple[Event, ...], where: Goods) -> bool:
    """Whether anything was cancelled, came back or was paid: most orders just ship."""
    return any(
        line.ledger.cancelled or line.cancelled_by or line.decided_by
        for line in where.lines.values()
    ) or any(type(event) in PAYMENT_EVENTS for event in events)


def _list_refunds(
    placed: OrderPlaced, events: tuple[Event, ...], where: Goods, payments: Payments, at: Moment
) -> Money:
    owed = claims(placed, events, where, payments)
    if not owed and payments.is_empty:
        return NOTHING
    listing = Listing(placed, where, payments, at)
    listing.list_all(owed)
    unknown = listing.unknown
    if unknown and listing.has_due:
        # Money went out that nobody can place: a person has to look before more goes. It is out
        # all the same when a seller has let it pass.
        hold_all = not payments.accepted.issuperset(unknown)
        listing = Listing(placed, where, payments, at, hold_all=hold_all)
        listing.count_as_out(unknown)
        listing.list_all(owed)
    return listing.money()


def recognised(event: RefundIssued, refund: Refund, currency: str) -> RefundIssued | None:
    """The event with what it pays for; none: it paid more than we have heard reasons for.

    Facts come late: the provider may have been asked for more than is listed so far.
    """
    if event.currency == currency and event.amount > refund.amount:
        return None
    return replace(event, listed_amount=refund.amount, covers=refund.covers, fee=refund.fee)


def _recognised(
    placed: OrderPlaced, events: tuple[Event, ...], policy: Policy
) -> dict[str, RefundIssued]:
    """Refunds that were issued before we could list them whole, and were listed since.

    Such a refund counts as asked for from the event on with which it is listed with at least the
    amount that was issued.
    """
    found: dict[str, RefundIssued] = {}
    waiting = _waiting(placed, events)
    if not waiting:
        return found
    first = min(place for place, _ in waiting.values()) + 1
    for end in range(first, len(events) + 1):
        if len(found) == len(waiting):
            break
        if end < len(events) and type(events[end - 1]) in STILL:
            continue
        until_then = events[:end]
        payments = Payments.of(placed, until_then, found)
        at = Moment(until_then[-1].recorded_at, policy.maximum_hold)
        listing = _list_refunds(placed, until_then, goods(placed, until_then), payments, at)
        for refund in listing.refunds:
            place, event = waiting.get(refund.refund_id, (end, None))
            if event is None or place >= end or refund.refund_id in found:
                continue
            known = recognised(event, refund, placed.currency)
            if known is not None:
                found[refund.refund_id] = known
    return found


def _waiting(placed: OrderPlaced, events: tuple[Event, ...]) -> dict[str, tuple[int, RefundIssued]]:
    """Refunds issued before they were listed, with their places, that may be listed some day.

    An id that no cause of this order can have is not looked for: looking costs a fold an event.
    """
    early: dict[str, tuple[int, RefundIssued]] = {}
    known: set[str] = set()
    for place, event in enumerate(events):
        if isinstance(event, RefundIssued):
            known.add(event.refund_id)
            if event.listed_amount is None:
                early.setdefault(event.refund_id, (place, event))
        elif isinstance(event, RefundRequested):
            known.add(event.refund_id)
    if not early:
        return early
    possible = possible_ids(placed.order_id, events, known)
    return {refund: one for refund, one in early.items() if refund in possible}
