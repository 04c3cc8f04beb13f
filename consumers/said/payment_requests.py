"""Topic `payment-requests`: what the payment provider is asked to pay."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from consumers.said.parts import Currency, Id, Money, Said


class RefundRequested(Said):
    """Please pay this refund once, and answer RefundIssued or RefundFailed.

    Asked again it has the same `refund_id` and another `attempt`: what was paid is not paid again,
    but answered again.
    """

    refund_id: Id
    amount: Money
    currency: Currency
    attempt: Annotated[int, Field(ge=1)]


ALL = (RefundRequested,)
