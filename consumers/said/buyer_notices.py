"""Topic `buyer-notices`: what a buyer is told, for those who write letters and show messages."""

from __future__ import annotations

from typing import Literal

from consumers.fields import Party
from consumers.said.parts import Code, Currency, Id, Item, Money, Said, Time


class Notice(Said):
    """What every notice says: whom it is for."""

    buyer_id: Id


class CancellationAccepted(Notice):
    """A cancellation was accepted. Its units are not cancelled yet: see CancellationConfirmed."""

    cancellation_id: Id
    requested_by: Party
    reason: Code
    items: list[Item]


class CancellationRefused(Notice):
    """A cancellation was refused whole, by `rule`; `cancellable` is what could be cancelled."""

    cancellation_id: Id
    requested_by: Party
    reason: Code
    rule: Code
    cancellable: list[Item]


class CancellationConfirmed(Notice):
    """These units are cancelled for good."""

    cancellation_id: Id
    items: list[Item]


class RefusalRequested(Notice):
    """Please refuse these parcels at the door: they hold units that are cancelled."""

    shipment_ids: list[Id]
    items: list[Item]


class RefusalWithdrawn(Notice):
    """These parcels need not be refused any more."""

    shipment_ids: list[Id]


class CancellationLapsed(Notice):
    """These units were taken at the door: their cancellation has no effect any more."""

    items: list[Item]


class RefundHeld(Notice):
    """A refund waits for `reason`, until `held_until` at the latest."""

    refund_id: Id
    amount: Money
    currency: Currency
    reason: Code
    held_until: Time | None = None


class RefundIssued(Notice):
    """Money is on its way back."""

    refund_id: Id
    amount: Money
    currency: Currency


class CaseDecided(Notice):
    """The seller decided about units, or a deadline did. No amount: what the units are worth."""

    decision_id: Id
    line_id: Id
    quantity: int
    outcome: Literal["refund", "no_refund", "stopped", "not_stopped"]
    decided_by: Literal["seller", "deadline"]
    currency: Currency
    amount: Money | None = None


ALL = (
    CancellationAccepted,
    CancellationRefused,
    CancellationConfirmed,
    RefusalRequested,
    RefusalWithdrawn,
    CancellationLapsed,
    RefundHeld,
    RefundIssued,
    CaseDecided,
)
