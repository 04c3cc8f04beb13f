"""Problem details as shapes: one for each kind that has fields of its own."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from web.shapes.base import LineUnits, Position, Told, Version
from web.shapes.decisions import Open, Refundable

Instance = Annotated[str | None, Field(description="The address, or the id of a fault.")]


class Problem(Told):
    """What is wrong (RFC 9457). The `type` never changes; the words may."""

    type: Annotated[str, Field(examples=["/problems/not-found"])]
    title: str
    status: Annotated[int, Field(ge=400, le=599)]
    detail: str
    instance: Instance = None


class FieldError(Told):
    """A field that breaks a rule."""

    field: Annotated[str, Field(examples=["items[0].quantity"])]
    rule: Annotated[str, Field(examples=["too_small"])]
    detail: Annotated[str, Field(examples=["must be at least 1"])]


class Malformed(Problem):
    """A request that breaks a rule, field by field."""

    type: Literal["/problems/malformed"]
    errors: list[FieldError]


class Refused(Problem):
    """A command was refused by a rule, and nothing was changed; the refusal is recorded."""

    rule: Annotated[str, Field(examples=["already_delivered"])]
    version: Version


class RefusedCommand(Refused):
    """Its answer is kept: the same command gets it again."""

    position: Position


class CancellationRefused(Refused):
    """A cancellation that was refused whole, or would be, and what can be cancelled instead."""

    type: Literal["/problems/cancellation-refused"]
    rule: Annotated[str, Field(examples=["more_than_cancellable"])]
    cancellable: list[LineUnits]
    position: Annotated[Position | None, Field(description="Absent in a preview.")] = None


class WithdrawalRefused(RefusedCommand):
    """A withdrawal that was refused: what has succeeded or crossed stays cancelled."""

    type: Literal["/problems/withdrawal-refused"]


class ConfirmationRefused(RefusedCommand):
    """A confirmation that was refused: there is nothing to confirm."""

    type: Literal["/problems/confirmation-refused"]


class DecisionRefused(RefusedCommand):
    """A decision that was refused, and what can be decided instead."""

    type: Literal["/problems/decision-refused"]
    can_be_decided: list[Open]


class RefundRefused(RefusedCommand, Refundable):
    """A refund by hand that was refused, and what can be refunded instead."""

    type: Literal["/problems/refund-refused"]


class Forbidden(Problem):
    """The caller lacks a right."""

    type: Literal["/problems/forbidden"]
    right: Annotated[str | None, Field(examples=["decide"])] = None


class ProblemKind(Told):
    """A kind of problem, and what to do about it."""

    type: Annotated[str, Field(examples=["/problems/cancellation-refused"])]
    title: str
    status: Annotated[int, Field(ge=400, le=599)]
    then: Annotated[str, Field(examples=["Ask for what `cancellable` says."])]


SHAPES: dict[str, type[Problem]] = {
    "malformed": Malformed,
    "forbidden": Forbidden,
    "cancellation-refused": CancellationRefused,
    "withdrawal-refused": WithdrawalRefused,
    "confirmation-refused": ConfirmationRefused,
    "decision-refused": DecisionRefused,
    "refund-refused": RefundRefused,
}
"""Problems with fields of their own, by name."""
