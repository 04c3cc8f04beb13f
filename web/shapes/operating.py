"""For operators: what waits, what could not be taken, and where everybody stands."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from consumers.fields import ReasonText
from web.shapes.base import Asked, Id, Moment, Next, Position, Told, Units

Outcome = Literal["recorded", "repeated", "refused", "parked", "dead"]
LetterState = Literal["open", "retried", "dropped", "resolved"]


class ParkedMessage(Told):
    """A message whose order is not known yet."""

    parked_id: int
    order_id: Id
    source: str
    message_id: str
    type: str
    channel: str | None
    topic: str | None
    partition: int | None
    offset: int | None
    received_at: Moment


class Parked(Told):
    """A page of them, in the order in which they came."""

    parked: list[ParkedMessage]
    next: Next


class DeadLetter(Told):
    """A message that could not be taken, and why."""

    dead_letter_id: int
    received_at: Moment
    topic: str | None
    partition: int | None
    offset: int | None
    rule: str
    field: str | None
    detail: str | None
    order_id: str | None
    source: str | None
    message_id: str | None
    type: str | None
    state: LetterState
    state_at: Moment | None
    attempts: Units
    drop_reason: Annotated[str | None, Field(description="Why it was dropped, if somebody said.")]


class WholeLetter(DeadLetter):
    """With what it holds."""

    key: str | None
    headers: Annotated[
        list[list[str | None]], Field(description="Name and value of each, as they came.")
    ]
    value: Annotated[str | None, Field(description="What is no UTF-8 is marked.")]
    value_base64: Annotated[str | None, Field(description="Exactly as it came.")]


class DeadLetters(Told):
    """A page of them, by their numbers."""

    dead_letters: list[DeadLetter]
    next: Next


class Dropping(Asked):
    """Why nothing more is to be done about a dead letter; nothing has to be said."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"reason": "sent again under a new id"}, {}]}
    )

    reason: Annotated[
        ReasonText | None, Field(description="Kept with the letter. Say nothing of persons.")
    ] = None


class Closed(Told):
    """What became of a dead letter."""

    dead_letter_id: int
    outcome: Annotated[
        Outcome | Literal["dropped"],
        Field(description="`dead`: it could not be taken again, and stays open."),
    ]
    state: LetterState
    position: Position


class Follower(Told):
    """Who reads the log, and how far behind."""

    name: str
    position: str
    behind: Units
    delay_seconds: float


class Partition(Told):
    """A partition of an inbound topic."""

    topic: str
    partition: int
    position: int | None
    end: int
    lag: Units
    stopped: str | None


class Standing(Told):
    """Where everybody stands. `wrong` has a sentence for each thing that is not well."""

    well: bool
    position: str
    followers: list[Follower]
    partitions: list[Partition]
    cases: dict[str, int]
    parked: Units
    dead_letters: dict[str, int]
    other_keys: Annotated[
        dict[str, int],
        Field(description="Records taken under another key than their order's id, by topic."),
    ]
    wrong: list[str]


class MessageProblem(Told):
    """What is wrong with a message."""

    field: str
    rule: str
    detail: str


class Taken(Told):
    """What became of a message."""

    outcome: Outcome
    position: Position
    problem: MessageProblem | None = None


class CloudEvent(Told):
    """A message of the contract, in structured mode. docs/messages.md has all types."""

    specversion: Literal["1.0"]
    id: Annotated[str, Field(min_length=1, max_length=256)]
    source: Annotated[str, Field(min_length=1, max_length=256)]
    type: Annotated[str, Field(examples=["OrderPlaced"])]
    subject: Id
    time: Moment
    data: dict[str, Any]


class Health(Told):
    """That it is well."""

    status: Annotated[str, Field(examples=["ready"])]
